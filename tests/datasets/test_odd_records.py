"""What stands where a record should be, and is none that can be read, is told with its reason and can be removed."""

from __future__ import annotations

import dataclasses
import json
import os

import pytest

from grn_core import datasets, sums
from grn_core.cli import main
from grn_core.damaged_records import FORMAT, ROOMS, UPLOADS, damaged, sentences
from grn_core.datasets import annotations, groups
from grn_core.datasets.gene_lists import GeneList
from grn_core.datasets.store import Upload
from grn_core.errors import DataError, GrnError
from grn_core.files import draft_of
from grn_core.models import folders
from grn_core.runs import belongings
from grn_core.runs.unread import RECORD, remove_record
from grn_core.settings import settings
from tests.datasets.test_records_of_others import ROOMS as ASKED
from tests.datasets.test_records_of_others import ask, file_of

SHA = "0" * 64
KINDS = ("upload", "list", "column", "model", "groups")
STATES = {
    "newer": "was made by a newer GRN Studio",
    "link to nothing": "is a link that leads to nothing",
    "folder": "is a folder",
    "pipe": "is no file",
    "cut": "is damaged on the disk",
    "without a key": "is damaged on the disk",
    "copy": "a copy",
}


def made(kind: str):
    """Make a record and return its file."""
    if kind == "groups":
        path = groups._path(SHA)
        two = groups.Groups(groups.CellGroup("cell_type", ("B",)), groups.CellGroup("cell_type", ("T",)))
        sums.write_summed(path, two.to_json())
        return path
    return file_of(kind, ask(kind, second=False))


def put(state: str, path, outside):
    """Put something in the place of a record, and return where it stands."""
    content = json.loads(path.read_text(encoding="utf-8"))
    if state == "copy":
        copy = path.with_name(f"{path.stem} (1).json")
        copy.write_bytes(path.read_bytes())
        return copy
    path.unlink()
    if state == "newer":
        sums.write_summed(path, {**content, FORMAT: 7, "more": [1]})
    elif state == "link to nothing":
        path.symlink_to(outside / "gone")
    elif state == "folder":
        path.mkdir()
        (path / "link").symlink_to(outside)
    elif state == "pipe":
        os.mkfifo(path)
    elif state == "cut":
        path.write_text("{", encoding="utf-8")
    else:
        lost = {name: value for name, value in content.items() if name in ("ref", "name", "a")}
        sums.write_summed(path, lost)
    return path


def found(kind: str) -> list[str]:
    """What is read of the records of a kind."""
    return {
        "upload": lambda: [one.ref for one in datasets.list_uploads()],
        "list": lambda: [one.ref for one in datasets.list_genes()],
        "column": lambda: [one.ref for one in annotations.annotations_of(SHA)],
        "model": lambda: [one.name for one in folders.registered()],
        "groups": lambda: [SHA] if groups.groups_of(SHA) else [],
    }[kind]()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("state", STATES)
def test_it_is_told_why_listed_for_deletion_and_goes_alone(grn_home, tmp_path, kind, state):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "mine.txt").write_text("mine", encoding="utf-8")
    path = made(kind)
    usual = found(kind)
    place = put(state, path, outside)
    assert found(kind) == (usual if state == "copy" else [])
    assert [one for _, one in damaged()] == [place]
    (text,) = sentences(damaged())
    assert STATES[state] in text
    assert place.stem in text
    assert ("format 7; this one reads 1" in text) == (state == "newer")
    (one,) = [one for one in belongings.belongings() if place.stem in one.name]
    assert (state == "newer") == ("newer GRN Studio" in one.title)
    remover = remove_record if one.kind == RECORD else belongings.remove_upload
    remover(one.name)
    assert not os.path.lexists(place)
    assert (outside / "mine.txt").read_text(encoding="utf-8") == "mine"
    assert not damaged()
    assert found(kind) == (usual if state == "copy" else [])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("state", ["newer", "folder"])
def test_it_is_not_written_over(grn_home, tmp_path, kind, state):
    """By the same upload, list, column, model or groups: a newer one is not ours to change, a folder cannot be."""
    place = put(state, made(kind), tmp_path)
    before = place.read_bytes() if state == "newer" else sorted(place.iterdir())
    with pytest.raises(GrnError, match=r"newer GRN Studio .*update|is a folder.*delete"):
        made_again(kind)
    assert (place.read_bytes() if state == "newer" else sorted(place.iterdir())) == before


def made_again(kind: str) -> None:
    if kind == "groups":
        groups._keep(SHA, groups.Groups(groups.CellGroup("x", ("B",)), groups.CellGroup("x", ("T",))))
    else:
        ask(kind, second=False)


def test_a_record_without_any_one_of_its_keys_is_told_or_read(grn_home):
    """None is passed over in silence, whichever key a fault or an editor has taken out with the sum put right."""
    for kind in KINDS:
        path = made(kind)
        content = sums.read_summed(path)
        for key in content:
            sums.write_summed(path, {name: value for name, value in content.items() if name != key})
            assert damaged() or found(kind), (kind, key)
        sums.write_summed(path, content)


@pytest.mark.parametrize("kind", KINDS)
def test_what_somebody_is_writing_is_no_record(grn_home, kind):
    path = made(kind)
    draft_of(path).write_bytes(path.read_bytes())
    assert not damaged()
    assert len(found(kind)) == 1


def test_what_goes_while_it_is_listed_is_passed_over(grn_home, monkeypatch):
    gone = settings().home / "groups" / f"{'1' * 32}.json"
    monkeypatch.setattr(belongings, "damaged", lambda *rooms: [(rooms[0], gone)])
    monkeypatch.setattr(belongings, "unread_records", lambda: {"groups/1": (ROOMS[3], gone)})
    monkeypatch.setattr(belongings, "unread_runs", lambda _read: {"runs/1": GrnError("is gone")})
    monkeypatch.setattr(belongings, "copies_of_runs", lambda: {"runs/2": gone})
    assert belongings.belongings() == []


@pytest.mark.parametrize("state", ["copy", "folder", "made", "link"])
def test_what_cannot_be_deleted_is_told(grn_home, tmp_path, monkeypatch, state):
    if state in ("copy", "folder"):
        remover, place = remove_record, put(state, made("column"), tmp_path)
    else:
        remover, place = belongings.remove_made, settings().home / "translators" / "mine"
        (outside := tmp_path / "outside").mkdir()
        place.parent.mkdir(exist_ok=True)
        place.mkdir() if state == "made" else place.symlink_to(outside)
    (one,) = [one for one in belongings.belongings() if place.name in one.name]

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError

    with monkeypatch.context() as refused:
        refused.setattr(os, "unlink", refuse)
        refused.setattr(os, "rmdir", refuse)
        with pytest.raises(PermissionError):
            remover(one.name)
    assert os.path.lexists(place)
    remover(one.name)
    assert not os.path.lexists(place)


def test_keys_that_a_record_needs_are_those_of_what_is_made_of_it():
    def needed(kind) -> set[str]:
        return {
            one.name
            for one in dataclasses.fields(kind)
            if one.default is dataclasses.MISSING and one.default_factory is dataclasses.MISSING
        }

    rooms = {room.what: set(room.needs) for room in ROOMS}
    assert rooms["an upload"] == needed(Upload)
    assert rooms["a gene list"] == needed(GeneList)
    assert rooms["a model that was added"] == {one.name for one in dataclasses.fields(folders.FolderRecord)}
    assert rooms["the groups A and B of some cells"] == needed(groups.Groups)
    assert rooms["a column of cells that was made here"] == needed(annotations.Annotation) - {"codes"} | {"created"}


@pytest.mark.parametrize("kind", ["upload", "column"])
@pytest.mark.parametrize("state", ["gone", "link to nothing", "folder"])
def test_a_record_whose_file_is_lost_is_told_and_can_be_deleted(grn_home, tmp_path, kind, state):
    path = made(kind)
    (file,) = (one for one in path.parent.iterdir() if one.suffix != ".json")
    file.unlink()
    if state == "folder":
        file.mkdir()
    elif state != "gone":
        file.symlink_to(tmp_path / "gone")
    assert found(kind) == []
    (text,) = sentences(damaged())
    assert "has lost the file that belongs to it" in text
    (one,) = [one for one in belongings.belongings() if path.stem in one.name]
    (remove_record if one.kind == RECORD else belongings.remove_upload)(one.name)
    assert not list(path.parent.glob(f"*{path.stem.rpartition('-')[2]}*"))


def test_a_link_to_the_record_of_another_place_is_removed_itself(grn_home, tmp_path):
    path = made("list")
    elsewhere = path.rename(tmp_path / path.name)
    path.symlink_to(elsewhere)
    belongings.remove_upload(path.stem)
    assert not os.path.lexists(path)
    assert elsewhere.is_file()


def test_groups_of_other_cells_are_not_used(grn_home):
    path = made("groups")
    groups._keep(SHA, groups.groups_of(SHA))
    other = groups._path("1" * 64)
    other.write_bytes(path.read_bytes())
    assert groups.groups_of(SHA) is not None
    assert groups.groups_of("1" * 64) is None
    assert "is damaged" in groups.why_no_groups("1" * 64)[0]
    assert [one for _, one in damaged()] == [other]


@pytest.mark.parametrize("command", [["datasets", "check"], ["cells", "columns"], ["umap"]])
@pytest.mark.parametrize("state", ["newer", "link to nothing", "cut"])
def test_commands_that_name_such_an_upload_say_what_it_is(grn_home, tmp_path, command, state, capsys):
    path = put(state, made("upload"), tmp_path)
    assert main([*command, path.stem]) == 2
    told = capsys.readouterr().err
    assert STATES[state] in told
    assert ("update" in told) == (state == "newer")
    assert "no file" not in told
    with pytest.raises(DataError, match=STATES[state]):
        datasets.load(path.stem)


def test_the_names_of_records_that_are_made_are_those_that_are_read(grn_home):
    for kind in KINDS:
        made(kind)
    assert set(ASKED.values()) < set(ROOMS)
    assert all(room.files() for room in ROOMS)
    assert not damaged()
    assert UPLOADS.files()[0].parent == settings().uploads


LOST = {
    "gone": "record is gone; needed",
    "damaged": "record is damaged on the disk",
    "newer": "record was made by a newer GRN Studio",
    "labels gone": "record has lost the file that belongs to it",
    "labels damaged": "labels are damaged",
    "of other cells": "was made here of other cells",
}


@pytest.mark.parametrize("state", LOST)
def test_a_column_that_was_made_here_is_never_said_not_to_be_one_of_the_cells(grn_home, state):
    data = datasets.load("GSD")
    labels = ["B", "T"] * (data.n_cells // 2) + ["B"] * (data.n_cells % 2)
    ref = annotations.annotate("1" * 64 if state == "of other cells" else data.sha256, labels, title="mine")
    record, values = (annotations._path(ref, ending) for ending in (".json", ".npy"))
    if state == "gone":
        record.unlink()
        values.unlink()
    elif state == "damaged":
        record.write_text("{", encoding="utf-8")
    elif state == "newer":
        put("newer", record, grn_home)
    elif state == "labels gone":
        values.unlink()
    elif state == "labels damaged":
        values.write_bytes(values.read_bytes()[:-1] + b"\7")
    for ask_for in (lambda: data.column(ref), lambda: data.cells_where(ref, ["B"])):
        with pytest.raises(DataError, match=r"the column .* was made here") as told:
            ask_for()
        assert LOST[state] in str(told.value)
        assert ("update" in str(told.value)) == (state == "newer")
    with pytest.raises(DataError, match="the cells have no column 'mood'"):
        data.column("mood")


@pytest.mark.parametrize("state", ["cut", "newer", "link to nothing", "folder"])
def test_groups_that_are_not_read_are_not_said_to_be_unnamed(grn_home, tmp_path, state, capsys):
    data = datasets.load("GSD")
    path = groups._path(data.sha256)
    two = groups.Groups(groups.CellGroup("x", ("B",)), groups.CellGroup("x", ("T",)))
    groups._keep(data.sha256, two)
    put(state, path, tmp_path)
    assert main(["cells", "groups", "GSD"]) == 2
    told = capsys.readouterr().err
    assert "the groups of these cells were chosen here" in told
    assert STATES[state] in told


@pytest.mark.parametrize("state", ["newer", "folder", "cut", "copy"])
def test_commands_delete_such_records(grn_home, tmp_path, state, capsys):
    for kind in KINDS:
        place, command = put(state, made(kind), tmp_path), "models" if kind == "model" else "datasets"
        assert main(["cells", "columns", "GSD"]) == 0
        assert (place.stem in capsys.readouterr().err) == (kind == "column")
        assert main([command, "remove", place.stem]) == 0
        assert not os.path.lexists(place)
    assert main(["models", "remove", "nobody"]) == 2
