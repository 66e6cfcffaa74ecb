"""No name of a header is moved above another column."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grn_core.datasets.formats.header_names import CORNERS, names_over
from grn_core.errors import DataError

GENES = ("SPI1", "GATA1", "CD14", "LYZ", "HBB")
FIELDS = st.lists(st.sampled_from(("0", "1.5", "7")), min_size=3, max_size=3)


def row(fields, first="cell_1"):
    return [first, *fields]


@given(FIELDS, st.sampled_from(sorted(CORNERS)), st.sampled_from((GENES[:3], ("c1", "c2", "c3"))))
def test_a_delimiter_at_either_end_moves_no_name(fields, corner, names):
    header = (corner, *names)
    assert names_over(header, [row(fields)], called="a.csv") == header
    assert names_over((*header, ""), [row(fields)], called="a.csv") == header
    assert names_over(header, [[*row(fields), ""]], called="a.csv") == (*header, "")
    assert names_over((*header, ""), [[*row(fields), ""]], called="a.csv") == (*header, "")


@given(FIELDS, st.sampled_from((GENES[:3], ("c1", "c2", "c3"), ("AL627309.1", "GATA1", "CD14"))))
def test_a_header_without_a_corner_is_that_of_r(fields, names):
    assert names_over(names, [row(fields)], called="a.csv") == ("", *names)


@given(FIELDS, st.sampled_from(("cell", "Gene", "gene_id", "Unnamed: 0", "cellID", "donor", "barcode", "Sample name")))
def test_a_header_with_a_corner_and_a_name_too_few_is_refused(fields, corner):
    for last in ("5", "Tcell"):
        with pytest.raises(DataError, match="has 4 fields and the rows 5"):
            names_over((corner, *GENES[:3]), [[*row(fields), last]], called="a.csv")


@given(FIELDS, st.integers(2, 4))
@settings(max_examples=10, deadline=None)
def test_more_than_one_field_too_many_or_too_few_is_refused(fields, n):
    with pytest.raises(DataError, match="as many names as fields"):
        names_over(GENES[:3], [[*row(fields), *["1"] * (n - 1)]], called="a.csv")
    with pytest.raises(DataError, match="as many names as fields"):
        names_over((*GENES, "MPO"), [row(fields)], called="a.csv", where="lines 1 and 2")
