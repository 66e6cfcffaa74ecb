"""Work on a dataset and its panel: expression of the panel, parts on disk, edges with the user's names, the cost."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import grn_core as grn
from grn_core.coexpression import infer, run, score_pairs, shown_cells
from grn_core.coexpression.genie3 import TARGETS_AT_ONCE
from grn_core.datasets import expression
from grn_core.errors import Cancelled, DataError, GeneError
from tests.coexpression.toy import few_trees
from tests.datasets.helpers import cells, counts, saved


@pytest.fixture(scope="module")
def wide():
    """Correlated genes, more of them than one part holds."""
    draw = np.random.default_rng(4)
    values = draw.normal(size=(40, 5)) @ draw.normal(size=(5, 45)) + 0.3 * draw.normal(size=(40, 45))
    return values, tuple(f"G{place:02d}" for place in range(45)), (3, 10, 20, 41)


class Stop:
    """A listener that cancels once `done` targets are finished, and remembers what it heard."""

    def __init__(self, at=None):
        self.at, self.heard = at, []

    def __call__(self, _stage, done, total):
        self.heard.append((done, total))
        if self.at is not None and done >= self.at:
            message = "cancelled"
            raise Cancelled(message)


@pytest.mark.parametrize("method", [pytest.param("genie3", marks=pytest.mark.thorough), "genie3-extra-trees"])
def test_cancelled_work_goes_on_from_its_finished_parts(wide, tmp_path, method):
    values, genes, sources = wide
    options = {"method": method, "options": few_trees(method), "seed": 3}
    whole = score_pairs(values, genes, sources, **options)
    with pytest.raises(Cancelled):
        score_pairs(values, genes, sources, folder=tmp_path, progress=Stop(TARGETS_AT_ONCE + 5), **options)
    assert len(list(tmp_path.glob("*.npy"))) == 1
    second = Stop()
    found = score_pairs(values, genes, sources, folder=tmp_path, progress=second, **options)
    np.testing.assert_array_equal(found, whole)
    assert second.heard[0] == (TARGETS_AT_ONCE, 45)
    assert second.heard[-1] == (45, 45)
    assert [done for done, _ in second.heard] == sorted(done for done, _ in second.heard)


def test_parts_of_other_work_and_damaged_ones_are_not_taken(wide, tmp_path):
    values, genes, sources = wide
    options = {"method": "genie3-extra-trees", "options": {"trees": 3}, "folder": tmp_path}
    score_pairs(values, genes, sources, seed=0, **options)
    parts = sorted(tmp_path.glob("*.npy"))
    other = score_pairs(values, genes, sources, seed=1, **options)
    del options["folder"]
    np.testing.assert_array_equal(other, score_pairs(values, genes, sources, seed=1, **options))
    parts[0].write_bytes(parts[0].read_bytes()[:100])
    again = score_pairs(values, genes, sources, seed=0, folder=tmp_path, **options)
    np.testing.assert_array_equal(again, score_pairs(values, genes, sources, seed=0, **options))


@pytest.fixture(scope="module")
def boolean():
    data = grn.demo("GSD")
    return data, data.panel()


def test_expression_is_that_of_the_panels_genes_in_its_order(boolean):
    data, panel = boolean
    values = expression(data, panel)
    assert values.shape == (data.n_cells, len(panel.genes))
    np.testing.assert_allclose(np.asarray(values.mean(axis=0)).ravel(), panel.mean, rtol=1e-5)
    few = np.arange(data.n_cells) < 50
    np.testing.assert_array_equal(expression(data, panel, few).toarray(), values[few].toarray())


def test_names_that_share_a_symbol_are_summed_before_the_logarithm(tmp_path):
    counted = counts(3, n_cells=12)
    names = ("SPI1", "GATA1", "gata1")  # the second and the third are one gene
    data = grn.read(saved(cells(counted, names), tmp_path))
    panel = data.panel(n_variable=2, tfs=("SPI1",))
    scaled = 1e4 * counted / counted.sum(axis=1, keepdims=True)
    wanted = np.log1p(np.column_stack([scaled[:, 1:].sum(axis=1), scaled[:, 0]]))
    assert panel.genes == ("GATA1", "SPI1")
    np.testing.assert_allclose(expression(data, panel).toarray(), wanted, rtol=1e-5)


def test_expression_refuses_what_does_not_fit(boolean):
    data, panel = boolean
    with pytest.raises(DataError, match=f"needed: {data.n_cells} values"):
        expression(data, panel, np.ones(3, dtype=bool))
    other = grn.demo("pbmc68k").panel(n_variable=20)
    with pytest.raises(GeneError, match="of the panel are not in the data"):
        expression(data, other)


def test_edges_bear_the_users_names_and_are_those_of_the_bare_method(boolean):
    data, panel = boolean
    edges = infer(data, panel, method="spearman")
    bare = run(expression(data, panel), panel.genes, panel.sources, method="spearman")
    assert edges["score"].tolist() == bare["score"].tolist()
    assert set(edges["source"]) == set(panel.source_names)
    assert "probability" not in edges
    label = dict(zip(panel.genes, panel.labels, strict=True))
    assert edges["target"].tolist() == [label[gene] for gene in bare["target"]]


def test_shown_cells_are_all_of_few_and_a_fixed_draw_of_many(boolean, monkeypatch):
    data, panel = boolean
    values = expression(data, panel)
    monkeypatch.setattr("grn_core.coexpression.job.SHOWN_CELLS", values.shape[0])
    np.testing.assert_array_equal(shown_cells(values), values.toarray().T)
    monkeypatch.setattr("grn_core.coexpression.job.SHOWN_CELLS", 30)
    few = shown_cells(values)
    assert few.shape == (len(panel.genes), 30)
    np.testing.assert_array_equal(few, shown_cells(values))
    assert set(map(tuple, few.T)) <= set(map(tuple, values.toarray()))


def test_the_demo_ranks_the_same_twice():
    data = grn.demo("pbmc68k")
    panel = data.panel(n_variable=60, tfs=("SPI1", "IRF8", "CEBPB"))
    pd.testing.assert_frame_equal(infer(data, panel, method="grnboost2"), infer(data, panel, method="grnboost2"))
