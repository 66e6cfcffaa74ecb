"""Downloads of archives are runs: progress, cancel, going on after a kill, and what failed in words."""

from __future__ import annotations

import hashlib
import os
import signal
import time

import pytest

from grn_core import downloads
from grn_core.errors import RequestError
from grn_core.runs import DownloadRequest, RunStatus, RunStore, manager, submit
from tests.downloads.conftest import NETWORKS, zipped

ARCHIVE = "beeline-networks"


def wait_for(run_id: str, condition, *, timeout_s: float = 60.0) -> RunStatus:
    end = time.monotonic() + timeout_s
    while not condition(now := manager.status(run_id)):
        assert time.monotonic() < end, now
        time.sleep(0.05)
    return now


@pytest.fixture
def store(grn_home) -> RunStore:
    return RunStore()


@pytest.fixture
def other_archive(site):
    """An archive that differs from the published one; return its hash."""
    site.files["BEELINE-Networks.zip"] = content = zipped(NETWORKS | {"noise": os.urandom(3_000_000)})
    return hashlib.sha256(content).hexdigest()


def test_an_archive_that_is_not_known_leaves_no_run(store):
    with pytest.raises(RequestError):
        submit(DownloadRequest(archive="nothing"))
    assert store.list_runs() == []


def test_progress_cancel_kill_and_going_on(store, other_archive, site):
    site.slow_s = 0.05
    asked = DownloadRequest(archive=ARCHIVE, accept=other_archive)
    run_id = submit(asked)
    now = wait_for(run_id, lambda now: now.stage == "download" and now.done > 300_000)
    assert now.total > 3_000_000
    assert submit(asked) == run_id  # no second worker
    manager.cancel(run_id)
    assert wait_for(run_id, lambda now: not now.active).state == "cancelled"
    manager.resume(run_id)
    now = wait_for(run_id, lambda now: now.stage == "download" and now.done > 600_000)
    os.kill(now.pid, signal.SIGKILL)
    assert wait_for(run_id, lambda now: not now.active).state == "interrupted"
    site.slow_s = 0.0
    assert manager.wait(run_id, timeout_s=60).state == "done"
    assert site.asked[-1][1].startswith("bytes=")
    assert downloads.held(downloads.find_archive(ARCHIVE)).is_here


def test_it_waits_for_no_device(store, other_archive):
    from grn_core.runs.locks import hold

    with hold(store.device_lock):
        run_id = submit(DownloadRequest(archive=ARCHIVE, accept=other_archive))
        assert manager.wait(run_id, timeout_s=60).state == "done"


def test_offline_is_a_failure_in_words(store, monkeypatch):
    monkeypatch.setenv("GRN_MIRROR", "http://127.0.0.1:9")
    run_id = submit(DownloadRequest(archive=ARCHIVE))
    error = manager.wait(run_id, timeout_s=60).error
    assert "cannot be downloaded" in error["found"]
    assert str(downloads.find_archive(ARCHIVE).path) in error["todo"]
