"""Locks between processes that the operating system releases by itself when their holder dies."""

from __future__ import annotations

import errno
import fcntl
import math
import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from grn_core.files import take_away

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from filelock import FileLock

POLL_S = 0.01
NO_LOCK = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EACCES, errno.EPERM)
"""Why a file cannot be opened that nobody like us can have locked: it is not there, is a link, or may not be opened."""


@contextmanager
def hold(path: Path, *, wait_s: float = 0.0) -> Iterator[bool]:
    """Hold the exclusive lock of a file for the length of a ``with`` block.

    Parameters
    ----------
    path
        Lock file; it is made when absent, and in the place of a folder or a link, which lock nothing.
    wait_s
        How long to try; ``math.inf`` waits for ever.

    Yields
    ------
    Whether the lock is ours. The block runs in either case.

    Raises
    ------
    FileNotFoundError
        There is no folder for the file, or none any more.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(path)
    try:
        _acquire(lock, path, wait_s=wait_s)
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


def _acquire(lock: FileLock, path: Path, *, wait_s: float) -> None:
    """Take the lock of the file that stands at `path`: one that was taken away while we waited guards nothing."""
    seen: tuple[int, int] | None = None
    while seen is None or seen != _which(path):
        if lock.is_locked:
            lock.release()
        path.parent.stat()  # raises where there is none, which the library would make
        if path.is_symlink() or path.is_dir():
            take_away(path)
        seen = _which(path)
        lock.acquire(timeout=-1 if math.isinf(wait_s) else wait_s, poll_interval=POLL_S)


def _which(path: Path) -> tuple[int, int] | None:
    with suppress(FileNotFoundError):
        now = path.stat()
        return now.st_dev, now.st_ino
    return None


def is_held(path: Path) -> bool:
    """Tell whether a process holds the lock of `path`.

    The question takes a shared lock for an instant: give `hold` a little ``wait_s`` where a refusal would matter.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        if error.errno in NO_LOCK:
            return False
        raise
    try:  # a shared lock, as filelock has none: those who only ask never see each other
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False
