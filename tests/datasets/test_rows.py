"""The rows of a table of text: whatever stands in it is read as Python reads each field, or refused by its place."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from grn_core.datasets.formats import rows
from grn_core.datasets.formats.decimals import PLAIN, Writing
from grn_core.datasets.formats.layout import Layout
from grn_core.datasets.formats.rows import read_rows
from grn_core.datasets.formats.text import read_text
from grn_core.datasets.read_as import ReadAs
from grn_core.datasets.totals import sums_of_others
from grn_core.errors import DataError
from tests.datasets.helpers import MOUSE, table

GENES = ["ENSG00000141510.18", "Tp53", 'a "quoted" gene', "MT-CO1", "HLA-A*01:01", "gène", "C1, orf2", ""]
NUMBERS = ("0", "7", "12", "0.0", "0.00", "3.25", ".5", "6.", "1e3", "-2", "+4", "007", "1.5e-07", "123456789", "0.10")
NO_NUMBER = ("x", "1 2", "1_0", "0x1", "٣", "nan(1)", "1e", "--1", "0.0.0", ".", "1.2.3", "True", "1,5", "3;4", "$")
MISSING = ("", " ", "NA", "nan", "NULL", "#N/A")
TEXT = st.sampled_from(["T cell", "B, naive", "", "12 kb", 'said "so"', "ok"])


@st.composite
def tables(draw):
    """A layout and its rows as fields: the name, and for each column text or a number."""
    n_numbers, n_rows = draw(st.integers(1, 5)), draw(st.integers(1, 6))
    columns = draw(st.permutations([True] * draw(st.integers(0, 2)) + [False] * n_numbers))
    delimiter = draw(st.sampled_from(",\t;|"))
    number = st.sampled_from(NUMBERS)
    body = [
        [draw(st.sampled_from(GENES)), *(draw(TEXT if is_text else number) for is_text in columns)]
        for _ in range(n_rows)
    ]
    layout = Layout(
        encoding="utf-8-sig",
        n_skipped=1,
        delimiter=delimiter,
        writing=PLAIN,
        corner="",
        columns=tuple(f"col {place}" for place in range(len(columns))),
        n_fields=len(columns) + 1,
        first=(),
        text=tuple(place for place, is_text in enumerate(columns) if is_text),
    )
    return layout, body


def read(layout, body, *, quoting=csv.QUOTE_MINIMAL, ends="\n"):
    out = io.StringIO()
    writer = csv.writer(out, delimiter=layout.delimiter, quoting=quoting, lineterminator=ends)
    writer.writerows([["", *layout.columns], *body])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "table.csv")
        path.write_bytes(out.getvalue().encode())
        return read_rows(path, layout)


@given(
    table=tables(),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    ends=st.sampled_from(["\n", "\r\n"]),
    at_once=st.sampled_from([1, 20, 2_000_000]),
)
def test_every_field_is_what_python_takes_it_for(table, quoting, ends, at_once):
    layout, body = table
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows, "CHARACTERS_A_TIME", at_once)
        found = read(layout, body, quoting=quoting, ends=ends)
    places = [place for place in range(len(layout.columns)) if place not in layout.text]
    numbers = np.array([[float(row[place + 1]) for place in places] for row in body], dtype=np.float32)
    np.testing.assert_array_equal(found.matrix.toarray(), numbers)
    assert found.columns == [layout.columns[place] for place in places]
    assert found.rows == [row[0].strip() for row in body]
    assert found.text == {layout.columns[place]: [row[place + 1] for row in body] for place in layout.text}


@given(table=tables(), bad=st.sampled_from(NO_NUMBER + MISSING), data=st.data())
def test_a_field_that_is_no_number_is_named_by_column_and_line(table, bad, data):
    layout, body = table
    place = data.draw(st.sampled_from([place for place in range(len(layout.columns)) if place not in layout.text]))
    row = data.draw(st.integers(0, len(body) - 1))
    body[row][place + 1] = bad
    with pytest.raises(DataError) as caught:
        read(layout, body)
    assert f"column 'col {place}'" in caught.value.found
    assert f"line {row + 2}" in caught.value.found
    assert ("has no value" in caught.value.found) == (bad in MISSING)


@pytest.mark.parametrize(("change", "words"), [(["9"], "more fields than the header"), (None, "has no value")])
def test_a_line_of_another_length_is_refused(change, words):
    layout = Layout("utf-8-sig", 1, "\t", PLAIN, "", ("a", "b"), 3, (), ())
    body = [["g1", "1", "2"], ["g2", "3", "4"]]
    body[1] = body[1] + change if change else body[1][:-1]
    with pytest.raises(DataError, match=words):
        read(layout, body)


def test_numbers_of_a_language_with_decimal_commas_are_not_mixed_with_points():
    layout = Layout("utf-8-sig", 1, ";", Writing(",", None), "", ("a", "b"), 3, (), ())
    np.testing.assert_allclose(read(layout, [["g", "1,5", "0,25"]]).matrix.toarray(), [[1.5, 0.25]])
    with pytest.raises(DataError, match=r"'1\.234' in line 3"):
        read(layout, [["g", "1,5", "2"], ["h", "1.234", "2"]])


def test_thousands_are_in_groups_of_three_or_are_none():
    layout = Layout("utf-8-sig", 1, "\t", Writing(".", ","), "", ("a", "b"), 3, (), ())
    np.testing.assert_array_equal(read(layout, [["g", "1,234", "5"]]).matrix.toarray(), [[1234, 5]])
    with pytest.raises(DataError, match="'1,5' in line 3"):
        read(layout, [["g", "1,234", "2"], ["h", "1,5", "2"]])
    layout = Layout("utf-8-sig", 1, "\t", Writing(",", "."), "", ("a", "b", "c"), 4, (), ())
    np.testing.assert_allclose(read(layout, [["g", "1.234", "1.234,5", "7"]]).matrix.toarray(), [[1234, 1234.5, 7]])
    with pytest.raises(DataError, match=r"'1\.5' in line 3"):
        read(layout, [["g", "1.234", "2", "3"], ["h", "1.5", "2", "3"]])


def test_columns_of_text_that_share_a_name_are_kept_apart():
    layout = Layout("utf-8-sig", 1, ",", PLAIN, "", ("note", "a", "note"), 4, (), (0, 2))
    found = read(layout, [["g", "x", "1", "y"], ["h", "z", "2", "w"]])
    assert found.text == {"note": ["x", "z"], "note.1": ["y", "w"]}


def whole(text):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "table.csv")
        path.write_bytes(text.encode())
        return read_text(path, title="t", read_as=ReadAs())


@pytest.mark.parametrize("name", ["Total", "sum of counts", "UMIs"])
@pytest.mark.parametrize("genes_in_rows", [True, False])
@pytest.mark.parametrize("where", ["genes", "cells", "both"])
def test_sums_are_neither_genes_nor_cells(name, genes_in_rows, where):
    frame = table(MOUSE)
    plain = whole(frame.to_csv())
    if where != "cells":
        frame[name] = frame.sum(axis=1)
    if where != "genes":
        frame.loc[name] = frame.sum(axis=0)
    frame.insert(0, "group", [*(["a", "b"] * len(frame))[: len(frame)]])
    found = whole((frame.drop(columns="group").T if genes_in_rows else frame).to_csv())
    assert (found.genes, tuple(found.obs.index)) == (plain.genes, tuple(plain.obs.index))
    np.testing.assert_array_equal(found.matrix.toarray(), plain.matrix.toarray())
    assert {one.name for one in found.left_out} == {name}
    assert all(one.reason == "sum of all others" for one in found.left_out)
    assert any(name in note for note in found.notes)
    if not genes_in_rows:
        assert found.obs["group"].tolist() == frame["group"].tolist()[: found.n_cells]


@given(seed=st.integers(0, 999), n=st.integers(4, 30))
def test_a_row_is_a_sum_only_where_it_is_one_in_every_column(seed, n):
    rng = np.random.default_rng(seed)
    values = rng.poisson(2.0, size=(n, 6)).astype(np.float32) + 1
    assert not sums_of_others(sparse.csr_matrix(values)).any()
    values[n // 2] = values.sum(axis=0) - values[n // 2]
    assert sums_of_others(sparse.csr_matrix(values)).tolist() == [place == n // 2 for place in range(n)]
    values[n // 2, :2] += (1, -1)  # the same in all
    assert not sums_of_others(sparse.csr_matrix(values)).any()


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "\n\n" + text,
        lambda text: "sep=,\n" + text,
        lambda text: text.replace("\n", ",\n"),
        lambda text: text + "," * len(MOUSE) + "\n" + "," * len(MOUSE) + "\n",
        lambda text: text + "\r\n\r\n",
    ],
    ids=["empty lines above", "sep line", "empty column", "empty rows below", "empty lines below"],
)
def test_what_a_spreadsheet_leaves_around_a_table_is_no_part_of_it(change):
    text = table(MOUSE).to_csv()
    found, plain = whole(change(text)), whole(text)
    assert (found.genes, tuple(found.obs.index)) == (plain.genes, tuple(plain.obs.index))
    np.testing.assert_array_equal(found.matrix.toarray(), plain.matrix.toarray())


def test_descriptions_of_gct_that_are_missing_are_no_cells():
    frame = table(MOUSE).T
    frame.insert(0, "Description", "na")
    head = f"#1.2\n{len(MOUSE)}\t{frame.shape[1] - 1}\n"
    found = whole(head + frame.to_csv(sep="\t", index_label="NAME"))
    assert (found.genes, found.n_cells) == (MOUSE, frame.shape[1] - 1)


def test_zeros_and_ones_alone_are_in_doubt():
    assert "zeros and ones alone" in " ".join(whole((table(MOUSE) > 2).astype(int).to_csv()).reading.doubts)
    assert not whole(table(MOUSE).to_csv()).reading.doubts


def test_a_table_of_one_name_many_times_holds_one_gene():
    frame = table(MOUSE).set_axis(["Spi1"] * len(MOUSE), axis=1)
    with pytest.raises(DataError, match="holds 1 gene;"):
        whole(frame.to_csv())
