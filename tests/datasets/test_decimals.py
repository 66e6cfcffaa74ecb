"""Law: numbers are read as they were written, or it is asked how they are written; never another number in silence."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grn_core.datasets.formats.decimals import writing_of
from grn_core.datasets.formats.text import read_text
from grn_core.datasets.formats.written_numbers import number_of
from grn_core.datasets.read_as import DECIMALS, ReadAs
from grn_core.errors import DataError
from tests.datasets.helpers import HUMAN, table

OFTEN = settings(max_examples=200, deadline=None)
WAYS = ("point", "comma")
values = st.one_of(
    st.integers(0, 9),
    st.integers(0, 9_999_999),
    st.integers(1, 9_999_999).map(lambda value: value / 1000),
    st.floats(0, 9999, allow_nan=False).map(lambda value: round(value, 2)),
)


def written(value, way, *, grouped):
    text = f"{value:,}" if grouped else f"{value}"
    return text if way == "point" else text.translate(str.maketrans(",.", ".,"))


@OFTEN
@given(st.lists(values, min_size=2, max_size=12), st.sampled_from(WAYS), st.booleans(), st.sampled_from("\t;"))
def test_numbers_are_read_as_written_or_it_is_asked(numbers, way, grouped, delimiter):
    fields = [written(value, way, grouped=grouped) for value in numbers]
    told = writing_of([fields], delimiter)
    found = [number_of(field, told.decimal, told.thousands) for field in fields]
    said = writing_of([fields], delimiter, said=way)
    assert [number_of(field, said.decimal, said.thousands) for field in fields] == numbers
    assert not said.doubt
    if not told.doubt:
        assert found == numbers
        return
    other = writing_of([fields], delimiter, said=next(one for one in WAYS if DECIMALS[one] != told.decimal))
    assert numbers in (found, [number_of(field, other.decimal, other.thousands) for field in fields])


def read(frame, **said):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cells.tsv"
        path.write_text(frame.to_csv(sep="\t"))
        return read_text(path, title="cells", read_as=ReadAs(**said))


@pytest.mark.parametrize(("sign", "field"), [(".", "0.5"), (".", "12.25"), (",", "0,5"), (",", "7,0001")])
def test_a_number_further_down_decides(sign, field):
    frame = table(HUMAN, n_cells=60).astype(int).astype(str).astype(object)
    frame.iloc[0, 0] = f"1{sign}234"
    assert [one.about for one in read(frame).reading.questions] == ["decimal"]
    frame.iloc[55, 3] = field
    dataset = read(frame)
    assert "decimal" not in {one.about for one in dataset.reading.questions}
    assert dataset.matrix[0, dataset.genes.index(HUMAN[0])] == np.float32(1.234)


def test_hundreds_beside_thousands_say_that_these_are_thousands():
    frame = (table(HUMAN) * 300).map(lambda value: f"{value:,.0f}".replace(",", "."))
    dataset = read(frame)
    assert not dataset.reading.questions
    np.testing.assert_array_equal(dataset.matrix.toarray(), (table(HUMAN) * 300).to_numpy())


def test_a_share_of_mitochondrial_genes_is_no_number_of_thousands():
    frame = table(HUMAN).astype(int).astype(str)
    frame["pct_mt"] = "12.345"
    assert not read(frame).reading.questions


def test_another_sign_is_refused():
    with pytest.raises(DataError, match="one of point, comma"):
        ReadAs(decimal=".")
