"""A table in groups of rows: the file that pandas writes, and groups that follow the ranks."""

from __future__ import annotations

import io

import numpy as np
import pytest
from pyarrow import parquet

from grn_core.networks import GeneNames, edge_table, read_edges, row_groups, write_edges
from grn_core.networks.edge_table import DIRECTED


def some_edges(n_genes: int = 16, *, directed: bool = True):
    """All pairs of some genes, many of them tied."""
    genes = GeneNames.plain([f"GENE{(7 * number) % n_genes:02d}" for number in range(n_genes)])
    source, target = np.nonzero(~np.eye(n_genes, dtype=bool))
    score = np.round(np.random.default_rng(0).normal(size=len(source)), 1)
    return edge_table(source, target, score, genes=genes, probability=score / 9, directed=directed)


@pytest.mark.parametrize(
    "rows", [7, 240, *(pytest.param(one, marks=pytest.mark.thorough) for one in (1, 100, 239, 241))]
)
@pytest.mark.parametrize("directed", [True, False])
def test_a_table_in_groups_is_what_pandas_writes(tmp_path, monkeypatch, rows, directed):
    monkeypatch.setattr(row_groups, "ROWS_OF_GROUP", rows)
    edges = some_edges(directed=directed)
    write_edges(edges, tmp_path / "edges.parquet")
    wanted = io.BytesIO()
    edges.to_parquet(wanted, index=False, row_group_size=rows)
    assert (tmp_path / "edges.parquet").read_bytes() == wanted.getvalue()
    again = read_edges(tmp_path / "edges.parquet")
    assert again.equals(edges)
    assert again.attrs == {DIRECTED: directed}


def test_groups_follow_the_ranks_and_say_of_which_they_are(tmp_path, monkeypatch):
    monkeypatch.setattr(row_groups, "ROWS_OF_GROUP", 100)
    write_edges(some_edges(), tmp_path / "edges.parquet")
    told = parquet.ParquetFile(tmp_path / "edges.parquet").metadata
    place = told.schema.names.index("rank")
    seen = [told.row_group(group).column(place).statistics for group in range(told.num_row_groups)]
    assert [(one.min, one.max) for one in seen] == [(1 + n, min(100 + n, 240)) for n in range(0, 240, 100)]
