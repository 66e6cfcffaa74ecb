"""Which references there are, and which protocols make sense."""

from __future__ import annotations

import pytest

from grn_core.benchmark.protocol.protocol import Protocol, available, other_datasets, parts_of
from grn_core.errors import DataError, RequestError
from tests.benchmark.toy_references import write_network, write_toy


def test_references_in_a_folder(tmp_path):
    write_toy(tmp_path)
    write_network(tmp_path, "mHSC-E:Non-Specific", [("GATA1", "MYC")], size=1000)
    assert available(tmp_path) == ("hFAR:NET", "hONE:NET", "hTWO:NET", "hTWO:OTHER")
    assert available(tmp_path, size="1000") == ("mHSC-E:Non-Specific",)
    (empty := tmp_path / "empty").mkdir()
    with pytest.raises(
        DataError, match=r"holds no reference network of TFs.500; needed: files called NETWORK_DATASET_"
    ):
        available(empty)
    with pytest.raises(DataError, match=r"there is no folder .*nothing; needed: a folder with files called NETWORK_"):
        available(tmp_path / "nothing")
    with pytest.raises(RequestError, match=r"TFs.700 is not a gene set of BEELINE; needed: one of 500, 1000"):
        available(tmp_path, size="700")


def test_leave_dataset_out_keeps_the_kind_of_network():
    names = ("hFAR:NET", "hONE:NET", "hTWO:NET", "hTWO:OTHER", "hONE:OTHER")
    assert other_datasets("hONE:NET", names) == ("hFAR:NET", "hTWO:NET")
    assert other_datasets("hTWO:OTHER", names) == ("hONE:OTHER",)
    with pytest.raises(DataError, match="no network Lofgof of a dataset other than mESC"):
        other_datasets("mESC:Lofgof", names)


@pytest.mark.parametrize("name", ["hESC", "hESC:", ":STRING", "a:b:c"])
def test_names_of_references(name):
    with pytest.raises(RequestError, match="does not name a reference; needed: DATASET:NETWORK"):
        parts_of(name)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"splits": ("all", "half")}, "split half: not known; needed: one of all, unseen-target"),
        ({"negatives": "odd"}, "negatives odd: not known"),
        ({"splits": ()}, "nothing to test"),
        ({"tests": ()}, "nothing to test"),
        ({"n_seeds": 0}, "0 seeds"),
        ({"tests": ("hTWO:NET", "hONE:NET")}, "hONE:NET would be tested on itself"),
    ],
)
def test_protocols_that_make_no_sense(tmp_path, changes, said):
    given = {"train": "hONE:NET", "tests": ("hTWO:NET",), "folder": tmp_path}
    with pytest.raises(RequestError, match=said):
        Protocol(**{**given, **changes})
