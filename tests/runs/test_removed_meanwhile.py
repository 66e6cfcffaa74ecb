"""What was asked of a run just before it was removed: it neither returns as a ghost, nor meddles with its next life."""

from __future__ import annotations

import os
import signal
import threading
import time
from contextlib import suppress

import psutil
import pytest

from grn_core.errors import RunError
from grn_core.runs import manager, unread
from grn_core.runs.locks import hold, is_held
from grn_core.runs.subnetworks import remove_subnetwork, save_subnetwork
from grn_core.runs.trash import remove, removed_runs, restore


def held_back(run_id):
    """Cancel a run whose worker is not up yet, and return the worker, which comes up no further until it is let."""
    worker = psutil.Process(manager.status(run_id).pid)
    worker.send_signal(signal.SIGSTOP)
    assert manager.cancel(run_id).state == "cancelled"
    return worker


def let_go(worker):
    """Let a worker come up, and wait for its end."""
    worker.send_signal(signal.SIGCONT)
    for _ in range(2000):
        try:
            if worker.status() == psutil.STATUS_ZOMBIE:
                return
        except psutil.NoSuchProcess:
            return
        time.sleep(0.01)
    pytest.fail("the worker is at work")


@pytest.mark.parametrize("keep", [True, False])
def test_a_worker_that_comes_up_late_leaves_the_next_life_of_its_run_alone(fake, store, diary, keep):
    run_id = manager.submit(fake.count_request())
    late = held_back(run_id)
    remove(run_id, keep=keep)
    manager.submit(fake.count_request())
    own = manager.status(run_id).pid
    let_go(late)
    status = manager.wait(run_id, timeout_s=60)
    assert (status.state, status.error, status.attempts) == ("done", None, 1)
    assert status.pid == own != late.pid
    assert diary().count(f"begin {run_id}") == 1
    assert "is done" in (store.path(run_id) / "log.txt").read_text()


@pytest.mark.parametrize("keep", [True, False])
def test_a_worker_that_comes_up_late_brings_no_removed_run_back(fake, store, diary, keep):
    run_id = manager.submit(fake.count_request())
    late = held_back(run_id)
    remove(run_id, keep=keep)
    let_go(late)
    assert not store.path(run_id).exists()
    assert not unread.unread_runs()
    assert diary() == []
    if keep:
        restore(run_id)
        assert manager.status(run_id).state == "cancelled"


def test_a_worker_that_comes_up_late_serves_a_run_that_was_only_resumed(fake, diary):
    run_id = manager.submit(fake.count_request())
    late = held_back(run_id)
    manager.resume(run_id)
    let_go(late)
    status = manager.wait(run_id, timeout_s=60)
    assert (status.state, status.attempts) == ("done", 1)
    assert diary().count(f"begin {run_id}") == 1


def sweeping(fake, store, grn_home):
    """Ask for a run, and return it when its worker has the lock and sweeps, and the file that lets it go on."""
    (wait := grn_home / fake.SWEEPS).touch()
    run_id = manager.submit(fake.count_request())
    while not is_held(store.path(run_id) / "lock"):
        time.sleep(0.01)
    return run_id, psutil.Process(manager.status(run_id).pid), wait


def test_a_worker_that_sweeps_while_its_run_is_removed_leaves_the_next_life_alone(fake, store, grn_home, diary, stays):
    run_id, late, wait = sweeping(fake, store, grn_home)
    late.send_signal(signal.SIGSTOP)
    assert manager.cancel(run_id).state == "cancelled"
    remove(run_id)
    wait.unlink()
    go_on = stays(1)
    manager.submit(fake.count_request())
    own = manager.status(run_id).pid
    while f"begin {run_id}" not in diary():
        time.sleep(0.01)
    let_go(late)
    go_on()
    status = manager.wait(run_id, timeout_s=60)
    assert (status.state, status.pid) == ("done", own)
    assert diary().count(f"begin {run_id}") == 1
    assert "Traceback" not in (store.root.parent / "removed" / run_id / "log.txt").read_text()


def test_a_worker_that_sweeps_while_its_run_is_removed_leaves_without_an_error(fake, store, grn_home):
    run_id, late, wait = sweeping(fake, store, grn_home)
    late.send_signal(signal.SIGSTOP)
    manager.cancel(run_id)
    remove(run_id)
    wait.unlink()
    let_go(late)
    assert not store.path(run_id).exists()
    assert "Traceback" not in (store.root.parent / "removed" / run_id / "log.txt").read_text()


def test_work_whose_folder_was_deleted_ends_and_does_not_make_it_anew(fake, store, until):
    run_id = manager.submit(fake.count_request("silent"))
    at_work = psutil.Process(until(run_id, lambda status: status.stage == "read").pid)
    store.path(run_id).rename(store.root.parent / "elsewhere")
    let_go(at_work)
    assert not store.path(run_id).exists()


@pytest.mark.parametrize(
    "ask",
    [
        manager.cancel,
        manager.resume,
        lambda run_id: manager.mark(run_id, name="mine"),
        lambda run_id: save_subnetwork(run_id, "mine", ("A", "B")),
        lambda run_id: remove_subnetwork(run_id, "mine"),
        lambda run_id: remove(run_id, keep=False),
        remove,
    ],
    ids=["cancel", "resume", "mark", "save", "forget", "remove", "take away"],
)
@pytest.mark.parametrize("keep", [True, False])
def test_what_waits_while_a_run_is_removed_hears_that_there_is_none(fake, store, ask, keep):
    run_id = manager.submit(fake.count_request(n=1))
    manager.wait(run_id, timeout_s=60)
    heard = []

    def asks():
        try:
            heard.append(ask(run_id))
        except RunError as error:
            heard.append(error)

    with store.gate(run_id):
        thread = threading.Thread(target=asks)
        thread.start()
        while not thread.is_alive():
            time.sleep(0.01)
        time.sleep(0.2)  # it waits at the gate
        assert heard == []
        store.path(run_id).rename(gone := store.root / f".{os.getpid()}-1-{run_id}")
        if not keep:
            (gone / "gate").unlink()
    thread.join(timeout=10)
    (found,) = heard
    assert isinstance(found, RunError)
    assert "no readable run" in str(found)
    assert not store.path(run_id).exists()


def test_who_asks_again_while_a_run_is_removed_gets_a_new_one(fake, store):
    run_id = manager.submit(fake.count_request(n=1))
    manager.wait(run_id, timeout_s=60)
    thread = threading.Thread(target=manager.submit, args=(fake.count_request(n=1),))
    with store.gate(run_id):
        thread.start()
        time.sleep(0.2)
        store.path(run_id).rename(store.root / f".{os.getpid()}-1-{run_id}")
    thread.join(timeout=10)
    assert manager.wait(run_id, timeout_s=60).state == "done"


def test_the_lock_of_a_file_that_was_replaced_is_not_a_lock(tmp_path):
    path, got = tmp_path / "place" / "lock", []

    def waits():
        with hold(path, wait_s=10) as mine:
            got.append((mine, is_held(path)))

    path.parent.mkdir()
    thread = threading.Thread(target=waits)
    with hold(path):
        thread.start()
        time.sleep(0.1)
        path.parent.rename(tmp_path / "elsewhere")
        path.parent.mkdir()
    thread.join(timeout=10)
    assert got == [(True, True)]


def test_of_many_who_remove_a_run_at_once_one_does_and_it_can_be_restored(fake, store):
    """Whoever came too late made its folder anew for the gate, and put that in the place of the run to be restored."""
    ids = [store.write_request(fake.count_request(n=n)) for n in range(1, 51)]
    together, removed = threading.Barrier(6), []

    def remove_all():
        for run_id in ids:
            together.wait(timeout=60)
            with suppress(RunError):
                remove(run_id)
                removed.append(run_id)

    threads = [threading.Thread(target=remove_all) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(removed) == sorted(ids)
    assert not list(store.root.iterdir())
    assert sorted(one.info.run_id for one in removed_runs()) == sorted(ids)


def test_no_folder_is_made_for_a_lock(tmp_path):
    with pytest.raises(FileNotFoundError), hold(tmp_path / "none" / "lock"):
        pass
    assert not list(tmp_path.iterdir())
