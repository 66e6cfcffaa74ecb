"""A label that stands for none is missing: no group of cells, and no donor."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grn_core.datasets import load, read
from grn_core.datasets.blanks import BLANKS, labels_of, without_blanks
from grn_core.datasets.cell_labels import label_cells
from grn_core.datasets.replicates import labelled
from grn_core.errors import DataError
from tests.datasets.helpers import HUMAN, N_CELLS, table

pytestmark = pytest.mark.usefixtures("in_this_process")

LABELS = st.lists(st.sampled_from(["d1", "d2", "none", *sorted(BLANKS)]), min_size=N_CELLS, max_size=N_CELLS)


@given(labels=LABELS, kind=st.sampled_from([object, "string", "category"]))
def test_a_blank_is_missing_whatever_the_type_of_the_column(labels, kind):
    found = without_blanks(pd.Series(labels, dtype=kind))
    assert found.isna().tolist() == [one in BLANKS for one in labels]
    assert set(found.dropna()) == set(labels) - BLANKS == set(found.astype("category").cat.categories)


@pytest.mark.parametrize("blank", ["", "nan", "NA"])
def test_cells_without_a_donor_are_no_donor_in_a_table_of_text(tmp_path, blank):
    frame = table()
    frame["donor"] = ["d1", "d2", blank] * 4
    frame.to_csv(tmp_path / "a.csv")
    dataset = read(tmp_path / "a.csv")
    assert dataset.column("donor").nunique() == 2
    assert dataset.column("donor").isna().tolist() == [False, False, True] * 4
    assert not dataset.cells_where("donor", [blank, "nan"]).any()
    assert dataset.cells_where("donor", ["d1"]).sum() == 4


def saved(frame, form, folder):
    path = folder / f"a.{form}"
    if form == "xlsx":
        frame.to_excel(path)
    else:
        frame.to_parquet(path)
    return path


@pytest.mark.parametrize("form", ["parquet", "xlsx"])
@pytest.mark.parametrize(
    ("name", "odd"), [("subcluster", None), ("plate", "10b"), ("patient_no", "unknown"), ("my own score", None)]
)
def test_a_label_of_numbers_of_which_some_are_none_is_a_label(tmp_path, form, name, odd):
    frame = table(n_cells=20)
    frame.insert(3, name, [odd, *(place % 3 for place in range(1, 20))])
    if form == "parquet" and odd is not None:
        frame[name] = frame[name].astype(str)
    dataset = read(saved(frame, form, tmp_path))
    assert dataset.genes == HUMAN
    np.testing.assert_array_equal(dataset.matrix.toarray(), table(n_cells=20).to_numpy())
    first, *others = dataset.column(name)
    assert (pd.isna(first), [str(one) for one in others]) == (odd is None, [str(place % 3) for place in range(1, 20)])
    assert odd is None or first == odd
    assert any(f"The column {name!r} is no gene and not of numbers alone" in note for note in dataset.notes)


@pytest.mark.parametrize("form", ["parquet", "xlsx"])
@pytest.mark.parametrize("odd", [None, "#REF!"])
@pytest.mark.parametrize("in_rows", [False, True])
def test_a_gene_or_a_cell_without_a_number_is_refused(tmp_path, form, odd, in_rows):
    frame = table(n_cells=20).astype(object)
    frame.iloc[4, 2] = odd
    frame = frame.T if in_rows else frame
    if form == "parquet":
        frame = frame.apply(lambda column: column.astype(str) if "#REF!" in set(column) else column.astype(float))
    words = "has no value in row" if odd is None else "'#REF!' in row"
    with pytest.raises(DataError, match=words):
        read(saved(frame, form, tmp_path))


@pytest.mark.parametrize("kind", ["float64", "int64", "Int64", "float32"])
@pytest.mark.parametrize("asked", ["1", "1.0", 1, 1.0])
def test_a_number_is_the_same_however_it_is_written(kind, asked):
    numbers = pd.Series([1, 2, 1, 3]).astype(kind)
    cells = load("pbmc68k")
    obs = cells.obs.iloc[:, :0].assign(dose=numbers.iloc[np.arange(cells.n_cells) % 4].set_axis(cells.obs.index))
    assert cells.n_cells % 4 == 0
    dataset = replace(cells, obs=obs)
    assert dataset.cells_where("dose", (asked,)).sum() == cells.n_cells / 2
    assert not dataset.cells_where("dose", ("nan", "x", "1.5")).any()


def test_numbers_as_text_are_told_apart_by_their_text():
    cells = load("pbmc68k")
    obs = cells.obs.iloc[:, :0].assign(batch=np.where(np.arange(cells.n_cells) < 10, "1", "1.0"))
    assert replace(cells, obs=obs).cells_where("batch", ("1",)).sum() == 10


@given(
    numbers=st.lists(st.sampled_from([0, 1, 2, 10, None]), min_size=N_CELLS, max_size=N_CELLS).filter(any),
    kind=st.sampled_from(["float64", "float32", "Float64", "Int64", object, "category", "text", "text category"]),
)
def test_a_whole_number_has_no_point_whatever_the_type_of_the_column(numbers, kind):
    column = pd.Series(numbers, dtype="float64")
    if kind in ("text", "text category"):
        column = column.map(lambda one: "" if pd.isna(one) else str(one))
    column = column.astype({"text": object, "text category": "category"}.get(kind, kind))
    cells = load("pbmc68k")
    part = replace(cells, matrix=cells.matrix[:N_CELLS], obs=pd.DataFrame({"donor": column}), embedding=None)
    found = part.column("donor")
    labels, codes = labelled(found)
    assert [None if code < 0 else labels[code] for code in codes] == [
        None if one is None else str(one) for one in numbers
    ]
    for one in {*numbers} - {None}:
        for asked in (str(one), f"{one}.0", one, float(one)):
            assert part.cells_where("donor", (asked,)).tolist() == [number == one for number in numbers]


@pytest.mark.parametrize("odd", [0.5, float("inf"), 2.0**60])
def test_measured_numbers_stay_as_they_are(odd):
    column = pd.Series([1.0, np.nan, odd])
    assert labels_of(column) is column


def test_a_table_of_labels_names_whole_numbers_as_they_were_counted(tmp_path):
    cells = load("pbmc68k")
    path = tmp_path / "donors.csv"
    numbers = pd.Series([1.0, np.nan, 2.0, 10.0], index=cells.obs.index[:4], name="donor")
    numbers.to_csv(path)
    found = label_cells(cells, path, title="donor")
    assert found.labels == {"1": 1, "10": 1, "2": 1}
    assert set(cells.column(found.ref).dropna()) == {"1", "2", "10"}
