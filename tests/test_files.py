"""A file is whole or absent, whatever happens to the writer."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from grn_core import files
from grn_core.files import draft_of, read_json, remove_left, write_atomic, write_json


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


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names on this system")
def test_a_pipe_is_written_into_and_stays_one(tmp_path):
    pipe = tmp_path / "edges.tsv"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as pool:
        got = pool.submit(pipe.read_bytes)
        write_atomic(pipe, lambda draft: draft.write_bytes(b"a\tb\n"))
        assert got.result(timeout=60) == b"a\tb\n"
    assert pipe.is_fifo()
    assert list(tmp_path.iterdir()) == [pipe]


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


KILLED_AT_IT = """
import os, signal, sys
from pathlib import Path
from grn_core.files import part_folder, write_atomic

home = Path(sys.argv[1])

def killed(draft):
    draft.write_text("ha")
    with part_folder(home / "uploads"):
        os.kill(os.getpid(), signal.SIGKILL)

write_atomic(home / "runs" / "0123" / "features" / "vvp.npy", killed)
"""


def test_what_killed_writers_leave_is_swept_and_what_living_ones_write_is_not(tmp_path):
    assert subprocess.run([sys.executable, "-c", KILLED_AT_IT, tmp_path], check=False).returncode == -9
    left = [path for path in tmp_path.rglob(".*") if path.name != "."]
    assert len(left) == 2, "a draft and a folder of parts"

    ours, whole = draft_of(tmp_path / "runs" / "0123" / "run.json"), tmp_path / "runs" / "0123" / ".1-of-mine"
    for path in (ours, whole):
        path.write_text("{}", encoding="utf-8")
    gone = tmp_path / left[0].name.replace("vvp.npy", "a-folder")
    gone.mkdir()
    (gone / "run.json").touch()
    linked = tmp_path / "linked"
    linked.mkdir()
    (gone.parent / f"{gone.name}-link").symlink_to(linked)

    remove_left(tmp_path / "runs")
    assert all(path.exists() for path in left), "only what lies there itself"
    remove_left(tmp_path, below=True)
    assert not any(path.exists() for path in (*left, gone))
    assert ours.exists()
    assert whole.exists()
    assert linked.is_dir()

    os.utime(ours, (time.time() - files.OLD_S - 60,) * 2)  # the number of a process is given again after it has ended
    remove_left(tmp_path / "runs" / "0123")
    assert not ours.exists()
    remove_left(tmp_path / "nowhere", below=True)
