"""Which tables are long, a line for each cell and gene, and which only look so."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from grn_core.datasets import read
from grn_core.datasets.formats.long_table import widened
from grn_core.datasets.formats.table import Table
from grn_core.errors import DataError
from grn_core.genes import human_symbols
from tests.datasets.helpers import read_here, table

GENES = sorted(human_symbols())[:300]


def lines(genes, others, values) -> Table:
    matrix = sparse.csr_matrix(np.asarray(values, dtype=np.float32)[:, None])
    return Table(list(genes), ["value"], matrix, {"other": list(others)})


@pytest.mark.parametrize("filled", [0.2, 1.0])
def test_a_long_table_is_the_table_that_it_means(filled):
    rng = np.random.default_rng(0)
    whole = rng.integers(1, 9, size=(20, 300)) * (rng.random((20, 300)) < filled)
    cell, gene = np.nonzero(whole)
    table, notes = widened(lines([GENES[one] for one in gene], [f"cell {one}" for one in cell], whole[cell, gene]))
    assert len(notes) == 1
    place = {name: number for number, name in enumerate(table.columns)}
    there = np.flatnonzero(whole.any(axis=0))
    found = table.matrix.toarray()[:, [place[GENES[one]] for one in there]]
    assert np.array_equal(found[np.argsort([int(name.split()[1]) for name in table.rows])], whole[:, there])


def test_a_long_table_may_have_more_lines_than_there_may_be_cells(tmp_path, monkeypatch):
    monkeypatch.setattr("grn_core.datasets.readers.dataset_of", read_here)
    monkeypatch.setattr("grn_core.datasets.formats.rows.MOST_GENES", 50)
    monkeypatch.setenv("GRN_MAX_CELLS", "50")
    frame = table().rename_axis("cell").reset_index().melt("cell", var_name="gene", value_name="count")
    frame.to_csv(tmp_path / "long.csv", index=False)
    assert len(frame) > 100
    found = read(tmp_path / "long.csv")
    assert (found.n_cells, found.n_genes) == table().shape
    monkeypatch.setattr("grn_core.datasets.formats.rows.LINES_OF_LONG", 2)
    with pytest.raises(DataError, match=r"a line for each cell and gene, and more than 100 of them"):
        read(tmp_path / "long.csv")


def test_the_chromosome_of_a_gene_is_no_cell():
    """Bulk values with an annotation: a few genes stand on two chromosomes, and none of it is a cell."""
    names = [*GENES, *GENES[:12]]
    where = [f"chr{number % 22 + 1}" for number in range(300)] + ["chrY"] * 12
    table = lines(names, where, np.ones(312))
    assert widened(table) == (table, [])
