"""What may go wrong on the way to a result, each as a function that does it to one attempt."""

from __future__ import annotations

import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from grn_core.errors import RunError
from grn_core.runs import Request, RunStore, manager
from grn_core.runs.damage import CHANGING
from grn_core.runs.locks import hold
from grn_core.sums import forget, read_summed, sums_below, write_summed

DAY_S = 24 * 3600.0
UP_S = 30.0
"""How long a command of its own may take until its run is at work."""


@dataclass
class Attempt:
    """One attempt that is harmed.

    Attributes
    ----------
    request
        What is asked.
    words
        The same as a command.
    usual_s
        Seconds that the work takes when nothing happens.
    draws
        Where chance comes from.
    """

    request: Request
    words: list[str]
    usual_s: float
    draws: random.Random

    @property
    def run_id(self) -> str:
        """The run."""
        return self.request.run_id()

    @property
    def folder(self) -> Path:
        """Its folder."""
        return RunStore().path(self.run_id)

    def begin(self) -> None:
        """Ask, and wait until some moment of the work."""
        manager.submit(self.request)
        self.pause()

    def pause(self) -> None:
        """Wait until some moment of the work."""
        time.sleep(self.draws.uniform(0, self.usual_s))

    def finish(self) -> None:
        """Ask, and wait until it is done."""
        manager.submit(self.request)
        manager.wait(self.run_id)

    def kill(self) -> None:
        """Kill the worker, if one lives."""
        status = manager.status_if_known(self.run_id)
        if status is not None and status.active and status.pid:
            with suppress(ProcessLookupError):
                os.kill(status.pid, signal.SIGKILL)

    def some(self, names: list[str]) -> Path | None:
        """Choose one of the run's files that is not empty; None where there is none."""
        found = [self.folder / name for name in names if (self.folder / name).stat().st_size]
        return self.draws.choice(found) if found else None

    def flip(self, path: Path | None) -> None:
        """Flip a bit of a file whose time stays as it was, as on a disk that decays, and let it be read anew."""
        if path is None:
            return
        state, content = path.stat(), bytearray(path.read_bytes())
        content[self.draws.randrange(len(content))] ^= 1 << self.draws.randrange(8)
        path.write_bytes(content)
        os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
        forget()

    @contextmanager
    def command(self) -> Iterator[subprocess.Popen[bytes]]:
        """Ask by a command in a process of its own, and wait until its run is at work."""
        with subprocess.Popen(
            [sys.executable, "-m", "grn_core", *self.words],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as asking:
            end = time.monotonic() + UP_S
            while manager.status_if_known(self.run_id) is None and asking.poll() is None and time.monotonic() < end:
                time.sleep(0.05)
            self.pause()
            yield asking


def worker_killed(attempt: Attempt) -> None:
    """Kill the worker at some moment."""
    attempt.begin()
    attempt.kill()


def worker_killed_twice(attempt: Attempt) -> None:
    """Kill the worker, and the one that goes on."""
    worker_killed(attempt)
    with suppress(RunError):
        manager.resume(attempt.run_id)
    attempt.pause()
    attempt.kill()


def server_killed(attempt: Attempt) -> None:
    """Kill whoever asked; the worker goes on."""
    with attempt.command() as asking:
        asking.kill()


def both_killed(attempt: Attempt) -> None:
    """Kill whoever asked, and the worker."""
    with attempt.command() as asking:
        asking.kill()
        attempt.kill()


def cancelled(attempt: Attempt) -> None:
    """Cancel the work at some moment."""
    attempt.begin()
    manager.cancel(attempt.run_id)
    manager.wait(attempt.run_id)


def clock_set_back(attempt: Attempt) -> None:
    """Kill the worker, and let what it wrote be of tomorrow."""
    worker_killed(attempt)
    path = attempt.folder / "status.json"
    told = read_summed(path)
    if told is not None:
        write_summed(path, {**told, **{name: told[name] + DAY_S for name in ("queued", "started", "updated")}})
    for one in attempt.folder.rglob("*"):
        with suppress(FileNotFoundError):
            os.utime(one, (time.time() + DAY_S,) * 2)


def result_damaged(attempt: Attempt) -> None:
    """Flip a bit of what a finished run has written."""
    attempt.finish()
    attempt.flip(attempt.some(sorted(RunStore().record(attempt.run_id)["files"])))


def part_damaged(attempt: Attempt) -> None:
    """Kill the worker, and flip a bit of what it has written so far."""
    worker_killed(attempt)
    attempt.flip(attempt.some(sorted(sums_below(attempt.folder, leave=CHANGING))))


def record_damaged(attempt: Attempt) -> None:
    """Flip a bit of the record or the status, of work that is done or not."""
    if attempt.draws.random() < 0.5:
        attempt.finish()
    else:
        worker_killed(attempt)
    attempt.flip(attempt.some([name for name in ("run.json", "status.json") if (attempt.folder / name).exists()]))


def waiting_damaged(attempt: Attempt) -> None:
    """Let the work wait for the device, and cut its status short or flip a bit of it; the worker lives."""
    store, end = RunStore(), time.monotonic() + UP_S
    with hold(store.device_lock, wait_s=UP_S):
        manager.submit(attempt.request)
        status = manager.status(attempt.run_id)
        while status.active and not status.position and time.monotonic() < end:  # work that needs no device ends
            time.sleep(0.05)
            status = manager.status(attempt.run_id)
        told = attempt.folder / "status.json"
        if status.position and attempt.draws.random() < 0.5:
            told.write_bytes(told.read_bytes()[: attempt.draws.randrange(200)])
        elif status.position:
            attempt.flip(told)


def no_room(attempt: Attempt) -> None:
    """Let no file become larger than so many bytes, as a quota does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(10 ** attempt.draws.uniform(3.7, 5.5)), hard))
    try:
        attempt.finish()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


FAULTS: dict[str, Callable[[Attempt], None]] = {
    "worker killed": worker_killed,
    "worker killed twice": worker_killed_twice,
    "server killed": server_killed,
    "server and worker killed": both_killed,
    "cancelled": cancelled,
    "clock set back": clock_set_back,
    "bit flipped in a result": result_damaged,
    "bit flipped in a part": part_damaged,
    "bit flipped in a record or status": record_damaged,
    "status damaged while it waits": waiting_damaged,
    "no room on the disk": no_room,
}
