"""A folder or a link in the place of a file of a run is in nobody's way: not of its own run, nor of the list of all."""

from __future__ import annotations

import time

import pytest

from grn_core.runs import RunStatus, manager
from grn_core.runs.locks import hold, is_held
from grn_core.runs.state import is_starting
from grn_core.runs.trash import remove

NAMES = ("lock", "gate", "status.json", "cancel", "log.txt", "run.json")


def put(path, kind, outside):
    path.unlink(missing_ok=True)
    path.mkdir() if kind == "folder" else path.symlink_to(outside / ("gone" if kind == "link to nothing" else "mine"))


@pytest.mark.parametrize("kind", ["folder", "link", "link to nothing"])
@pytest.mark.parametrize("name", NAMES)
def test_a_run_is_computed_and_removed_all_the_same(fake, store, tmp_path, name, kind):
    (outside := tmp_path / "outside").mkdir()
    (outside / "mine").write_text("mine", encoding="utf-8")
    run_id, other = (store.write_request(fake.count_request(n=n)) for n in (1, 2))
    for one in (run_id, other):
        store.write_status(one, RunStatus("running"))
    put(store.path(run_id) / name, kind, outside)
    assert other in [info.run_id for info in store.list_runs()]
    manager.submit(fake.count_request(n=1))
    assert manager.wait(run_id, timeout_s=60).state == "done"
    assert {path.name: path.read_text() for path in outside.iterdir()} == {"mine": "mine"}
    put(store.path(run_id) / name, kind, outside)
    remove(run_id, keep=False)
    assert not store.path(run_id).exists()
    assert {path.name: path.read_text() for path in outside.iterdir()} == {"mine": "mine"}


@pytest.mark.parametrize("kind", ["folder", "link", "link to nothing"])
def test_what_locks_nothing_is_no_lock_and_goes(tmp_path, kind):
    path = tmp_path / "lock"
    (tmp_path / "mine").touch()
    put(path, kind, tmp_path)
    assert not is_held(path)
    with hold(path) as mine:
        assert mine
        assert is_held(path)
    assert path.is_file()
    assert not path.is_symlink()
    assert (tmp_path / "mine").exists()


@pytest.mark.parametrize("ahead_s", [-120.0, 120.0, 1e6])
def test_a_start_that_the_clock_puts_long_ago_or_far_ahead_is_none(ahead_s):
    """Set back, it would say for hours that a worker is about to come up."""
    status = RunStatus("queued", stage="starting", updated=time.time() + ahead_s)
    assert is_starting(status.replace(updated=time.time()))
    assert not is_starting(status)
