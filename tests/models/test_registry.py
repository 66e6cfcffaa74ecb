"""Which models there are: bundled ones, folders, and names given to folders; read without torch."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grn_core.errors import ModelError
from grn_core.models import described, registry
from grn_core.models.folders import FolderRecord, write_record
from grn_core.models.load import load_model
from grn_core.models.weights import network_digest
from grn_core.sums import read_summed, write_summed
from tests.models.published import FIXTURES

ROOT = Path(__file__).resolve().parents[2]
OFFICIAL = ("scgpt_flash_pad", "scgpt_bn_batch", "scbenchmark_small", "scfoundation_small")


@pytest.fixture
def folder(tmp_path):
    """A checkpoint folder of the user's own, with files that are older than a moment."""
    shutil.copytree(FIXTURES / "scgpt_inproj", tmp_path / "mine")
    for path in (tmp_path / "mine").iterdir():
        os.utime(path, (1_700_000_000, 1_700_000_000))
    return tmp_path / "mine"


@pytest.fixture
def named(folder):
    """The same folder under a name."""
    write_record(FolderRecord(name="blood", title="Blood", folder=folder, format="scgpt", licence="ours"))
    return folder


# --- what is known of a folder -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", OFFICIAL)
def test_a_folder_is_described_as_the_loaded_model_is(name):
    model = load_model(FIXTURES / name, device="cpu")
    path = str(FIXTURES / name)
    assert registry.record_of(path) == model.record
    assert registry.vocabulary(path) == model.vocabulary
    assert registry.network_sha(path) == network_digest(model)


def test_the_description_needs_no_torch_here(grn_home):
    """In a process of its own: a first look has another process load the checkpoint, a second look reads a file."""
    code = (
        "import sys, json\n"
        "from grn_core.models import registry\n"
        f"name = {str(FIXTURES / 'scgpt_inproj')!r}\n"
        "found = [registry.network_sha(name), registry.weights_sha(name), len(registry.vocabulary(name))]\n"
        "print(json.dumps([*found, 'torch' in sys.modules]))\n"
    )

    def look() -> list:
        done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
        return json.loads(done.stdout)

    first = look()
    assert first[-1] is False
    assert len(first[0]) == 64
    for kept in (grn_home / "described").glob("*.card.json"):
        write_summed(kept, {**(read_summed(kept) or {}), "network_sha": "kept"})
    assert look() == ["kept", *first[1:]]


@pytest.mark.thorough
def test_a_folder_that_cannot_be_loaded_says_why_also_from_the_other_process(folder, monkeypatch):
    (folder / "best_model.pt").write_bytes(b"no tensors")
    monkeypatch.delitem(sys.modules, "torch")
    with pytest.raises(ModelError, match="cannot be read as plain tensors"):
        described.description(folder)


def test_a_process_that_dies_is_told(monkeypatch):
    from grn_core.models.reading import subprocess_query

    with pytest.raises(ModelError, match=r"ended unexpectedly.*No module named"):
        subprocess_query.ask("grn_core.models.nothing")


# --- the hash of the content ---------------------------------------------------------------------------------------


def test_the_hash_is_that_of_the_content_wherever_it_lies(folder, tmp_path):
    shutil.copytree(folder, tmp_path / "other place")
    assert registry.weights_sha(str(folder)) == registry.weights_sha(str(tmp_path / "other place"))
    assert registry.weights_sha(str(folder)) != registry.weights_sha(str(FIXTURES / "scgpt_flash_pad"))


@pytest.mark.parametrize("name", ["args.json", "vocab.json", "best_model.pt"])
def test_every_file_that_decides_the_answers_decides_the_hash(folder, name):
    before = registry.weights_sha(str(folder))
    with (folder / name).open("ab") as stream:
        stream.write(b" ")
    assert registry.weights_sha(str(folder)) != before


def test_what_decides_nothing_changes_no_hash(folder):
    before = registry.weights_sha(str(folder))
    (folder / "README.md").write_text("notes")
    assert registry.weights_sha(str(folder)) == before


def test_unchanged_files_are_hashed_once(folder, monkeypatch):
    before, hashed = registry.weights_sha(str(folder)), []
    original = described.sha256_of
    monkeypatch.setattr(described, "sha256_of", lambda path: hashed.append(path.name) or original(path))
    assert registry.weights_sha(str(folder)) == before
    assert hashed == []
    os.utime(folder / "args.json", (1_700_000_100, 1_700_000_100))
    assert registry.weights_sha(str(folder)) == before
    assert hashed == ["args.json"]


def test_the_hash_of_a_file_that_was_just_written_is_not_kept(folder, monkeypatch):
    (folder / "args.json").touch()
    before, hashed = registry.weights_sha(str(folder)), []
    original = described.sha256_of
    monkeypatch.setattr(described, "sha256_of", lambda path: hashed.append(path.name) or original(path))
    assert registry.weights_sha(str(folder)) == before
    assert hashed == ["args.json"]


# --- names ---------------------------------------------------------------------------------------------------------


def test_a_name_stands_for_its_folder(named):
    assert registry.folder_of("blood") == named
    assert registry.weights_sha("blood") == registry.weights_sha(str(named))
    assert registry.vocabulary("blood") == registry.vocabulary(str(named))
    assert network_digest(load_model("blood", device="cpu")) == registry.network_sha("blood")
    record = next(one for one in registry.records() if one.name == "blood")
    assert (record.title, record.licence, record.family) == ("Blood", "ours", "scgpt")


def test_a_name_whose_folder_is_gone_is_no_choice_and_says_so(named):
    shutil.rmtree(named)
    assert "blood" not in {record.name for record in registry.records()}
    with pytest.raises(ModelError, match=r"folder of the model 'blood' is gone.*put it back"):
        registry.folder_of("blood")


def test_a_bundled_name_cannot_be_taken(folder):
    write_record(FolderRecord(name="compact", title="Not this", folder=folder, format="scgpt"))
    assert registry.folder_of("compact") != folder
    assert [record.name for record in registry.records()].count("compact") == 1
    assert registry.record_of("compact").title != "Not this"


def test_a_path_is_made_absolute_and_a_name_stays(named, monkeypatch):
    monkeypatch.chdir(named.parent)
    assert registry.located("mine") == str(named)
    assert registry.located("blood") == "blood"
    assert registry.located("compact") == "compact"
    assert registry.located("nothing") == "nothing"


def test_an_unknown_name_lists_what_there_is(named):
    with pytest.raises(ModelError, match=r"no foundation model 'none'; needed: one of compact, blood, or the folder"):
        registry.folder_of("none")


def test_a_folder_of_something_else_is_refused(tmp_path):
    with pytest.raises(ModelError, match="holds no model of a known format"):
        registry.card(str(tmp_path))


def test_a_description_of_other_code_is_not_kept(monkeypatch):
    """Not only the modules beside it: the one of the family makes the record."""
    before, read = described._code(), Path.read_bytes

    def changed(path):
        return read(path) + (b"#" if path.match("scgpt/model.py") else b"")

    described._code.cache_clear()
    monkeypatch.setattr(Path, "read_bytes", changed)
    try:
        assert described._code() != before
    finally:
        described._code.cache_clear()
