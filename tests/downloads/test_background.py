"""Downloads in a process of their own."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import time

import psutil
import pytest

from grn_core import downloads
from grn_core.downloads import background
from grn_core.errors import RequestError
from grn_core.settings import settings
from tests.downloads.conftest import NETWORKS, zipped

ARCHIVE = "beeline-networks"


def wait_for(condition, *, timeout_s: float = 40.0) -> background.Status:
    end = time.monotonic() + timeout_s
    while not condition(now := background.status(ARCHIVE)):
        assert time.monotonic() < end, now
        time.sleep(0.05)
    return now


def ended(now: background.Status) -> bool:
    return now.state != "running"


def workers() -> list[psutil.Process]:
    mine = psutil.Process().children(recursive=True)
    return [one for one in mine if "grn_core.downloads.worker" in " ".join(one.cmdline())]


@pytest.fixture
def other_archive(site):
    """An archive that differs from the published one; return its hash."""
    site.files["BEELINE-Networks.zip"] = content = zipped(NETWORKS | {"noise": os.urandom(3_000_000)})
    return hashlib.sha256(content).hexdigest()


def test_nothing_is_known_of_a_download_that_was_never_asked_for():
    assert background.status(ARCHIVE).state == "none"
    with pytest.raises(RequestError):
        background.start("nothing")


def test_a_refused_archive_can_be_accepted_later(other_archive, site):
    background.start(ARCHIVE)
    assert background.status(ARCHIVE).state == "running"
    now = wait_for(ended)
    assert now.state == "failed"
    assert now.error["sha256"] == other_archive
    assert other_archive in now.error["found"]
    background.start(ARCHIVE, accept=other_archive)
    assert wait_for(ended).state == "done"
    assert downloads.held(downloads.find_archive(ARCHIVE)).is_here
    assert len(site.asked) == 1


def test_progress_cancel_and_going_on(other_archive, site):
    site.slow_s = 0.05
    background.start(ARCHIVE, accept=other_archive)
    now = wait_for(lambda now: now.done > 300_000)
    assert now.stage == "download BEELINE-Networks.zip, bytes"
    assert now.total > 3_000_000
    background.start(ARCHIVE)  # no second worker
    assert len(workers()) == 1
    background.cancel(ARCHIVE)
    assert wait_for(ended).state == "cancelled"
    site.slow_s = 0.0
    background.start(ARCHIVE, accept=other_archive)
    assert wait_for(ended).state == "done"
    assert site.asked[-1][1].startswith("bytes=")
    background.forget(ARCHIVE)
    assert background.status(ARCHIVE).state == "none"


def test_a_killed_worker_is_noticed_and_the_next_goes_on(other_archive, site):
    site.slow_s = 0.05
    background.start(ARCHIVE, accept=other_archive)
    wait_for(lambda now: now.done > 300_000)
    for worker in workers():
        worker.send_signal(signal.SIGKILL)
        worker.wait(timeout=10)
    assert background.status(ARCHIVE).state == "interrupted"
    site.slow_s = 0.0
    background.start(ARCHIVE, accept=other_archive)
    assert wait_for(ended).state == "done"
    assert site.asked[-1][1].startswith("bytes=")


def test_offline_is_a_failure_in_words(monkeypatch):
    monkeypatch.setenv("GRN_MIRROR", "http://127.0.0.1:9")
    background.start(ARCHIVE)
    error = wait_for(ended).error
    assert "cannot be downloaded" in error["found"]
    assert str(downloads.find_archive(ARCHIVE).path) in error["todo"]


def test_a_worker_that_never_began_is_not_waited_for(monkeypatch):
    background._write(ARCHIVE, background.Status("running", stage="start", updated=time.time() - 60))
    assert background.status(ARCHIVE).state == "interrupted"


def test_a_damaged_state_file_counts_as_none():
    for text in ("{", "[]", json.dumps({"surplus": 1})):
        background._file(ARCHIVE, "json").write_text(text)
        assert background.status(ARCHIVE).state == "none"
    assert settings().downloads.is_dir()
