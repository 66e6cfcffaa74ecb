"""Cells that are copies of others are said; cells that only look alike are not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from grn_core.datasets import large, read
from grn_core.datasets.copies import FEWEST_GENES, n_copies
from grn_core.datasets.report import report
from grn_core.genes import human_symbols

SYMBOLS = ("SPI1", "IRF8", *sorted(human_symbols())[:78])


def counts_of(seed, n_cells, n_genes=80, mean=3.0):
    return np.random.default_rng(seed).poisson(mean, (n_cells, n_genes)).astype(np.float32)


@given(st.integers(0, 2**32 - 1), st.lists(st.integers(0, 9), max_size=20))
def test_each_cell_that_was_there_before_is_counted_wherever_it_stands(seed, again):
    cells = counts_of(seed, 10)
    order = np.random.default_rng(seed).permutation(10 + len(again))
    matrix = sparse.csr_matrix(np.concatenate([cells, cells[again]])[order])
    assert n_copies(matrix) == len(again)


def test_blocks_change_nothing_and_cells_of_few_genes_are_no_copies(monkeypatch):
    cells = counts_of(1, 30)
    few = np.zeros((20, 80), dtype=np.float32)
    few[:, : FEWEST_GENES - 1] = 1
    matrix = sparse.csr_matrix(np.concatenate([cells, few, cells[:7]]))
    assert n_copies(matrix) == 7
    monkeypatch.setattr(large, "LARGE", 100)
    monkeypatch.setattr(large, "BLOCK", 200)
    assert len(list(large.blocks(matrix))) > 5
    assert n_copies(matrix) == 7


@pytest.mark.parametrize(("again", "said"), [(0, False), (1, False), (30, True)])
def test_a_file_that_holds_its_cells_twice_is_doubted(tmp_path, again, said):
    cells = counts_of(2, 60)
    names = [f"c{number}" for number in range(60 + again)]
    table = pd.DataFrame(np.concatenate([cells, cells[:again]]).astype(int), index=names, columns=list(SYMBOLS))
    table.to_csv(path := tmp_path / "cells.csv")
    found = read(path)
    doubt = f"{again} of the {60 + again} cells are exact copies of others: whatever is counted over cells is too sure."
    assert (doubt in found.reading.doubts) is said
    assert (doubt in report(found, SYMBOLS, model="toy").why) is said
