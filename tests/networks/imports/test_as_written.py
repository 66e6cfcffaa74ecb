"""However other tools write a network, its edges keep their direction, their signs and the order of their scores."""

from __future__ import annotations

import pytest

from grn_core.errors import DataError
from tests.networks.imports.test_odd_networks import read

MORE_FIELDS = {
    "a delimiter at the end": "TF,target,importance\nSPI1,LYZ,9,\nGATA1,HBB,3,\n",
    "and in the header": "TF,target,importance,\nSPI1,LYZ,9,\nGATA1,HBB,3,\n",
    "in the header alone": "TF,target,importance,\nSPI1,LYZ,9\nGATA1,HBB,3\n",
    "numbers of rows": "TF,target,importance\n1,SPI1,LYZ,9\n2,GATA1,HBB,3\n",
    "names of rows": "TF,target,importance\na_b,SPI1,LYZ,9\nc_d,GATA1,HBB,3\n",
}


@pytest.mark.parametrize("text", MORE_FIELDS.values(), ids=MORE_FIELDS)
def test_no_column_moves_where_rows_have_one_field_more_or_less_than_the_header(tmp_path, text):
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    found = read(tmp_path / "a.csv")
    assert "pySCENIC" in found.title
    table = found.edges
    assert list(zip(table["source"], table["target"], table["score"], strict=True)) == [
        ("SPI1", "LYZ", 9.0),
        ("GATA1", "HBB", 3.0),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "TF,target\nSPI1,LYZ,CD14\nGATA1,HBB,HBA1\n",
        "source,target\nSPI1,LYZ,9\n",
        "TF,target,importance\nSPI1,LYZ,9,2\nGATA1,HBB,3,1\n",
    ],
)
def test_a_column_without_a_name_is_no_reason_to_move_the_others(tmp_path, text):
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match="as many names as fields"):
        read(tmp_path / "a.csv")
