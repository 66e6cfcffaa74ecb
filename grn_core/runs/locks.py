"""Locks between processes that the operating system releases by itself when their holder dies."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from grn_core.files import take_away

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

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
    handle = _taken(path, wait_s=wait_s)
    if handle is None:
        yield False
        return
    try:
        yield True
    finally:
        fcntl.flock(handle, fcntl.LOCK_UN)
        os.close(handle)


def _taken(path: Path, *, wait_s: float) -> int | None:
    """Take the lock of the file that stands at `path`, and return it opened; None where another has it all the time."""
    end = time.monotonic() + wait_s
    while True:
        if path.is_symlink() or path.is_dir():
            take_away(path)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _stands_at(path, handle):
                return handle
        except BlockingIOError:
            if time.monotonic() >= end:
                os.close(handle)
                return None
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)  # another has it, or it was taken away while we waited, and guards nothing
        time.sleep(POLL_S)


def _stands_at(path: Path, handle: int) -> bool:
    with suppress(FileNotFoundError):
        return os.path.samestat(path.lstat(), os.fstat(handle))
    return False


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
    try:  # a shared lock: those who only ask never see each other
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False
