"""What users say of a run, and runs that were removed and come back."""

from __future__ import annotations

import errno
import json
import os
import time

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from grn_core import cli, runs
from grn_core.errors import GrnError, RequestError, RunError
from grn_core.runs import RunStatus, RunStore, trash
from grn_core.runs.marks import DAMAGED, LONGEST, NEWER, Marks, read_marks, write_marks
from grn_core.runs.names import pinned_first, title_of
from grn_core.runs.subnetworks import remove_subnetwork, save_subnetwork, subnetworks
from grn_core.runs.trash import DAY_S, FOLDER, KEPT_DAYS, WHEN, sweep
from grn_core.sums import write_summed

TEXT = st.text(st.characters(codec="utf-8"), max_size=LONGEST["name"])


@pytest.fixture
def done(store, fake) -> str:
    """Return a finished run, written by hand."""
    return finished(store, fake, n=1)


def finished(store, fake, *, n: int) -> str:
    run_id = store.write_request(fake.count_request(n=n))
    store.write_status(run_id, RunStatus("cancelled"))
    return run_id


def whole(store: RunStore, run_id: str) -> dict[str, bytes]:
    folder = store.path(run_id)
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_marks_are_kept_and_each_is_changed_alone(store, done):
    record = store.record(done)
    assert runs.mark(done, name="  B cells,\n old donor ") == Marks(name="B cells, old donor")
    assert runs.mark(done, note="see page 3\n", pinned=True) == Marks("B cells, old donor", "see page 3", pinned=True)
    (info,) = store.list_runs()
    assert title_of(info) == "B cells, old donor"
    assert store.record(done) == record, "what a run is does not hang on what is said of it"
    assert runs.mark(done, name="", note="", pinned=False) == Marks()
    assert set(whole(store, done)) == {"run.json", "status.json", "gate"}


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=TEXT, note=TEXT, pinned=st.booleans())
def test_whatever_is_said_is_read_back(tmp_path, name, note, pinned):
    said = Marks().replace(name=name, note=note, pinned=pinned)
    write_marks(tmp_path, said)
    assert read_marks(tmp_path) == said
    assert said == Marks(" ".join(name.split()), note.strip(), pinned)


@pytest.mark.parametrize("text", ["", "[]", "null", '{"name": 3, "pinned": "yes"}', "{", "\0"])
def test_damaged_marks_are_told_and_saved_anew(store, done, text):
    (store.path(done) / "marks.json").write_text(text, encoding="utf-8")
    damaged = not text.startswith('{"')
    assert store.marks(done) == Marks(pinned=damaged, damaged=damaged), "it stays until its owner has looked"
    assert store.marks(done).told == (DAMAGED if damaged else "")
    runs.mark(done, note="page 3", pinned=False)
    assert store.marks(done) == Marks(note="page 3")
    path = store.path(done) / "marks.json"
    path.write_bytes(path.read_bytes().replace(b"page 3", b"page 7"))
    assert store.marks(done).told == f"{DAMAGED} page 7"


def test_what_a_newer_version_says_is_left_as_it_is(store, done):
    write_summed(path := store.path(done) / "marks.json", {"record_format": 2, "name": ["a"], "note": "b"})
    before = path.read_bytes()
    assert store.marks(done) == Marks(pinned=True, newer=True)
    assert store.marks(done).told == NEWER
    with pytest.raises(GrnError, match="newer GRN Studio"):
        runs.mark(done, note="mine")
    assert path.read_bytes() == before


def test_sub_networks_of_a_newer_version_are_left_as_they_are(store, done):
    write_summed(path := store.path(done) / "subnetworks.json", {"record_format": 2, "sub-networks": {"a": ["A"]}})
    before = path.read_bytes()
    for ask in (
        lambda: subnetworks(done),
        lambda: save_subnetwork(done, "b", ("A", "B")),
        lambda: remove_subnetwork(done, "a"),
    ):
        with pytest.raises(RunError, match=r"newer GRN Studio \(format 2; this one reads 1\)"):
            ask()
    assert path.read_bytes() == before


def test_a_text_that_is_too_long_is_refused(store, done):
    with pytest.raises(RequestError, match="the name has 121 characters"):
        runs.mark(done, name="x" * 121)
    assert store.marks(done) == Marks()


def test_pinned_runs_stand_before_the_others(store, fake):
    ids = [finished(store, fake, n=n) for n in range(1, 5)]
    runs.mark(ids[1], pinned=True)
    order = [info.run_id for info in store.list_runs()]
    assert [info.run_id for info in pinned_first(store.list_runs())] == [
        ids[1],
        *(one for one in order if one != ids[1]),
    ]


def test_a_removed_run_comes_back_as_it_was(store, done):
    runs.mark(done, name="mine")
    before = whole(store, done)
    runs.remove(done)
    assert store.list_runs() == []
    (gone,) = runs.removed_runs()
    assert (gone.info.run_id, title_of(gone.info)) == (done, "mine")
    runs.restore(done)
    assert whole(store, done) == before
    assert runs.removed_runs() == []


def test_a_run_is_removed_though_the_disk_is_full(store, done, monkeypatch):
    """Else nobody could make room; when it was removed is said by the time of its folder."""
    os.utime(store.path(done), (0, 0))
    monkeypatch.setattr(trash, "write_summed", lambda *_: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full")))
    runs.remove(done)
    sweep(store)
    (one,) = runs.removed_runs()
    assert abs(one.removed - time.time()) < 60
    runs.restore(done)
    assert store.marks(done) == Marks()


def test_what_was_computed_again_is_not_overwritten(store, fake, done):
    runs.remove(done)
    assert finished(store, fake, n=1) == done
    with pytest.raises(RunError, match="was computed again since"):
        runs.restore(done)
    assert len(runs.removed_runs()) == 1
    runs.remove(done)
    assert len(runs.removed_runs()) == 1, "the last of one request"


@pytest.mark.parametrize("run_id", ["0123456789abcdef"])
def test_what_is_not_there_cannot_be_restored(store, run_id):
    with pytest.raises(RunError, match="is not among the removed runs"):
        runs.restore(run_id)


def test_removed_runs_go_when_their_days_are_over(store, fake, done):
    young = finished(store, fake, n=2)
    for run_id in (done, young):
        runs.remove(run_id)
    trash = store.root.parent / FOLDER
    (trash / done / WHEN).write_text(json.dumps({"removed": time.time() - KEPT_DAYS * DAY_S - 1}), encoding="utf-8")
    assert [one.info.run_id for one in runs.removed_runs()] == [young]
    sweep(store)
    assert [place.name for place in trash.iterdir()] == [young]
    (trash / young / WHEN).unlink()
    os.utime(trash / young, (0, 0))
    sweep(store)
    assert list(trash.iterdir()) == []


def test_removed_for_good(store, done):
    runs.remove(done, keep=False)
    assert runs.removed_runs() == []
    with pytest.raises(RunError, match="not among the removed"):
        runs.restore(done)


def test_the_command_line_names_pins_removes_and_restores(store, done, capsys):
    def call(*words: str) -> tuple[str, str]:
        assert cli.main(["runs", *words]) == 0
        return tuple(capsys.readouterr())

    assert call("rename", done, "old donor")[1] == f"run {done}: old donor\n"
    assert call("note", done, "page 3")[1] == f"run {done}: old donor (page 3)\n"
    assert call("pin", done)[1] == f"run {done}: old donor (page 3), pinned\n"
    assert "old donor (pinned)" in call("list")[0]
    (row,) = json.loads(call("list", "--json")[0])
    assert (row["name"], row["note"], row["pinned"]) == ("old donor", "page 3", True)
    call("pin", done, "--off")
    call("remove", done)
    assert json.loads(call("list", "--json")[0]) == []
    assert [row["run_id"] for row in json.loads(call("list", "--removed", "--json")[0])] == [done]
    call("restore", done)
    assert [info.run_id for info in store.list_runs()] == [done]
    assert cli.main(["runs", "rename", "0123456789abcdef", "x"]) == 2
