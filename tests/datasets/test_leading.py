"""What stands around the values of a table changes neither genes nor values, and is said."""

from __future__ import annotations

import io

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grn_core.datasets import read
from grn_core.datasets.formats.leading import Leading, leading_of
from grn_core.errors import DataError, HoldsNetworkError
from tests.datasets.helpers import HUMAN, N_CELLS, read_here, table

CONDITIONS = ["control", "treated"] * (N_CELLS // 2)
SAME_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
TITLES = ("Supplementary Table 3. Raw counts of blood", "Date: 2020-01-01", "Smith et al., 2021")


@pytest.fixture(autouse=True)
def read_in_this_process(monkeypatch):
    monkeypatch.setattr("grn_core.datasets.readers.dataset_of", read_here)


def lines_of(*, delimiter=",", corner="", in_rows=True):
    frame = table().T if in_rows else table()
    return frame.to_csv(sep=delimiter, index_label=corner).splitlines()


def read_lines(folder, lines, name="a.csv"):
    (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read(folder / name)


def same(dataset):
    assert dataset.genes == HUMAN
    np.testing.assert_array_equal(dataset.matrix.toarray(), table().to_numpy())


@SAME_FOLDER
@given(data=st.data(), delimiter=st.sampled_from(",\t;"), in_rows=st.booleans())
def test_titles_labels_and_remarks_change_no_value(tmp_path, data, delimiter, in_rows):
    corner = data.draw(st.sampled_from(["", "name"]))
    lines = lines_of(delimiter=delimiter, corner=corner, in_rows=in_rows)
    width = lines[0].count(delimiter)
    titles = data.draw(st.lists(st.sampled_from(TITLES), max_size=3))
    padded = [f'"{one}"' + delimiter * data.draw(st.sampled_from([0, width])) for one in titles]
    blank = [""] * data.draw(st.integers(0, 2))
    words = (CONDITIONS if in_rows else ["protein"] * len(HUMAN))[:width]
    label = [delimiter.join(["condition", *words])] * data.draw(st.integers(0, 1))
    head = [lines[0], *label] if data.draw(st.booleans()) else [*label, lines[0]]
    below = data.draw(st.sampled_from([[], ["", "Note: counts of two donors"]]))
    dataset = read_lines(tmp_path, [*padded, *blank, *head, *lines[1:], *below])
    same(dataset)
    said = " ".join(dataset.notes)
    assert (titles == []) == ("above the header" not in said)
    assert (below == []) == ("below the values" not in said)
    if label and in_rows:
        assert list(dataset.obs["condition"]) == CONDITIONS
    elif label:
        assert "condition" in [one.name for one in dataset.left_out]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([["", "a", "b"], ["SPI1", "1", "2"], ["GATA1", "3", "0"]], Leading()),
        ([["", "0", "1"], ["SPI1", "1", "2"], ["GATA1", "3", "0"]], Leading()),
        ([["T"], ["", "a", "b"], ["SPI1", "1", "2"], ["GATA1", "3", "0"]], Leading(1, 2, (0,))),
        ([["", "0", "1"], ["kind", "x", "y"], ["SPI1", "1", "2"], ["GATA1", "3", "0"]], Leading(0, 2, (), (1,))),
        ([["kind", "x", "x"], ["", "a", "b"], ["SPI1", "1", "2"], ["GATA1", "3", "0"]], Leading(1, 2, (), (0,))),
        ([["", "a", "b"], ["gene", "", ""], ["SPI1", "1", "2"], ["GATA1", "3", "0"]], Leading(0, 2)),
        ([["", "a", "b"], ["SPI1", "1", "2"], ["JUN", "x", "y"], ["GATA1", "3", "0"]], Leading()),
        ([["", "a", "b"], ["SPI1", "", ""], ["GATA1", "3", "0"], ["JUN", "1", "2"]], Leading()),
        ([["TF", "target"], ["SPI1", "CD14"]], Leading()),
        ([["T"], ["TF", "target"], ["SPI1", "CD14"]], Leading(1, 2, (0,))),
        ([["a"]], Leading()),
    ],
)
def test_which_lines_stand_above_the_values(rows, told):
    assert leading_of(rows) == told


def test_a_label_without_a_name_is_called_by_its_line_and_one_of_numbers_is_a_figure(tmp_path):
    lines = lines_of()
    unnamed = read_lines(tmp_path, [lines[0], "," + ",".join(CONDITIONS), *lines[1:]])
    assert list(unnamed.obs["line 2"]) == CONDITIONS
    numbers = read_lines(tmp_path, [lines[0], "cluster," + ",".join("01" * 6), *lines[1:]], "b.csv")
    same(numbers)
    assert list(numbers.obs["cluster"]) == [0, 1] * 6


def test_a_gene_whose_values_are_words_or_missing_is_no_line_above(tmp_path):
    lines = lines_of()
    for bad in ("SPI1," + ",".join(["low"] * N_CELLS), "GATA1" + "," * N_CELLS):
        with pytest.raises(DataError, match="line 2"):
            read_lines(tmp_path, [lines[0], bad, *lines[1:]], f"{bad[:5]}.csv")


def test_words_in_the_middle_of_the_values_are_refused_by_line(tmp_path):
    lines = lines_of()
    with pytest.raises(DataError, match="line 5 has words alone"):
        read_lines(tmp_path, [*lines[:4], "a second table", *lines[4:]])


def sheet(*before, rows=None, first=()):
    book = openpyxl.Workbook()
    names = table().T.reset_index(names="gene")
    body = [list(names.columns), *names.to_numpy().tolist()] if rows is None else rows
    for row in first:
        book.active.append(row)
    page = book.create_sheet("counts") if first else book.active
    for row in [*before, *body]:
        page.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


BOOKS = {
    "empty rows": sheet([], [None]),
    "a title": sheet(["Supplementary Table 2"]),
    "a title and empty rows": sheet(["Supplementary Table 2"], [], []),
    "a line of labels": sheet(["condition", *CONDITIONS]),
    "an empty column": sheet([], rows=[[None, *row] for row in [
        ["gene", *table().index], *table().T.reset_index().to_numpy().tolist()]]),
    "numbers as text": sheet(rows=[list(map(str, row)) for row in [
        ["gene", *table().index], *table().T.reset_index().to_numpy().tolist()]]),
    "a sheet of words before": sheet(first=[["Read me"], ["counts are on the second sheet"]]),
    "a remark below": sheet(rows=[
        ["gene", *table().index], *table().T.reset_index().to_numpy().tolist(), [], ["Note: two donors"]]),
}  # fmt: skip


@pytest.mark.parametrize("what", BOOKS)
def test_workbooks(tmp_path, what):
    (tmp_path / "a.xlsx").write_bytes(BOOKS[what])
    dataset = read(tmp_path / "a.xlsx")
    same(dataset)
    if "labels" in what:
        assert list(dataset.obs["condition"]) == CONDITIONS


def test_an_empty_workbook_and_one_of_edges_are_named(tmp_path):
    (tmp_path / "a.xlsx").write_bytes(sheet(rows=[]))
    with pytest.raises(DataError, match="empty workbook"):
        read(tmp_path / "a.xlsx")
    edges = [["TF", "target", "score"], ["SPI1", "CD14", 2.5], ["GATA1", "KLF1", 1.5]]
    (tmp_path / "b.xlsx").write_bytes(sheet(["Supplementary Table 9"], rows=edges))
    with pytest.raises(HoldsNetworkError):
        read(tmp_path / "b.xlsx")


def perturbed(names=(*HUMAN[:10], "NT"), genes=HUMAN):
    values = np.random.default_rng(0).poisson(9.0, (len(names), len(genes))) + 1
    return pd.DataFrame(values, index=list(names), columns=list(genes))


@pytest.mark.parametrize("turned", [False, True])
def test_cells_that_are_called_by_their_perturbed_gene(tmp_path, turned):
    frame = perturbed()
    path = tmp_path / "a.csv"
    (frame.T if turned else frame).to_csv(path)
    dataset = read(path)
    assert dataset.genes == HUMAN
    assert dataset.reading.questions == ()
    assert "NT" in dataset.obs.index


def test_the_corner_says_what_the_rows_are_and_else_it_is_asked(tmp_path):
    few = perturbed(HUMAN[:10])
    few.to_csv(tmp_path / "said.csv", index_label="condition")
    assert read(tmp_path / "said.csv").reading.questions == ()
    for name, frame in (("rows", few), ("columns", few.T)):
        frame.to_csv(tmp_path / f"{name}.csv")
        dataset = read(tmp_path / f"{name}.csv")
        (question,) = dataset.reading.questions
        assert dataset.genes == HUMAN  # a matrix has more genes than perturbed ones
        assert question.about == "orientation"


@pytest.mark.shared_data
def test_a_pseudobulk_of_perturbed_cells_has_its_genes_in_columns(shared_data):
    dataset = read(shared_data / "data/perturbation/papalexi_eccite_thp1_pseudobulk_counts.csv.gz")
    assert (dataset.n_cells, dataset.n_genes, dataset.reading.questions) == (26, 299, ())
    assert dataset.obs["cells"].sum() > 10_000
