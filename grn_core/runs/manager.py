"""Start, watch, cancel and resume runs. Nothing here computes: workers do, in processes that outlive this one."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from grn_core.damaged_records import UPDATE
from grn_core.disk import check_room
from grn_core.errors import GrnError, RunError
from grn_core.files import take_away
from grn_core.homes import is_users
from grn_core.in_words import counted
from grn_core.runs import queue, spare
from grn_core.runs.jobs import job_kind
from grn_core.runs.marks import NEWER, write_marks
from grn_core.runs.state import STARTING, RunStatus, is_starting
from grn_core.runs.store import RunStore
from grn_core.settings import check_home, settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from grn_core.runs.marks import Marks
    from grn_core.runs.request import Request

MAX_ATTEMPTS = 3
"""Workers that are started by themselves for one run; after that only the user's `resume` starts another."""
WORKER = (sys.executable, "-m", "grn_core.runs.worker")
# glibc otherwise hands memory back after every step; keeping it makes torch on CPU two to four times faster.
MALLOC = {"MALLOC_TRIM_THRESHOLD_": str(8 << 30), "MALLOC_MMAP_THRESHOLD_": str(4 << 30)}


def submit(request: Request) -> str:
    """Ask for a run; the same request is computed once, whoever asks and however often.

    A living run is left as it is, and a finished one that is whole; a failed, cancelled, interrupted or damaged one
    goes on from its finished parts.
    What a finished one has made for people is put in its place again.

    Returns
    -------
    The run id.

    Raises
    ------
    GrnError
        The request asks what cannot be computed; no run is left behind.
    """
    request.check()
    check_home()
    store = RunStore()
    run_id = request.run_id()
    if not _is_there(store, run_id):
        _check_share(store)
        request.look()
    with store.gate(run_id, new=True):
        store.write_request(request)
        if not store.status(run_id).active:  # who goes on with it, or reads it, finds things where they are now
            store.restate(run_id, request)
        if _go_on(store, run_id).state == "done":
            job_kind(request.kind).deliver(request, store.path(run_id))
    return run_id


def status(run_id: str) -> RunStatus:
    """Return what a run is doing; ``interrupted`` when its worker has gone without a word."""
    return RunStore().status(run_id)


def status_if_known(run_id: str) -> RunStatus | None:
    """Return a run's status, or None when there is no such run."""
    try:
        return status(run_id)
    except RunError:
        return None


def cancel(run_id: str) -> RunStatus:
    """Ask a queued or running run to stop, and return its status; a finished run is left as it is."""
    store = RunStore()
    store.request(run_id)
    with store.gate(run_id):
        now = store.status(run_id)
        if now.active:
            store.ask_cancel(run_id, cancel=True)
        if now.state == "interrupted" or is_starting(now):  # a worker that comes up asks for the gate, and sees it
            now = store.write_status(run_id, now.replace(state="cancelled", message="cancelled"))
    return now


def resume(run_id: str) -> RunStatus:
    """Go on with a cancelled, failed, interrupted or damaged run from its finished parts."""
    store = RunStore()
    store.request(run_id)  # an unknown id must not leave a folder behind
    with store.gate(run_id):
        if not _is_there(store, run_id):
            _check_share(store)
        return _go_on(store, run_id)


def mark(run_id: str, *, name: str | None = None, note: str | None = None, pinned: bool | None = None) -> Marks:
    """Keep what the user says of a run, and return all that is said of it; None leaves a part as it is.

    Parameters
    ----------
    run_id
        The run.
    name
        What it is called from now on; empty for the name that follows from its request.
    note
        Anything worth remembering; empty for none.
    pinned
        Whether it stands before the others in lists and menus.

    Raises
    ------
    RunError
        There is no such run.
    RequestError
        A text is too long.
    GrnError
        A newer version has written what is kept.
    """
    store = RunStore()
    store.request(run_id)  # says that there is none
    with store.gate(run_id):
        if (kept := store.marks(run_id)).newer:
            raise GrnError(NEWER.strip("()."), needed="name and note of this version or an earlier one", todo=UPDATE)
        marks = kept.replace(name=name, note=note, pinned=pinned)
        write_marks(store.path(run_id), marks)
    return marks


def ensure_running(run_id: str) -> RunStatus:
    """Restart an interrupted run by itself, at most `MAX_ATTEMPTS` workers in all; return its status."""
    store = RunStore()
    now = store.status(run_id)
    if now.state != "interrupted" or now.attempts >= MAX_ATTEMPTS:
        return now
    with store.gate(run_id):
        now = store.status(run_id)
        if now.state == "interrupted" and now.attempts < MAX_ATTEMPTS:
            now = _start(store, run_id, attempts=now.attempts + 1)
    return now


def wait(
    run_id: str, *, timeout_s: float | None = None, listener: Callable[[RunStatus], object] | None = None
) -> RunStatus:
    """Wait until a run has come to an end, restarting it as `ensure_running` does.

    Parameters
    ----------
    run_id
        The run.
    timeout_s
        Seconds to wait; None waits as long as it takes.
    listener
        Called with every status that is read, several times a second.

    Returns
    -------
    The last status: done, failed, cancelled, or interrupted after too many attempts.

    Raises
    ------
    RunError
        The run is unknown or has not ended in time; it goes on all the same.
    """
    deadline = None if timeout_s is None else time.monotonic() + timeout_s
    while True:
        now = ensure_running(run_id)
        if listener is not None:
            listener(now)
        if not now.active:
            return now
        if deadline is not None and time.monotonic() > deadline:
            message = f"run {run_id} has not ended within {timeout_s:g} s: it is {now.state}"
            raise RunError(message, todo="wait longer, or cancel it")
        time.sleep(0.1)


def _is_there(store: RunStore, run_id: str) -> bool:
    """Whether a run is at work or done and whole, so that nothing is read for it any more."""
    now = status_if_known(run_id)
    return now is not None and (now.active or (now.state == "done" and not store.damaged(run_id)))


def _go_on(store: RunStore, run_id: str) -> RunStatus:
    now = store.status(run_id)
    if now.active:
        store.ask_cancel(run_id, cancel=False)
    elif now.state != "done" or store.damaged(run_id):
        now = _start(store, run_id, attempts=1)
    return now


def _check_share(store: RunStore) -> None:
    """Refuse another run to a user who has as many as each may have, or who keeps too much."""
    check_room()
    most = settings().max_user_runs
    if most and is_users() and sum(info.status.active for info in store.list_runs()) >= most:
        message = counted(most, "run of yours waits or is at work", "runs of yours wait or are at work")
        raise RunError(message, needed="fewer, so that others have their turn", todo="wait for one, or cancel it")


def _start(store: RunStore, run_id: str, *, attempts: int) -> RunStatus:
    """Start a detached worker. The caller holds the gate, so nobody sees the status before it is complete."""
    folder = store.path(run_id)
    store.ask_cancel(run_id, cancel=False)
    log = folder / "log.txt"
    if log.is_symlink() or log.is_dir():  # nothing of ours, and nothing can be written to it, or to elsewhere
        take_away(log)
    queued = RunStatus("queued", stage=STARTING, queued=time.time(), attempts=attempts, message="starting a worker")
    store.write_status(run_id, queued)
    if job_kind(store.request(run_id).kind).uses_device:
        queue.enter(store, run_id, queued=queued.queued)  # before its worker is up: whoever asked first goes first
    home = store.root.parent.resolve()
    environment = _environment(home)
    worker = spare.take(WORKER, run_id, home=home, environment=environment, folder=folder, log=log)
    if worker is None:
        with log.open("ab") as written:
            worker = subprocess.Popen(
                [*WORKER, run_id, "--home", str(home)],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=written,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        spare.reap(worker)
    spare.at_work(worker)
    return store.write_status(run_id, queued.replace(pid=worker.pid))


def stand_by() -> None:
    """Have a worker load what an inference needs before a run is asked for, see `grn_core.runs.spare`.

    Nothing is started where one waits or a worker of this process is at work, nor where each user has a home.
    """
    now = settings()
    if now.spare_worker and not is_users():
        home = RunStore().root.parent.resolve()
        spare.keep(WORKER, home=home, environment=_environment(home))


def _environment(home: Path) -> dict[str, str]:
    code = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join([code, *filter(None, [os.environ.get("PYTHONPATH")])])
    threads = settings().threads
    limits = {"OMP_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads)} if threads > 0 else {}
    return {**MALLOC, **os.environ, **limits, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1", "GRN_HOME": str(home)}
