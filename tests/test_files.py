"""A file is whole or absent, whatever happens to the writer."""

from __future__ import annotations

import hashlib

import pytest

from grn_core import files
from grn_core.files import read_json, write_atomic, write_json


def half(draft):
    draft.write_text("ne", encoding="utf-8")
    message = "disk full"
    raise OSError(message)


def test_a_half_written_file_is_never_seen(tmp_path):
    path = tmp_path / "result.txt"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(OSError, match="disk full"):
        write_atomic(path, half)
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_write_that_fails_leaves_nothing(tmp_path):
    with pytest.raises(OSError, match="disk full"):
        write_atomic(tmp_path / "folder" / "file", half)
    assert list((tmp_path / "folder").iterdir()) == []


def test_the_draft_has_the_ending_of_the_file(tmp_path):
    drafts = []

    def write(draft):
        drafts.append(draft)
        draft.write_text("whole", encoding="utf-8")

    write_atomic(tmp_path / "edges.tsv.gz", write)
    assert drafts[0].name.endswith(".tsv.gz"), "pandas packs by the ending"
    assert drafts[0].name.startswith("."), "listings of folders leave hidden files out"


def test_a_damaged_file_counts_as_absent(tmp_path):
    path = tmp_path / "content.json"
    assert read_json(path) is None
    write_json(path, {"gene": "µ"})
    assert read_json(path) == {"gene": "µ"}
    path.write_text("{", encoding="utf-8")
    assert read_json(path) is None


@pytest.mark.parametrize("size", [0, 1, files.PIECE, files.PIECE + 1])
def test_a_file_is_hashed_in_pieces_and_the_bytes_are_told(tmp_path, size):
    content = bytes(range(256)) * (size // 256 + 1)
    path = tmp_path / "a.bin"
    path.write_bytes(content[:size])
    told = []
    wanted = {name: hashlib.new(name, content[:size]).hexdigest() for name in ("md5", "sha256")}
    assert files.digests(path, {"md5", "sha256"}, told=told.append) == wanted
    assert files.sha256_of(path) == wanted["sha256"]
    assert told == [min(files.PIECE, size - start) + start for start in range(0, size, files.PIECE)]
