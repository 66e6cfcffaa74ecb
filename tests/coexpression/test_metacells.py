"""Averages of similar cells, and what is scored over them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grn_core.coexpression import score_pairs
from grn_core.coexpression.metacells import FEWEST, averaged, averaging_seconds
from grn_core.errors import RequestError
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


@given(st.integers(10, 10_000), st.integers(2, 2_000), st.integers(2, 50))
def test_averaging_costs_nothing_or_more_with_more_cells(n_cells, n_genes, size):
    assert averaging_seconds(n_cells, n_genes, 1) == 0
    assert 0 < averaging_seconds(n_cells, n_genes, size) < averaging_seconds(2 * n_cells, n_genes, size)


def test_more_cells_than_there_are_cannot_be_averaged():
    values = np.random.default_rng(0).random((60, 5))
    with pytest.raises(RequestError, match="1,000 cells are to be averaged together, of 60"):
        averaged(values, 1000)
