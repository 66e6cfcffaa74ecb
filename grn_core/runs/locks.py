"""Locks between processes that the operating system releases by itself when their holder dies."""

from __future__ import annotations

import fcntl
import math
from contextlib import contextmanager
from typing import TYPE_CHECKING

from grn_core.files import make_private

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
        Lock file; it is made when absent.
    wait_s
        How long to try; ``math.inf`` waits for ever.

    Yields
    ------
    Whether the lock is ours. The block runs in either case.
    """
    from filelock import FileLock, Timeout

    make_private(path.parent)
    lock = FileLock(path)
    try:
        lock.acquire(timeout=-1 if math.isinf(wait_s) else wait_s, poll_interval=POLL_S)
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


def is_held(path: Path) -> bool:
    """Tell whether a process holds the lock of `path`.

    The question takes a shared lock for an instant: give `hold` a little ``wait_s`` where a refusal would matter.
    """
    try:
        with path.open() as handle:  # a shared lock, as filelock has none: those who only ask never see each other
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False
