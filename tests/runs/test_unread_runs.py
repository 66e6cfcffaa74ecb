"""A run that cannot be read is told why, keeps what it holds, and can be removed: a link goes itself."""

from __future__ import annotations

import os
import shutil

import pytest

from grn_core.cli import main
from grn_core.errors import RunError
from grn_core.runs import RunStatus, belongings, records
from grn_core.runs.trash import remove
from grn_core.runs.unread import RECORD, remove_record
from grn_core.settings import settings
from grn_core.sums import read_summed, write_summed

STATES = {
    "newer": "was made by a newer GRN Studio (format 9; this one reads 2)",
    "damaged": "cannot be read: its run.json is damaged",
    "record is a folder": "cannot be read: its run.json is damaged",
    "record is a link to nothing": "cannot be read: its run.json is damaged",
    "link to nothing": "is a link that leads to no run",
    "link to a folder": "is a link that leads to no run",
    "file": "is no folder",
    "copy": "no name of a run",
}


def put(state: str, folder, outside):
    record = folder / "run.json"
    if state == "newer":
        write_summed(record, {**read_summed(record), "format": 9})
    elif state == "copy":
        return shutil.copytree(folder, folder.with_name(f"{folder.name} (1)"))
    elif state.startswith("record"):
        record.unlink()
        record.mkdir() if state.endswith("folder") else record.symlink_to(outside / "gone")
    elif state == "damaged":
        record.write_text("{", encoding="utf-8")
    else:
        shutil.rmtree(folder)
        if state == "file":
            folder.write_text("x", encoding="utf-8")
        else:
            folder.symlink_to(outside if state.endswith("folder") else outside / "gone")
    return folder


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("by", ["page", "command"])
def test_it_is_told_why_and_goes_alone(store, fake, tmp_path, state, by, capsys):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "mine.txt").write_text("mine", encoding="utf-8")
    run_id = store.write_request(fake.count_request())
    place = put(state, store.path(run_id), outside)
    if state != "copy":
        assert not store.list_runs()
        with pytest.raises(RunError) as told:
            store.record(run_id)
        assert STATES[state] in str(told.value)
        assert ("update" in str(told.value)) == (state == "newer")
        assert main(["runs", "list"]) == 0
        assert STATES[state] in capsys.readouterr().err
    (one,) = [one for one in belongings.belongings() if one.name == f"runs/{place.name}"]
    assert one.kind == RECORD
    assert STATES[state] in one.title
    if by == "page" or state == "copy":
        remove_record(one.name)
    else:
        assert main(["runs", "remove", run_id]) == 0
    assert not os.path.lexists(place)
    assert [path.name for path in outside.iterdir()] == ["mine.txt"]
    assert not [one for one in belongings.belongings() if one.name.startswith("runs/")]


def test_a_newer_record_is_not_written_over(store, fake, tmp_path):
    request = fake.count_request()
    record = put("newer", store.path(store.write_request(request)), tmp_path) / "run.json"
    before = record.read_bytes()
    with pytest.raises(RunError, match="newer GRN Studio"):
        store.write_request(request)
    assert record.read_bytes() == before


def test_a_folder_with_locks_alone_is_not_told(store):
    """It is being made, or somebody asked for a run that is none."""
    place = settings().runs / ("0" * 16)
    place.mkdir(parents=True)
    (place / "gate").touch()
    assert not belongings.belongings()
    with pytest.raises(RunError):
        store.record(place.name)
    remove(place.name)


def test_each_record_is_read_once_for_a_list(store, fake, monkeypatch):
    for n in range(1, 4):
        store.write_status(store.write_request(fake.count_request(n=n)), RunStatus("cancelled"))
    read, usual = [], records.read_summed
    monkeypatch.setattr(records, "read_summed", lambda path, **told: read.append(path) or usual(path, **told))
    for ask in (belongings.belongings, lambda: main(["runs", "list"])):
        read.clear()
        ask()
        assert sorted(path.parent.name for path in read if path.name == "run.json") == sorted(
            info.run_id for info in store.list_runs()
        )
