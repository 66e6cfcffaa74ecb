from __future__ import annotations

import re

import pytest

from grn_core import downloads
from grn_core.errors import RequestError

LENGTH = {"md5": 32, "sha256": 64}
STATUS = {"confirmed", "to be confirmed"}


@pytest.mark.parametrize("one", downloads.archives(), ids=lambda one: one.name)
def test_every_archive_says_what_a_user_must_know(one):
    assert one.url.startswith("https://")
    assert one.page.startswith("https://")
    assert one.terms
    assert one.about_bytes > 1e6
    assert one.path.name == one.file
    for name, fact in one.checksums.items():
        assert re.fullmatch(rf"[0-9a-f]{{{LENGTH[name]}}}", fact.value)
    for fact in (*one.checksums.values(), *filter(None, [one.n_bytes])):
        assert fact.status in STATUS
        assert fact.source
    assert one.folder in one.roots  # what is downloaded is found again
    assert {dataset.file for dataset in one.datasets} <= set(one.members)


def test_a_mirror_takes_the_place_of_every_address(monkeypatch):
    monkeypatch.setenv("GRN_MIRROR", "http://mirror.example/data/")
    assert downloads.find_archive("collectri").address == "http://mirror.example/data/CollecTRI_regulons.csv"
    monkeypatch.delenv("GRN_MIRROR")
    assert downloads.find_archive("collectri").address.startswith("https://zenodo.org/")


def test_an_unknown_archive_is_told_with_those_that_there_are():
    with pytest.raises(RequestError, match="collectri"):
        downloads.find_archive("string")
