"""Averages of similar cells, and what is scored over them."""

from __future__ import annotations

from threading import Event

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import KMeans

from grn_core.coexpression import score_pairs
from grn_core.coexpression.metacells import FEWEST, averaged, averaging_seconds
from grn_core.costs import cost_of_coexpression, reference_speed
from grn_core.costs.foretell import Size
from grn_core.errors import Cancelled, RequestError
from tests.coexpression.toy import GENES, SOURCES, planted


@settings(max_examples=10)
@given(st.integers(1, 80), st.integers(1, 120), st.integers(0, 99))
def test_averages_are_of_the_cells_and_never_too_few(n_cells, size, seed):
    size = min(size, n_cells)
    values = np.random.default_rng(seed).gamma(2.0, 1.0, size=(n_cells, 6))
    found = averaged(values, size)
    assert min(n_cells, FEWEST) <= len(found) <= n_cells
    assert (found >= values.min(0) - 1e-12).all()
    assert (found <= values.max(0) + 1e-12).all()
    assert np.array_equal(found, averaged(values, size))
    if size == 1:
        assert np.array_equal(found, values)


def test_cells_that_are_alike_are_averaged_together():
    kinds = np.random.default_rng(0).gamma(2.0, 3.0, size=(12, 5))
    cells = np.repeat(kinds, 10, axis=0)
    found = averaged(np.random.default_rng(1).permutation(cells), 10)
    assert np.allclose(found[np.lexsort(found.T)], kinds[np.lexsort(kinds.T)])


@pytest.mark.parametrize("method", ["pearson", "spearman"])
def test_the_order_of_cells_and_genes_changes_no_score_and_one_cell_for_itself_is_the_default(method):
    values = planted(n_cells=120)
    known = score_pairs(values, GENES, SOURCES, method=method, options={"pooled": 10})
    draw = np.random.default_rng(0)
    cells, genes = draw.permutation(len(values)), draw.permutation(len(GENES))
    place = {old: new for new, old in enumerate(genes)}
    other = score_pairs(
        values[cells][:, genes],
        [GENES[one] for one in genes],
        [place[one] for one in SOURCES],
        method=method,
        options={"pooled": 10},
    )
    assert np.array_equal(other, known[:, genes])
    alone = score_pairs(values, GENES, SOURCES, method=method)
    assert np.array_equal(alone, score_pairs(values, GENES, SOURCES, method=method, options={"pooled": 1}))
    assert not np.array_equal(alone, known)
    assert np.isfinite(known).all()


@pytest.mark.parametrize("method", ["pearson", "spearman"])
def test_looking_for_similar_cells_can_be_cancelled(method, monkeypatch):
    """The step itself cannot be stopped: who waits for it can go."""
    over = Event()
    monkeypatch.setattr(
        KMeans, "fit_predict", lambda self, values: np.zeros(len(values), dtype=np.int32) * over.wait(9)
    )
    told = []

    def cancel(*step: object) -> None:
        told.append(step)
        if len(told) > 4:
            message = "enough"
            raise Cancelled(message)

    with pytest.raises(Cancelled):
        score_pairs(planted(n_cells=60), GENES, SOURCES, method=method, options={"pooled": 5}, progress=cancel)
    over.set()


@pytest.mark.parametrize("method", ["pearson", "spearman"])
def test_groups_of_similar_cells_are_kept_and_are_those_of_the_same_cells(method, tmp_path, monkeypatch):
    values, other = planted(n_cells=60), planted(n_cells=60)[::-1] + 0.5

    def scores(cells, size=5):
        return score_pairs(cells, GENES, SOURCES, method=method, options={"pooled": size}, folder=tmp_path)

    first = scores(values)
    sought = []
    usual = KMeans.fit_predict
    monkeypatch.setattr(KMeans, "fit_predict", lambda self, *given: sought.append(self) or usual(self, *given))
    assert np.array_equal(scores(values), first)
    assert np.array_equal(scores(values[::-1]), first), "the order of cells asks nothing else"
    assert sought == []
    scores(other)
    scores(values, size=6)
    assert len(sought) == 2
    for path in tmp_path.iterdir():
        path.write_bytes(path.read_bytes()[:-1])
    assert np.array_equal(scores(values), first), "what is damaged is sought again"
    assert len(sought) == 3


@pytest.mark.parametrize("method", ["pearson", "spearman"])
def test_averaging_is_foretold_to_hold_more(method):
    size, speed = Size(n_sources=10, n_genes=1_000, n_cells=100_000, n_values=10**8), reference_speed()
    alone, pooled = (cost_of_coexpression(method, size, speed, options={"pooled": n}).memory for n in (1, 10))
    assert pooled - alone >= 2 * 8 * size.n_cells * size.n_genes


@given(st.integers(10, 10_000), st.integers(2, 2_000), st.integers(2, 50))
def test_averaging_costs_nothing_or_more_with_more_cells(n_cells, n_genes, size):
    assert averaging_seconds(n_cells, n_genes, 1) == 0
    assert 0 < averaging_seconds(n_cells, n_genes, size) < averaging_seconds(2 * n_cells, n_genes, size)


def test_more_cells_than_there_are_cannot_be_averaged():
    values = np.random.default_rng(0).random((60, 5))
    with pytest.raises(RequestError, match="1,000 cells are to be averaged together, of 60"):
        averaged(values, 1000)
