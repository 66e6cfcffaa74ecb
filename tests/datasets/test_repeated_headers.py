"""Columns of one name, or of none, in every reader of tables: refused, or said in words; none is read for another."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from grn_core.benchmark.perturbed.tables import read_table
from grn_core.datasets import read
from grn_core.datasets.formats.table import told_apart
from grn_core.datasets.gene_lists import names_in
from grn_core.errors import DataError
from grn_core.experiments.tables import read_measured
from grn_core.networks.imports import imported, read_network
from tests.datasets.helpers import HUMAN, N_CELLS, table

pytestmark = pytest.mark.usefixtures("in_this_process")

EDGES = [["SPI1", "CD3D", "0.9", "0.1"], ["GATA1", "LYZ", "0.8", "0.2"], ["CEBPA", "NKG7", "0.7", "0.3"]]


def written(folder, head, rows, *, form="tsv"):
    path = folder / f"table.{form}"
    if form == "xlsx":
        pd.DataFrame(rows).set_axis(head, axis=1).to_excel(path, index=False)
    else:
        path.write_text("".join("\t".join(line) + "\n" for line in [head, *rows]))
    return path


@pytest.mark.parametrize("form", ["tsv", "xlsx"])
@pytest.mark.parametrize(
    ("head", "places"),
    [
        (["tf", "target", "score", "score"], "0123"),
        (["tf", "target", "score", " Score "], "0123"),
        (["tf", "target", "score", "score.1"], "0123"),
        (["tf", "target", "target", "score"], "0102"),
        (["Gene", "Gene", "weight"], "012"),
        (["Gene", "Gene.1", "weight"], "012"),
        (["source", "target", "score", "sign", "rank", "percentile", "score"], "0122223"),
    ],
)
def test_a_network_whose_columns_share_a_name_is_refused(tmp_path, head, places, form):
    rows = [[line[int(place)] for place in places] for line in EDGES]
    with pytest.raises(DataError, match=r"2 columns are called alike: '\w+', '.*'"):
        read_network(written(tmp_path, head, rows, form=form))


def test_columns_that_are_not_read_may_share_a_name_or_have_none(tmp_path):
    head, rows = ["tf", "target", "score", "note", "note", ""], [[*line[:3], "x", "y", "z"] for line in EDGES]
    edges = read_network(written(tmp_path, head, rows))
    assert edges["score"].tolist() == [0.9, 0.8, 0.7]
    head, rows = ["tf", "target", "score", "score"], [[*line[:3], line[2]] for line in EDGES]
    assert read_network(written(tmp_path, head, rows))["score"].tolist() == [0.9, 0.8, 0.7], "they say the same"
    head, rows = ["tf", "target", ""], [line[:3] for line in EDGES]
    assert any("column 3, without a name" in note for note in imported(written(tmp_path, head, rows)).notes)


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_white_space_and_a_mark_before_a_header_are_no_part_of_it(tmp_path, mark):
    path = tmp_path / "edges.csv"
    path.write_text(f"{mark} tf , target , score \nSPI1,CD3D,0.9\nGATA1,LYZ,0.8\n", encoding="utf-8")
    assert read_network(path)["score"].tolist() == [0.9, 0.8]
    path.write_text(f"{mark} gene , logFC \nSPI1,0.9\n", encoding="utf-8")
    assert read_measured(path)[["gene", "change"]].to_numpy().tolist() == [["SPI1", 0.9]]
    assert names_in(f"{mark}gene\nSPI1\nGATA1\n") == ("SPI1", "GATA1")


@pytest.mark.parametrize(
    "head",
    [
        ["gene", "logFC", "logFC"],
        ["gene", "logFC", "logFC.1"],
        ["Gene", "gene", "logFC"],
        ["Gene", "Gene.1", "logFC"],
        ["gene", "ko_logFC", "ko_logFC.1"],
    ],
)
def test_a_measurement_whose_columns_share_a_name_is_refused(tmp_path, head):
    with pytest.raises(DataError, match="2 columns for one thing"):
        read_measured(written(tmp_path, head, [["1", "2", "3"]]))


@pytest.mark.parametrize("head", [["tf", "target", "target"], ["tf", "gene", "gene.1"]])
def test_a_perturbation_whose_columns_share_a_name_is_refused(tmp_path, head):
    with pytest.raises(DataError, match="2 columns for one thing"):
        read_table(written(tmp_path, head, [["SPI1", "CD3D", "LYZ"]]))


def test_a_delimiter_at_the_end_of_each_line_moves_no_column(tmp_path):
    path = tmp_path / "changes.csv"
    path.write_text("gene,logFC\nSPI1,0.9,\nGATA1,-1,\n")
    assert read_measured(path)[["gene", "change"]].to_numpy().tolist() == [["SPI1", 0.9], ["GATA1", -1.0]]


def test_a_header_of_two_columns_of_genes_is_no_gene():
    lines = "gene\tgene\nSPI1\tCD3D\nGATA1\tLYZ\nCEBPA\tNKG7\n"
    assert "gene" not in names_in(lines)
    assert {"SPI1", "CD3D"} <= set(names_in(lines))


@pytest.mark.parametrize("form", ["csv", "parquet", "xlsx"])
def test_labels_of_cells_that_share_a_name_are_all_kept_and_said(tmp_path, form):
    frame, first, second = table(), ["a", "b"] * (N_CELLS // 2), ["u", "v", "w"] * (N_CELLS // 3)
    frame = pd.concat([frame, pd.DataFrame({"kind": first, "other": second}, index=frame.index)], axis=1)
    frame = frame.set_axis([*frame.columns[:-1], "kind"], axis=1)
    path = tmp_path / f"cells.{form}"
    if form == "parquet":
        import pyarrow as pa
        import pyarrow.parquet

        named = [pa.array(frame.index), *(pa.array(frame.iloc[:, place]) for place in range(frame.shape[1]))]
        pyarrow.parquet.write_table(pa.table(named, names=["cell", *frame.columns]), path)
    else:
        (frame.to_csv if form == "csv" else frame.to_excel)(path)
    dataset = read(path)
    assert dataset.genes == HUMAN
    assert dataset.column("kind").tolist() == first
    assert dataset.column("kind.1").tolist() == second
    assert any("Several columns are called 'kind'" in note for note in dataset.notes)


def test_a_gene_without_a_name_is_left_out_and_a_label_without_one_is_called_so(tmp_path):
    frame = table()
    values = np.arange(N_CELLS, dtype=float)
    frame = pd.concat([frame, pd.DataFrame({"": values, " ": ["a", "b"] * (N_CELLS // 2)}, index=frame.index)], axis=1)
    frame.to_csv(tmp_path / "cells.csv")
    dataset = read(tmp_path / "cells.csv")
    assert dataset.genes == HUMAN
    assert [(one.name, one.reason) for one in dataset.left_out] == [("", "without a name")]
    assert dataset.column("unnamed").nunique() == 2
    assert told_apart(["", "a", "a", ""])[0] == ["unnamed", "a", "a.1", "unnamed.1"]
