"""Caches: bounded, the longest unused goes first, nothing that a living process uses, nothing that is no cache."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import settings as law
from hypothesis import strategies as st

from grn_core import caches, cli
from grn_core.errors import RequestError

SHA = "0123456789abcdef" * 4
KEPT = {  # what is no cache, in every folder that a cache shares with it
    "runs/4a664c0e134dddaa/run.json",
    "uploads/file.h5ad",
    "models/scgpt-human/best_model.pt",
    "models/registered.json",
    "models/mine.safetensors",
    "data/beeline/BEELINE-data.zip",
    "translators/mine/card.json",
    "references/mine.tsv",
    "benchmark/notes.txt",
}
ENTRIES = {
    f"cells/{SHA}/record.json": "cells",
    "adapted/aa/model.safetensors": "adapted",
    "adapted/bb/checkpoint.pt": "adapted",
    "described/cc.card.json": "described",
    f"models/{SHA}.safetensors": "tensors",
    f"models/{SHA}-gene.safetensors": "tensors",
    "data/made/beeline-0123/summary.csv": "networks",
    "benchmark/features/dd/0.npz": "features",
    "benchmark/rows/ee/0.npz": "rows",
    "benchmark/results/ff.json": "results",
}


def entry_of(home, name):
    """The file, or the folder of it that is one entry."""
    path = home / name
    return path if path.parent.name in ("described", "models", "results") else path.parent


def fill(home, *, n_bytes=1000):
    """Make a data folder; of the entries the first was used longest ago."""
    for name in (*KEPT, *ENTRIES):
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * n_bytes)
    for age, name in enumerate(ENTRIES):
        os.utime(entry_of(home, name), (1e9 + age, 1e9 + age))


def there(home, names):
    return {name for name in names if (home / name).is_file()}


@pytest.fixture
def limit(monkeypatch):
    def set_to(n_bytes):
        monkeypatch.setattr(caches, "GB", n_bytes)
        monkeypatch.setenv("GRN_MAX_CACHE_GB", "1")

    return set_to


def test_every_entry_is_found_where_it_belongs_and_nothing_else(grn_home):
    fill(grn_home)
    found = {entry.path: one.name for one in caches.CACHES for entry in caches.entries(one)}
    assert found == {entry_of(grn_home, name): cache for name, cache in ENTRIES.items()}
    assert {entry.n_bytes for one in caches.CACHES for entry in caches.entries(one)} == {1000}


@law(deadline=None, max_examples=30)
@given(most=st.integers(1, 10_000))
def test_what_was_used_longest_ago_goes_until_the_rest_fits(tmp_path_factory, most):
    home = tmp_path_factory.mktemp("home")
    fill(home)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(caches, "GB", most)
        patch.setenv("GRN_MAX_CACHE_GB", "1")
        freed = caches.trim(home=home)
    fits = min(len(ENTRIES), most // 1000)
    assert there(home, ENTRIES) == set(list(ENTRIES)[len(ENTRIES) - fits :])
    assert freed == 1000 * (len(ENTRIES) - fits)
    assert there(home, KEPT) == KEPT


def test_without_a_limit_nothing_goes(grn_home, monkeypatch):
    fill(grn_home)
    monkeypatch.setattr(caches, "GB", 1)
    monkeypatch.setenv("GRN_MAX_CACHE_GB", "0")
    assert caches.trim() == 0
    assert there(grn_home, ENTRIES) == set(ENTRIES)


def test_using_an_entry_makes_it_the_youngest(grn_home):
    fill(grn_home)
    caches.used(grn_home / "adapted" / "aa")
    assert [entry.path.name for entry in caches.entries(caches.find_cache("adapted"))] == ["bb", "aa"]


HOLDER = """
import sys
from pathlib import Path
from grn_core import caches
caches.used(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
"""


@pytest.mark.parametrize("killed", [True, False])
def test_what_another_process_uses_stays_while_it_lives(grn_home, limit, killed):
    fill(grn_home)
    limit(1)
    held = grn_home / "adapted" / "aa"
    command = [sys.executable, "-c", HOLDER, str(held)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout.readline() == "ready\n"
        caches.trim()
        assert there(grn_home, ENTRIES) == {"adapted/aa/model.safetensors"}
        assert caches.clear() == (0, 1)
        holder.kill() if killed else holder.communicate("end\n")
        holder.wait()
    assert caches.trim() == 1000
    assert there(grn_home, ENTRIES) == set()
    assert there(grn_home, KEPT) == KEPT
    assert caches.in_use() == set(), "the list of a process that has ended is gone"


def test_writing_makes_room_and_keeps_what_was_written(grn_home, limit):
    fill(grn_home)
    limit(2000)
    caches._SESSIONS.clear()  # the first write of a process
    new = grn_home / "adapted" / "new"
    new.mkdir()
    (new / "model.safetensors").write_bytes(b"x" * 1500)
    caches.made(new)
    assert new.is_dir()
    assert there(grn_home, ENTRIES) == set()


def test_a_folder_that_cannot_be_written_to_is_no_error(tmp_path):
    (tmp_path / "file").touch()
    caches.used(tmp_path / "file" / "adapted" / "aa", home=tmp_path / "file")


def test_the_command_shows_and_clears(grn_home, capsys):
    fill(grn_home)
    assert cli.main(["cache", "list", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["bytes"] == 1000 * len(ENTRIES)
    assert {row["name"]: row["entries"] for row in found["caches"]} == {
        name: list(ENTRIES.values()).count(name) for name in ENTRIES.values()
    }
    assert cli.main(["cache", "clear", "adapted", "rows"]) == 0
    assert capsys.readouterr().out == "3 kB freed\n"
    left = {name for name, cache in ENTRIES.items() if cache not in ("adapted", "rows")}
    assert there(grn_home, ENTRIES) == left
    assert cli.main(["cache", "list"]) == 0
    assert f"{len(left)} kB together, at most 20 GB" in capsys.readouterr().out
    assert cli.main(["cache", "clear"]) == 0
    assert there(grn_home, ENTRIES) == set()
    assert there(grn_home, KEPT) == KEPT


def test_a_cache_that_is_none_is_named(grn_home, capsys):
    with pytest.raises(RequestError, match="no cache 'runs'"):
        caches.find_cache("runs")
    fill(grn_home)
    assert cli.main(["cache", "clear", "adapted", "runs"]) == 2
    assert "no cache 'runs'" in capsys.readouterr().err
    assert there(grn_home, ENTRIES) == set(ENTRIES), "nothing is removed where a name is wrong"
