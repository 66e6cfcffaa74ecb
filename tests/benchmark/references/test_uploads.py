from __future__ import annotations

import gzip
import io

import pytest

from grn_core.benchmark.references.uploads import read_upload, reference_path, store_reference, uploaded
from grn_core.errors import DataError

EDGES = b"TF\ttarget\nSpi1\tCd14\nSpi1\tLyz2\nGata1\tKlf1\n"


def test_an_upload_is_kept_once_and_read_in_human_symbols():
    name = store_reference("my network (v2).tsv", io.BytesIO(EDGES))
    assert store_reference("my network (v2).tsv", io.BytesIO(EDGES)) == name
    assert uploaded() == {name: "my-network-v2-.tsv"}
    edges = read_upload(name).edges
    assert {("SPI1", "CD14"), ("GATA1", "KLF1")} <= set(zip(edges["source"], edges["target"], strict=True))


def test_comma_separated_and_gzipped():
    packed = gzip.compress(b"source,target\nSPI1,CD14\n")
    assert len(read_upload(store_reference("net.csv.gz", io.BytesIO(packed))).edges) == 1


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("net.xlsx", b"PK", "no network"),
        ("net.tsv", b"a\tb\n1\t2\n", "has the columns"),
        ("net.tsv", b"source\ttarget\nnobody\tnothing\n", "no edge"),
        ("net.tsv", b"\xff\xfe\x00", "cannot be read"),
        ("net.tsv", b"", "is empty"),
    ],
)
def test_what_cannot_be_used_leaves_nothing_behind(name, content, words):
    with pytest.raises(DataError, match=words) as caught:
        store_reference(name, io.BytesIO(content))
    assert name in caught.value.found.split()  # as the user knows it: no folder, no digest
    assert caught.value.todo
    assert uploaded() == {}


def test_a_bad_file_does_not_take_a_good_one_with_it():
    name = store_reference("net.tsv", io.BytesIO(EDGES))
    with pytest.raises(DataError):
        store_reference("net.tsv", io.BytesIO(b"nonsense"))
    assert list(uploaded()) == [name]


@pytest.mark.parametrize("name", ["../../etc/passwd", "nobody.tsv", ""])
def test_only_what_was_uploaded_is_read(name):
    with pytest.raises(DataError, match="no reference"):
        reference_path(name)
