"""Downloads in a process of their own: they outlive who asked for them, are cancelled, killed and taken up again."""

from __future__ import annotations

import os
import signal
import time

import pytest

from grn_core import hub as folders
from grn_core.hub.manifest import checkpoint
from grn_core.hub.verify import accept, mismatches
from grn_core.runs import PullRequest, RunStore, manager
from grn_core.runs.locks import hold

NAME = "scgpt-human"
FILES = ("args.json", "vocab.json", "best_model.pt")
WAIT_S = 120  # a busy machine


@pytest.fixture
def published(hub, tiny):
    """The tiny checkpoint under the address of a published one, whose stated checksums it cannot have."""
    hub.hold(checkpoint(NAME).repo, tiny, *FILES)
    yield hub
    for info in RunStore().list_runs():
        if info.status.active and info.status.pid:
            os.kill(info.status.pid, signal.SIGKILL)


def submit() -> str:
    return manager.submit(PullRequest(checkpoint=NAME, title="scGPT"))


def until(run_id: str, condition):
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        status = manager.status(run_id)
        if condition(status):
            return status
        time.sleep(0.02)
    pytest.fail(f"after {WAIT_S} s the run is {status}")


def test_a_checkpoint_is_downloaded_refused_accepted_and_registered(published):
    known = checkpoint(NAME)
    with hold(RunStore().device_lock) as taken:  # an inference is computing: a download does not wait for it
        assert taken
        run_id = submit()
        status = manager.wait(run_id, timeout_s=WAIT_S)
    assert status.state == "failed"
    wrong = {one.file: one for one in mismatches(known)}
    assert set(wrong) == {"vocab.json", "best_model.pt"}
    assert wrong["vocab.json"].found in status.error["found"]
    assert folders.registered() == []

    accept(known, [one.found for one in wrong.values()])
    manager.resume(run_id)
    assert manager.wait(run_id, timeout_s=WAIT_S).state == "done"
    (record,) = folders.registered()
    assert (record.name, record.folder, record.licence) == (NAME, known.folder, known.licence)
    assert submit() == run_id
    assert manager.status(run_id).state == "done"

    folders.forget(NAME)
    assert manager.status(run_id).state == "interrupted"
    submit()
    assert manager.wait(run_id, timeout_s=WAIT_S).state == "done"
    assert [record.name for record in folders.registered()] == [NAME]


@pytest.mark.thorough
def test_a_cancelled_and_a_killed_download_go_on_where_they_were(published):
    weights = published.files[checkpoint(NAME).repo, "best_model.pt"]
    published.files[checkpoint(NAME).repo, "best_model.pt"] = weights + b"\0" * (8 << 20)
    published.pause_s = 0.01
    run_id = submit()
    until(run_id, lambda status: status.stage == "download" and status.done > 1 << 20)
    manager.cancel(run_id)
    status = until(run_id, lambda status: status.state == "cancelled")
    assert 0 < status.done < 8 << 20

    published.seen.clear()
    manager.resume(run_id)
    status = until(run_id, lambda now: now.stage == "download" and now.done > status.done + (1 << 20))
    first = taken_up(published)
    assert first >= 1 << 20

    os.kill(status.pid, signal.SIGKILL)
    until(run_id, lambda status: status.state == "interrupted")
    published.seen.clear()
    published.pause_s = 0.0
    assert manager.wait(run_id, timeout_s=WAIT_S).state == "failed"  # the file is whole, and not the stated one
    assert taken_up(published) > first
    assert len(mismatches(checkpoint(NAME))) == 2


def taken_up(hub) -> int:
    """The byte that the last download of the large file began at."""
    wanted = [wanted for path, wanted in hub.bodies() if path.startswith("/apart/")][-1]
    return int(wanted.removeprefix("bytes=").rstrip("-"))
