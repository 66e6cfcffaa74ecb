"""The life of a run with real processes: computed once, killed, cancelled, failed, queued."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from grn_core.errors import RunError
from grn_core.homes import home_of
from grn_core.runs import RunStore, manager, queue
from grn_core.runs.locks import hold
from grn_core.runs.state import STARTING, RunStatus
from grn_core.runs.worker import NICE
from grn_core.settings import at_home


def test_a_run_is_computed_once(fake, store, diary):
    run_id = manager.submit(fake.count_request())
    seen = []
    status = manager.wait(run_id, timeout_s=60, listener=seen.append)
    assert status.state == "done"
    assert status.fraction == 1
    assert status.wall_s > 5 * fake.STEP_S
    assert status.peak_bytes > 1e6
    assert [status.state for status in seen][-1] == "done"
    record = store.record(run_id)
    assert record["result"]["chunks"] == 5
    assert record["versions"]["python"] == ".".join(map(str, sys.version_info[:3]))
    assert "torch" in record["versions"]

    assert manager.submit(fake.count_request()) == run_id
    assert manager.resume(run_id).state == "done"
    assert manager.ensure_running(run_id) == status
    assert diary().count(f"begin {run_id}") == 1


def test_a_removed_result_is_computed_again(fake, store, diary):
    run_id = manager.submit(fake.count_request(n=1))
    manager.wait(run_id, timeout_s=60)
    (store.path(run_id) / "result.txt").unlink()
    assert manager.status(run_id).state == "interrupted"
    manager.submit(fake.count_request(n=1))
    assert manager.wait(run_id, timeout_s=60).state == "done"


def test_two_processes_ask_at_the_same_moment(fake, grn_home, diary):
    command = [sys.executable, fake.__file__, "submit", "cells", "8"]
    askers = [subprocess.Popen(command, env={**os.environ, "GRN_HOME": str(grn_home)}) for _ in range(2)]
    while len(list(grn_home.glob("ready-*"))) < 2:
        assert [asker.poll() for asker in askers] == [None, None]
        time.sleep(0.01)
    (grn_home / "go").touch()
    assert [asker.wait(timeout=60) for asker in askers] == [0, 0]
    run_id = fake.count_request(n=8).run_id()
    assert manager.wait(run_id, timeout_s=60).state == "done"
    assert diary() == [f"begin {run_id}", *(f"chunk {i}" for i in range(8))]


def test_a_second_worker_leaves_at_once(fake, grn_home, diary, until, stays):
    stays(1)
    run_id = manager.submit(fake.count_request())
    until(run_id, lambda status: status.done == 1)
    second = [sys.executable, fake.__file__, run_id, "--home", str(grn_home)]
    assert subprocess.run(second, timeout=60, check=False).returncode == 0
    assert manager.status(run_id).state == "running"
    assert diary().count(f"begin {run_id}") == 1


def test_a_worker_sweeps_up_after_killed_ones_when_it_starts(fake, store, grn_home, dead_pid):
    left = [
        grn_home / place / f".{dead_pid}-140-{name}"
        for place, name in (
            ("runs/0123456789abcdef", "status.json"),
            ("translators/mine", "translator.safetensors"),
            ("models/registered", "mine.json"),
            ("uploads", "upload-0123456789ab.json"),
        )
    ]
    living = grn_home / "uploads" / f".{os.getpid()}-140-upload-0123456789ab.json"
    for path in (*left, living):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert manager.wait(manager.submit(fake.count_request(n=1)), timeout_s=60).state == "done"
    assert not any(path.exists() for path in left)
    assert living.exists()


def test_a_killed_worker_is_found_out_and_its_chunks_are_kept(fake, diary, until, stays):
    go_on = stays(3)
    run_id = manager.submit(fake.count_request(n=20))
    status = until(run_id, lambda status: status.done == 3)
    assert status.state == "running"
    assert 0.1 < status.fraction < 1
    assert status.elapsed_s > 0
    os.kill(status.pid, signal.SIGKILL)
    status = until(run_id, lambda status: status.state == "interrupted")
    assert "attempt 1" in status.message

    go_on()
    assert manager.ensure_running(run_id).state == "queued"
    status = manager.wait(run_id, timeout_s=60)
    assert status.state == "done"
    assert status.attempts == 2
    lines = diary()
    assert lines.count(f"begin {run_id}") == 2
    chunks = [line for line in lines if line.startswith("chunk")]
    assert chunks == [f"chunk {i}" for i in range(20)]


def test_a_worker_that_always_dies_is_started_three_times(fake, diary, until):
    run_id = manager.submit(fake.count_request("dies"))
    status = manager.wait(run_id, timeout_s=60)
    assert (status.state, status.attempts) == ("interrupted", manager.MAX_ATTEMPTS)
    assert diary() == [f"begin {run_id}"] * 3
    with pytest.raises(RunError, match="stopped without a word"):
        status.raise_for_failure()
    assert manager.ensure_running(run_id).state == "interrupted"
    manager.resume(run_id)
    until(run_id, lambda status: status.state == "interrupted")
    assert len(diary()) == 4
    assert manager.cancel(run_id).state == "cancelled"


@pytest.mark.parametrize(("free", "why"), [(0, "the disk is full, and the worker"), (1 << 30, "the worker")])
def test_a_worker_that_could_not_say_so_stopped_on_a_full_disk(fake, until, stays, monkeypatch, free, why):
    stays(3)
    run_id = manager.submit(fake.count_request(n=20))
    os.kill(until(run_id, lambda status: status.done == 3).pid, signal.SIGKILL)
    until(run_id, lambda status: status.state == "interrupted")
    monkeypatch.setattr("shutil.disk_usage", lambda _: shutil._ntuple_diskusage(1 << 40, (1 << 40) - free, free))
    assert manager.status(run_id).message.startswith(f"{why} stopped")


def test_the_worker_outlives_the_process_that_asked(fake, grn_home):
    (grn_home / "go").touch()
    asker = [sys.executable, fake.__file__, "submit", "cells", "10"]
    subprocess.run(asker, env={**os.environ, "GRN_HOME": str(grn_home)}, timeout=60, check=True)
    status = manager.wait(fake.count_request(n=10).run_id(), timeout_s=60)
    assert (status.state, status.attempts) == ("done", 1)


def test_cancel_and_resume(fake, diary, until, stays):
    go_on = stays(2)
    run_id = manager.submit(fake.count_request(n=30))
    until(run_id, lambda status: status.done == 2)
    manager.cancel(run_id)
    status = until(run_id, lambda status: status.state == "cancelled")
    assert manager.ensure_running(run_id).state == "cancelled"
    with pytest.raises(RunError, match="cancelled"):
        status.raise_for_failure()
    go_on()
    manager.resume(run_id)
    assert manager.wait(run_id, timeout_s=60).state == "done"
    assert len([line for line in diary() if line.startswith("chunk")]) == 30
    assert manager.cancel(run_id).state == "done"


def test_work_that_says_nothing_is_cancelled_too(fake, until):
    run_id = manager.submit(fake.count_request(dataset="silent"))
    worker = psutil.Process(until(run_id, lambda status: status.stage == "read").pid)
    manager.cancel(run_id)
    until(run_id, lambda status: status.state == "cancelled")
    assert psutil.wait_procs([worker], timeout=60)[1] == []
    manager.resume(run_id)
    until(run_id, lambda status: status.stage == "read")
    manager.cancel(run_id)
    until(run_id, lambda status: status.state == "cancelled")


def test_asking_again_takes_a_cancel_back(fake, until, stays):
    go_on = stays(2)
    run_id = manager.submit(fake.count_request(n=30))
    until(run_id, lambda status: status.done == 2)
    manager.cancel(run_id)
    manager.submit(fake.count_request(n=30))
    go_on()
    assert manager.wait(run_id, timeout_s=60).state == "done"


def test_a_users_mistake_ends_the_run_with_what_to_do(fake, store, diary):
    run_id = manager.submit(fake.count_request("bad-data"))
    status = manager.wait(run_id, timeout_s=60)
    assert status.state == "failed"
    assert status.error == {"found": "the file has no cell", "needed": "cells", "todo": "choose another file"}
    with pytest.raises(RunError, match="no cell; needed: cells; what to do: choose"):
        status.raise_for_failure()
    assert manager.ensure_running(run_id).state == "failed"  # a failure is an answer, not an accident
    assert len(diary()) == 1


def test_a_bug_ends_the_run_with_a_pointer_to_the_log(fake, store):
    run_id = manager.submit(fake.count_request("bug"))
    status = manager.wait(run_id, timeout_s=60)
    assert status.error["found"] == "unexpected ZeroDivisionError: broken"
    log = store.path(run_id) / "log.txt"
    assert f"log.txt of run {run_id}" in status.error["todo"]
    assert str(store.root) not in str(status.to_json())
    assert "Traceback" in log.read_text(encoding="utf-8")


def test_runs_wait_for_the_device_in_the_order_of_asking(fake, store, diary, until):
    with hold(store.device_lock) as mine:
        assert mine
        first, second, third = (manager.submit(fake.count_request(n=n)) for n in (1, 2, 3))
        until(first, lambda status: status.position == 1)
        until(second, lambda status: status.position == 2)
        status = until(third, lambda status: status.position == 3)
        assert status.state == "queued"
        assert "place 3" in status.message
        manager.cancel(second)
        until(second, lambda status: status.state == "cancelled")
        until(third, lambda status: status.position == 2)
        assert diary() == []
    assert manager.wait(third, timeout_s=60).state == "done"
    assert manager.wait(first, timeout_s=60).state == "done"
    assert [line for line in diary() if "begin" in line] == [f"begin {first}", f"begin {third}"]


def test_the_same_question_of_others_is_not_taken_for_ones_own(fake, store, grn_home, until):
    """What is asked of the demo has one id in all homes."""
    now = time.time()
    run_id = fake.count_request().run_id()
    for user, asked, before in (("ada", run_id, 2), ("ben", "f" * 16, 1)):
        there = RunStore(home_of(grn_home, "https://login.example", user) / "runs")
        lives = RunStatus("queued", stage=STARTING, queued=now - before, updated=now + 60, pid=os.getpid())
        there.write_status(asked, lives)
        queue.enter(there, asked, queued=now - before)
    with hold(store.device_lock):
        manager.submit(fake.count_request())
        assert until(run_id, lambda status: status.position > 0).position == 3
        manager.cancel(run_id)
        until(run_id, lambda status: status.state == "cancelled")


def test_users_take_turns_and_see_how_many_are_before_them(fake, store, grn_home, until):
    ada, grace = (home_of(grn_home, "https://login.example", name) for name in ("ada", "grace"))
    asked = {}
    with hold(store.device_lock) as mine:
        assert mine
        for name, home, n in (("first", ada, 1), ("second", ada, 2), ("hers", grace, 3)):
            with at_home(home):
                asked[name] = home, manager.submit(fake.count_request(n=n))
        for name, place in {"first": 1, "hers": 2, "second": 3}.items():
            with at_home(asked[name][0]):
                until(asked[name][1], lambda status, place=place: status.position == place)
    started = {}
    for name, (home, run_id) in asked.items():
        with at_home(home):
            assert manager.wait(run_id, timeout_s=60).state == "done"
            started[name] = manager.status(run_id).started
    assert started["first"] < started["hers"] < started["second"]


def test_a_worker_that_never_comes_up_is_found_out(fake, store, monkeypatch, until):
    monkeypatch.setattr(manager, "WORKER", (sys.executable, "-c", "raise SystemExit(3)"))
    run_id = manager.submit(fake.count_request())
    status = until(run_id, lambda status: status.state == "interrupted")
    assert status.stage == STARTING


def test_a_start_that_takes_too_long_is_given_up(fake, store, monkeypatch):
    run_id = store.write_request(fake.count_request())
    store.write_status(run_id, RunStatus("queued", stage=STARTING, pid=os.getpid(), attempts=1))
    assert manager.status(run_id).state == "queued"
    monkeypatch.setattr("grn_core.runs.state.START_GRACE_S", -1.0)
    assert manager.status(run_id).state == "interrupted"


def test_waiting_has_an_end(fake, stays):
    stays(1)
    run_id = manager.submit(fake.count_request())
    with pytest.raises(RunError, match=r"not ended within 0\.2 s"):
        manager.wait(run_id, timeout_s=0.2)
    assert manager.status(run_id).active
    manager.cancel(run_id)
    assert manager.wait(run_id, timeout_s=60).state == "cancelled"


def test_a_changed_model_is_not_passed_off_as_the_old_one(fake, store, monkeypatch):
    run_id = store.write_request(fake.count_request())
    other = "0123456789abcdef"
    shutil.copytree(store.path(run_id), store.path(other))  # a folder whose content has another id
    assert manager.resume(other).state == "queued"
    status = manager.wait(other, timeout_s=60)
    assert status.state == "failed"
    assert "has changed" in status.message


def test_asking_does_not_wait_for_the_worker(fake, monkeypatch):
    monkeypatch.setattr(manager, "WORKER", (sys.executable, "-c", "import time; time.sleep(600)"))
    status = manager.status(manager.submit(fake.count_request()))
    assert (status.state, status.stage) == ("queued", STARTING)


def test_a_worker_lets_pages_go_first(fake, until, stays):
    stays(1)
    run_id = manager.submit(fake.count_request(n=50))
    worker = psutil.Process(until(run_id, lambda status: status.done == 1).pid)
    assert worker.nice() == min(19, psutil.Process().nice() + NICE)
    group = Path(f"/proc/{worker.pid}/autogroup")
    assert not group.exists() or group.read_text(encoding="ascii").split()[-1] == str(NICE)
    manager.cancel(run_id)


def test_threads_of_the_worker_follow_the_settings(fake, grn_home, monkeypatch):
    monkeypatch.setenv("GRN_THREADS", "3")
    monkeypatch.setenv("MALLOC_TRIM_THRESHOLD_", "1")
    environment = manager._environment(grn_home)
    assert environment["OMP_NUM_THREADS"] == "3"
    assert environment["MALLOC_TRIM_THRESHOLD_"] == "1"  # the user's own choice wins
    assert environment["MALLOC_MMAP_THRESHOLD_"] == str(2**32)
    assert environment["GRN_HOME"] == str(grn_home)


def test_a_run_whose_worker_is_not_up_yet_is_cancelled_at_once_and_can_be_resumed(fake, store, diary):
    run_id = manager.submit(fake.count_request(n=3))
    assert manager.cancel(run_id).state == "cancelled"  # a worker takes a second to come up, or many
    assert manager.status(run_id).state == "cancelled"
    assert manager.wait(run_id, timeout_s=60).state == "cancelled"
    manager.resume(run_id)
    assert manager.wait(run_id, timeout_s=60).state == "done"
    assert diary().count(f"begin {run_id}") == 1
