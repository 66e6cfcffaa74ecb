"""Co-expression added to scores: the sum that was measured, in cells as users have them."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import grn_core as grn
from grn_core.coexpression import InCells
from grn_core.coexpression.added import METHOD, WEIGHT, added, strengths
from grn_core.datasets import expression
from grn_core.errors import DataError, RequestError
from grn_core.networks import COLUMNS
from grn_core.planning import plan
from grn_core.runs import InferRequest, jobs
from grn_core.runs.kinds.panel import GENES_ONLY
from grn_core.translator.calibration import NO_COEXPRESSION
from scripts.measure_own_cells import correlation
from tests.datasets.helpers import MOUSE, cells, counts, saved

MOUSE_IDS = {"Spi1": "ENSMUSG00000002111", "Cebpa": "ENSMUSG00000034957", "Gata1": "ENSMUSG00000031162"}
ASKED = {"dataset_ref": "GSD", "dataset_sha": "a" * 64}


def mouse(folder, *, still=(), n_cells=24):
    """Cells of a mouse, some genes by their Ensembl ids, half of the molecules lost; genes of `still` never vary."""
    values = counts(len(MOUSE), n_cells=n_cells) * np.random.default_rng(1).integers(0, 2, (n_cells, len(MOUSE)))
    values[:, 0] += 1
    values[:, [MOUSE.index(gene) for gene in still]] = 0
    names = [MOUSE_IDS.get(gene, gene) for gene in MOUSE]
    return grn.read(saved(cells(values, names), folder))


def test_the_sum_by_hand():
    even, odd = np.log(3), 0.5 * np.log(3)
    assert added(np.zeros(3), np.array([0.9, 0.0, 0.4]), weight=1.0) == pytest.approx([even, -even, 0])
    assert added(np.array([1.0, 2.0, 3.0]), np.array([0.9, 0.0, 0.4])) == pytest.approx([1 + odd, 2 - odd, 3])
    assert added(np.array([1.0, 2.0, 3.0]), np.full(3, 0.2)).tolist() == [1, 2, 3], "nothing tells them apart"
    with pytest.raises(DataError, match="3 scores and 2 measured pairs"):
        added(np.zeros(3), np.zeros(2))


@given(st.lists(st.tuples(st.floats(-9, 9), st.floats(0, 1)), min_size=1, max_size=20), st.randoms())
def test_the_order_of_pairs_changes_nothing_and_only_ranks_count(pairs, shuffle):
    score, strength = np.array(pairs).T
    total, order = added(score, strength), list(range(len(pairs)))
    shuffle.shuffle(order)
    assert added(score[order], strength[order]).tolist() == total[order].tolist()
    assert added(score, strength, weight=0.0).tolist() == score.tolist()
    assert added(score, strength * 3 + 1) == pytest.approx(total) or len(set(strength)) > len(set(strength * 3 + 1))


def test_what_is_added_is_the_correlation_that_was_measured(tmp_path):
    data = mouse(tmp_path)
    panel = data.panel()
    found = strengths(panel, InCells(data))
    whole = correlation(expression(data, panel).toarray().astype(float))[list(panel.sources)]
    whole[np.arange(len(panel.sources)), panel.sources] = 0.0
    np.testing.assert_allclose(found, whole, atol=1e-6)


def test_genes_that_never_vary_are_named_and_rank_last(tmp_path):
    data, told = mouse(tmp_path, still=("Cd14",)), []
    panel = data.panel(genes=[MOUSE_IDS.get(gene, gene) for gene in MOUSE])
    found = strengths(panel, InCells(data), note=told.append)
    place = panel.labels.index("Cd14")
    assert not found[:, place].any()
    assert [text[: text.index(":")] for text in told] == ["1 gene is the same in all chosen cells (Cd14)"]
    total = np.full(found.shape, np.inf)
    total[found >= 0] = added(np.zeros(found.size), found.ravel())
    assert (total.min(axis=1) == total[:, place]).all()


def network(panel, **options) -> pd.DataFrame:
    return grn.infer(panel, model="compact", device="cpu", **options).set_index(["source", "target"])


def test_a_network_with_co_expression_is_the_generic_one_and_what_is_added(tmp_path):
    data = mouse(tmp_path)
    panel = data.panel()
    generic, both = network(panel), network(panel, coexpression=data)
    assert [*both.reset_index().columns] == [one for one in COLUMNS if one not in ("probability", "sign_agreement")]
    assert NO_COEXPRESSION in both.attrs["notes"]
    generic = generic.loc[both.index]
    place = {label: number for number, label in enumerate(panel.labels)}
    rows = {panel.labels[position]: row for row, position in enumerate(panel.sources)}
    strength = strengths(panel, InCells(data))
    own = np.array([strength[rows[source], place[target]] for source, target in both.index])
    np.testing.assert_allclose(both["score"], added(generic["score"].to_numpy(), own), atol=1e-6)
    assert (both["score"] != generic["score"]).any()
    part = network(panel, coexpression=InCells(data, np.arange(data.n_cells) % 2 == 0))
    assert not part["score"].equals(both["score"].loc[part.index])


def test_too_few_cells_are_refused_in_words(tmp_path):
    data = mouse(tmp_path)
    panel, two = data.panel(), np.arange(data.n_cells) < 2
    with pytest.raises(DataError, match="there are 2 cells; needed: at least 10 cells"):
        network(panel, coexpression=InCells(data, two))
    with pytest.raises(DataError, match="2 of 24 cells are chosen"):
        data.panel(cells=two)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"background": "context"}, "beside the background context; needed: the background virtual"),
        ({"has_cells": False}, "without a dataset; needed: measured cells"),
    ],
)
def test_it_is_added_to_the_generic_cell_and_in_cells_alone(asked, words):
    with pytest.raises(RequestError, match=words):
        plan("compact", with_coexpression=True, **asked)


def test_a_request_says_it_and_one_without_it_is_the_request_of_before():
    plain, both = InferRequest(**ASKED), InferRequest(**ASKED, with_coexpression=True)
    assert not plain.reads_cells
    assert both.reads_cells
    assert not both.scores_as(both), "the same pair has another score beside other pairs"
    older = {name: value for name, value in plain.to_json().items() if name != "with_coexpression"}
    assert InferRequest.from_json(older).run_id() == plain.run_id() != both.run_id()
    assert both.hashes() == plain.hashes() | {"added": f"{METHOD} {WEIGHT}"}
    assert InferRequest.from_json(json.loads(json.dumps(both.to_json()))) == both
    assert both.plan().with_coexpression
    assert [one for one in jobs.job_kind("infer").stages_of(both) if one not in jobs.job_kind("infer").stages_of(plain)]
    with pytest.raises(RequestError, match="beside the background"):
        InferRequest(**ASKED, with_coexpression=True, background="context")
    with pytest.raises(RequestError, match="without a dataset"):
        InferRequest(dataset_ref=GENES_ONLY, genes=("SPI1", "LYZ"), with_coexpression=True)
