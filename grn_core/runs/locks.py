"""Locks between processes that the operating system releases by itself when their holder dies."""

from __future__ import annotations

import fcntl
import time
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

POLL_S = 0.01


@contextmanager
def hold(path: Path, *, wait_s: float = 0.0) -> Iterator[bool]:
    """Hold the exclusive lock of a file for the length of a ``with`` block.

    Parameters
    ----------
    path
        Lock file; it is made when absent and never removed.
    wait_s
        How long to try; ``math.inf`` waits for ever.

    Yields
    ------
    Whether the lock is ours. The block runs in either case.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + wait_s
    with path.open("a") as handle:
        taken = _flock(handle, fcntl.LOCK_EX)
        while not taken and time.monotonic() < deadline:
            time.sleep(POLL_S)
            taken = _flock(handle, fcntl.LOCK_EX)
        try:
            yield taken
        finally:
            if taken:  # a forked child may still share the file: closing alone would not release the lock
                fcntl.flock(handle, fcntl.LOCK_UN)


def is_held(path: Path) -> bool:
    """Tell whether a process holds the lock of `path`.

    The question takes a shared lock for an instant: give `hold` a little ``wait_s`` where a refusal would matter.
    """
    try:
        with path.open() as handle:
            return not _flock(handle, fcntl.LOCK_SH)
    except FileNotFoundError:
        return False


def _flock(handle: IO[str], mode: int) -> bool:
    try:
        fcntl.flock(handle, mode | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
