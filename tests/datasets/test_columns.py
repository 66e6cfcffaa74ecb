"""Law: a number that a workbook or a Parquet file holds as text is that number, and a word among numbers is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grn_core.datasets.formats.columns import table_of
from grn_core.datasets.formats.text import from_table
from grn_core.datasets.read_as import ReadAs
from grn_core.errors import DataError
from tests.datasets.helpers import HUMAN, table

PATH = Path("a.xlsx")


def odd(in_rows, seed, *, share, fields):
    """A table as Excel hands it over, some of its numbers replaced, one at least; and the plain one."""
    frame = table(HUMAN, seed=seed)
    draw = np.random.default_rng(seed)
    hit = draw.random(frame.shape) < share
    hit.flat[draw.integers(hit.size)] = True
    made = frame.astype(object)
    for row, column in zip(*np.nonzero(hit), strict=True):
        made.iloc[row, column] = fields(frame.iloc[row, column])
    return frame, (made.T if in_rows else made).infer_objects().convert_dtypes()


def read(made):
    return from_table(table_of(made, PATH), title="a", read_as=ReadAs())


@settings(max_examples=15, deadline=None)
@given(in_rows=st.booleans(), seed=st.integers(0, 99), share=st.sampled_from([0, 0.1, 0.9, 1]))
def test_a_number_stored_as_text_is_a_number(in_rows, seed, share):
    frame, made = odd(in_rows, seed, share=share, fields=lambda value: f" {value:.0f}")
    dataset = read(made)
    assert dataset.genes == tuple(frame.columns)
    assert list(dataset.obs.index) == list(frame.index)
    np.testing.assert_array_equal(dataset.matrix.toarray(), frame.to_numpy())


@settings(max_examples=15, deadline=None)
@given(
    in_rows=st.booleans(),
    seed=st.integers(0, 99),
    word=st.sampled_from([True, False, "n.d.", "1,5", "0x1", pd.Timestamp("2024-03-01"), None, "#REF!"]),
)
def test_what_is_no_number_is_refused_and_takes_no_gene_or_cell_away(in_rows, seed, word):
    _, made = odd(in_rows, seed, share=0, fields=lambda _: word)
    with pytest.raises(DataError, match=r"which is no number|has no value"):
        read(made)


def test_labels_stay_labels():
    frame = table(HUMAN).astype(object)
    frame["my_cluster"] = [str(place % 3) for place in range(len(frame))]
    frame["grade"] = ["1", "2", *["high"] * (len(frame) - 2)]
    dataset = read(frame.infer_objects().convert_dtypes())
    assert dataset.genes == HUMAN
    assert {"my_cluster", "grade"} <= set(dataset.obs)
