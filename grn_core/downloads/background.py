"""A download in a process of its own, for the app: it outlives the page, and its state lies in a file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from grn_core.downloads.manifest import find_archive
from grn_core.errors import Cancelled, GrnError
from grn_core.files import write_json
from grn_core.progress import Progress
from grn_core.settings import settings

WORKER = (sys.executable, "-m", "grn_core.downloads.worker")
WRITE_EVERY_S = 0.2
START_S = 20.0
"""Seconds within which a worker has taken its lock; a state that says more is of one that has gone."""


@dataclass(frozen=True)
class Status:
    """What a background download is doing.

    Attributes
    ----------
    state
        ``none``, ``running``, ``done``, ``failed``, ``cancelled`` or ``interrupted`` (its process has gone).
    stage, done, total
        As progress reports them.
    updated
        Seconds since the epoch.
    error
        ``found``, ``needed``, ``todo`` of a failed one; and ``sha256`` where the file can be accepted by that.
    """

    state: str = "none"
    stage: str = ""
    done: int = 0
    total: int = 0
    updated: float = 0.0
    error: dict[str, str] | None = None


def start(name: str, *, accept: str | None = None) -> None:
    """Begin to download an archive, or go on with it; nothing happens while that is under way.

    Parameters
    ----------
    name, accept
        As for `grn_core.downloads.pull`.
    """
    find_archive(name)
    if status(name).state == "running":
        return
    _file(name, "cancel").unlink(missing_ok=True)
    _write(name, Status("running", stage="start", updated=time.time()))
    home = settings().home.resolve()
    code = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join([code, *filter(None, [os.environ.get("PYTHONPATH")])])
    with _file(name, "log").open("ab") as log:
        worker = subprocess.Popen(
            [*WORKER, name, *([accept] if accept else [])],
            cwd=home,
            env={**os.environ, "GRN_HOME": str(home), "PYTHONPATH": path},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    threading.Thread(target=worker.wait, daemon=True).start()  # leaves no zombie


def status(name: str) -> Status:
    """Return what the download of an archive is doing."""
    found = _read(name)
    starts = found.stage == "start" and time.time() - found.updated < START_S
    if found.state != "running" or starts or _is_working(name):
        return found
    found = _read(name)  # it may have ended between the two looks
    return replace(found, state="interrupted") if found.state == "running" else found


def cancel(name: str) -> None:
    """Ask a download to stop; what it has is kept, so that it can go on later."""
    if status(name).state == "running":
        _file(name, "cancel").touch()


def forget(name: str) -> None:
    """Forget how the last download ended."""
    if status(name).state != "running":
        _file(name, "json").unlink(missing_ok=True)


def work(name: str, job: Callable[[Progress], object]) -> None:
    """Do a job in this process, and write to the archive's state file what becomes of it."""
    from filelock import FileLock

    last = 0.0

    def progress(stage: str, done: int, total: int) -> None:
        nonlocal last
        if _file(name, "cancel").exists():
            message = "the download was cancelled"
            raise Cancelled(message, todo="start it again: it goes on from there")
        if time.monotonic() - last > WRITE_EVERY_S:
            last = time.monotonic()
            _write(name, Status("running", stage, int(done), int(total), time.time()))

    with FileLock(_file(name, "lock")):
        try:
            progress("begin", 0, 1)
            job(progress)
            end = Status("done", updated=time.time())
        except Cancelled:
            end = Status("cancelled", updated=time.time())
        except (GrnError, OSError) as error:
            parts = error if isinstance(error, GrnError) else GrnError(str(error), todo="free space, check the folder")
            words = {"found": parts.found, "needed": parts.needed, "todo": parts.todo}
            words["sha256"] = getattr(error, "sha256", "")
            end = Status("failed", updated=time.time(), error=words)
        _write(name, end)


def _is_working(name: str) -> bool:
    from filelock import FileLock, Timeout

    try:
        with FileLock(_file(name, "lock"), timeout=0):
            return False
    except Timeout:
        return True


def _file(name: str, kind: str) -> Path:
    folder = settings().downloads / ".state"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{name}.{kind}"


def _read(name: str) -> Status:
    try:
        return Status(**json.loads(_file(name, "json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return Status()


def _write(name: str, found: Status) -> None:
    write_json(_file(name, "json"), asdict(found))
