"""A worker in waiting becomes the worker of the next run, or is as if it had not been."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from grn_core.homes import home_of
from grn_core.runs import manager, spare
from grn_core.settings import at_home

ROOT = Path(__file__).resolve().parents[2]
SERVER = """
import sys, time
from grn_core.runs import manager, spare
manager.WORKER = tuple(sys.argv[1:])
manager.stand_by()
print(spare._waiting[0].process.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def waiting(fake):
    """What returns the process of the spare worker; none is left behind."""
    spare._at_work.clear()
    yield lambda: spare._waiting[0].process
    for one in spare._waiting:
        one.process.kill()
    spare._waiting.clear()
    spare._at_work.clear()


def end_of(pid: int) -> None:
    """Wait until a process that is none of ours has ended."""
    with suppress(psutil.NoSuchProcess):
        psutil.Process(pid).wait(timeout=60)


def test_it_becomes_the_worker_of_one_run(fake, waiting, until, stays, store):
    manager.stand_by()
    process = waiting()
    manager.stand_by()
    assert waiting() is process  # one is enough
    go_on = stays(1)
    run_id = manager.submit(fake.count_request())
    assert manager.status(run_id).pid == process.pid
    assert until(run_id, lambda status: status.done == 1).pid == process.pid
    assert os.getsid(process.pid) == process.pid
    assert Path(f"/proc/{process.pid}/cwd").readlink() == store.path(run_id)
    manager.stand_by()
    assert not spare._waiting  # not beside a worker
    go_on()
    assert manager.wait(run_id, timeout_s=60).state == "done"
    assert f"run {run_id} is done" in (store.path(run_id) / "log.txt").read_text(encoding="utf-8")
    other = manager.submit(fake.count_request("others"))
    assert manager.status(other).pid != process.pid
    assert manager.wait(other, timeout_s=60).state == "done"


def test_two_who_ask_at_once_get_a_worker_each(fake, waiting):
    manager.stand_by()
    pid = waiting().pid
    found = []
    threads = [
        threading.Thread(target=lambda name=name: found.append(manager.submit(fake.count_request(name))))
        for name in ("one", "other")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ended = [manager.wait(run_id, timeout_s=60) for run_id in found]
    assert [status.state for status in ended] == ["done", "done"]
    assert [status.pid for status in ended].count(pid) == 1


def test_where_it_was_killed_a_fresh_one_is_started(fake, waiting):
    manager.stand_by()
    process = waiting()
    process.kill()
    process.wait()
    run_id = manager.submit(fake.count_request())
    status = manager.wait(run_id, timeout_s=60)
    assert (status.state, status.attempts) == ("done", 1)
    assert status.pid != process.pid


def test_killed_with_its_run_in_hand_it_is_a_worker_that_was_killed(fake, waiting, until, stays):
    go_on = stays(2)
    manager.stand_by()
    run_id = manager.submit(fake.count_request())
    os.kill(until(run_id, lambda status: status.done == 2).pid, signal.SIGKILL)
    go_on()
    status = manager.wait(run_id, timeout_s=60)
    assert (status.state, status.attempts) == ("done", 2)


def test_code_that_has_changed_is_loaded_anew_in_the_same_process(fake, waiting, grn_home, until, stays, monkeypatch):
    with monkeypatch.context() as before:
        before.setattr(spare, "code_stamp", lambda: "as it was")
        manager.stand_by()
    process = waiting()
    go_on = stays(1)
    run_id = manager.submit(fake.count_request())
    assert until(run_id, lambda status: status.done == 1).pid == process.pid
    assert psutil.Process(process.pid).cmdline()[2:] == [run_id, "--home", str(grn_home)]
    go_on()
    assert manager.wait(run_id, timeout_s=60).state == "done"


def test_the_stamp_is_of_the_files_and_packages(monkeypatch, tmp_path):
    first = spare.code_stamp()
    assert spare.code_stamp() == first
    monkeypatch.setattr(spare, "_packages", lambda: [str(tmp_path)])
    now = spare.code_stamp()
    assert now != first
    (tmp_path / "a-package").mkdir()
    assert spare.code_stamp() != now


def test_it_ends_with_the_server(fake, grn_home):
    command = [sys.executable, "-c", SERVER, *manager.WORKER]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        pid = int(server.stdout.readline())
        assert psutil.pid_exists(pid)
        server.kill()
    end_of(pid)


@pytest.mark.parametrize("change", ["environment", "home"])
def test_another_home_or_environment_is_not_served(fake, waiting, grn_home, monkeypatch, tmp_path, change):
    manager.stand_by()
    process = waiting()
    monkeypatch.setenv(*{"environment": ("GRN_THREADS", "3"), "home": ("GRN_HOME", str(tmp_path))}[change])
    environment = manager._environment(manager.settings().home)
    options = {"folder": tmp_path, "log": tmp_path / "log.txt"}
    home = manager.settings().home
    assert spare.take(manager.WORKER, "run", home=home, environment=environment, **options) is None
    assert process.wait(timeout=60) == 0  # and it is let go


def test_none_waits_where_it_is_not_wanted_or_would_be_one_users(fake, waiting, grn_home, monkeypatch):
    with at_home(home_of(grn_home, "who vouches", "somebody")):
        manager.stand_by()
    monkeypatch.setenv("GRN_SPARE_WORKER", "0")
    manager.stand_by()
    assert not spare._waiting


@pytest.mark.parametrize("line", [b"", b'{"run": "cut o'])
def test_it_ends_when_nobody_asks_or_what_is_asked_is_cut_off(monkeypatch, line):
    theirs, ours = os.pipe()
    monkeypatch.setattr(spare, "AHEAD", ())
    monkeypatch.setattr(spare, "WAIT_S", 0.05)
    with os.fdopen(theirs, "rb") as pipe:
        monkeypatch.setattr(sys, "stdin", pipe)
        assert spare.wait_for_run("stamp") is None
        os.write(ours, line)
        os.close(ours)
        assert spare.wait_for_run("stamp") is None
