"""What is kept in the data folder only to save time: which caches there are, their size, and how they stay bounded.

Runs, uploads, downloads and translators are no caches: nothing here touches them. An entry is a file or a folder that
is made again, the same, when it is gone. Whoever reads or writes one says so with `used` or `made`; what a process that
still lives has used is never removed, in whatever process that is.
"""

from __future__ import annotations

import atexit
import os
import re
import shutil
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from grn_core.errors import RequestError
from grn_core.files import make_private
from grn_core.homes import homes
from grn_core.settings import installation_of, settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

GB = 10**9
TRIM_EVERY_S = 60.0
"""Seconds between two looks at the size in one process: looking walks through all entries."""
USERS = "cache-users"
"""Folder with a list for each living process of the entries that it has used."""


@dataclass(frozen=True)
class Cache:
    """One cache.

    Attributes
    ----------
    name
        What it is called on the command line.
    folder
        Below the data folder.
    holds
        What is in it, in words.
    again
        How an entry that is gone is made again.
    pattern
        Regular expression of the names of its entries; whatever else lies in the folder is not its own.
    """

    name: str
    folder: str
    holds: str
    again: str
    pattern: str = r"[^.].*"


CACHES = (
    Cache("cells", "cells", "cells as they were read from files", "the file is read again", r"[0-9a-f]{64}"),
    Cache("adapted", "adapted", "models adapted to cells", "the same adaptation is computed again"),
    Cache("described", "described", "what registered checkpoints are", "the checkpoint is read again", r".*\.json"),
    Cache(
        "tensors",
        "models",
        "tensors of checkpoints, as safetensors",
        "they are read from the checkpoint's own file again",
        r"[0-9a-f]{64}(-\w+)?\.safetensors",
    ),
    Cache("networks", "data/made", "reference networks out of BEELINE's archives", "they are made from the archives"),
    Cache("features", "benchmark/features", "features of pairs, of benchmarks", "the benchmark extracts them again"),
    Cache("rows", "benchmark/rows", "rows of matrices, of benchmarks", "the benchmark computes them again"),
    Cache("results", "benchmark/results", "single measurements of benchmarks", "the benchmark measures them again"),
)


@dataclass(frozen=True)
class Entry:
    """A file or folder of a cache: its size in bytes, and the time (seconds since 1970) when it was used last."""

    path: Path
    n_bytes: int
    last_used: float


def find_cache(name: str) -> Cache:
    """Return a cache by name; `RequestError` if there is none of that name."""
    for one in CACHES:
        if one.name == name:
            return one
    message = f"there is no cache {name!r}"
    raise RequestError(message, needed=f"one of {', '.join(one.name for one in CACHES)}", todo="choose one of them")


def entries(cache: Cache, *, home: Path | None = None) -> list[Entry]:
    """Entries of a cache, the one that was used longest ago first."""
    found = []
    with suppress(OSError):
        for path in (_home(home) / cache.folder).iterdir():
            if re.fullmatch(cache.pattern, path.name) and not path.is_symlink():
                with suppress(OSError):  # gone since it was listed
                    found.append(Entry(path, sum(_sizes(path)), path.stat().st_mtime))
    return sorted(found, key=lambda entry: (entry.last_used, entry.path))


def _sizes(path: Path) -> Iterator[int]:
    if not path.is_dir():
        yield path.stat().st_size
        return
    for folder, _, names in os.walk(path):
        for name in names:
            with suppress(OSError):
                yield (Path(folder) / name).lstat().st_size


def clear(caches: Sequence[Cache] = CACHES, *, home: Path | None = None) -> tuple[int, int]:
    """Remove the entries of some caches but those in use.

    Returns
    -------
    n_bytes, n_kept
        Bytes that were freed, and entries that stay because a living process has used them.
    """
    busy = in_use(home=home)
    freed, kept = 0, 0
    for entry in (entry for cache in caches for entry in entries(cache, home=home)):
        if entry.path in busy or not _remove(entry.path):
            kept += 1
        else:
            freed += entry.n_bytes
    return freed, kept


def trim(*, home: Path | None = None) -> int:
    """Remove what was used longest ago until all caches together fit ``GRN_MAX_CACHE_GB``; return the bytes freed.

    All are those of every home of the installation. What a living process has used stays, even where the limit is then
    not met.
    """
    most = settings().max_cache_gb * GB
    whole = homes(installation_of(_home(home)))
    every = sorted(
        (entry for one in whole for cache in CACHES for entry in entries(cache, home=one)),
        key=lambda entry: entry.last_used,
    )
    surplus = sum(entry.n_bytes for entry in every) - most
    if not most or surplus <= 0:
        return 0
    busy, freed = set().union(*(in_use(home=one) for one in whole)), 0
    for entry in every:
        if freed >= surplus:
            break
        if entry.path not in busy and _remove(entry.path):
            freed += entry.n_bytes
    return freed


def used(path: Path, *, home: Path | None = None) -> None:
    """Say that this process uses an entry: it stays as long as the process lives, and counts as used now."""
    with suppress(OSError):
        _session(_home(home)).note(path.resolve())
        os.utime(path)


def made(path: Path, *, home: Path | None = None) -> None:
    """Say that this process has written an entry; now and then that makes room for it, see `trim`."""
    used(path, home=home)
    session = _session(_home(home))
    if time.monotonic() >= session.next_trim:
        session.next_trim = time.monotonic() + TRIM_EVERY_S
        trim(home=home)


def in_use(*, home: Path | None = None) -> set[Path]:
    """Entries that a living process, this one included, has used; lists of processes that have ended are removed."""
    found = set()
    for path in (_home(home) / USERS).glob("*.txt"):
        lock = FileLock(path.with_suffix(".lock"), is_singleton=False)
        try:
            lock.acquire(timeout=0)
        except (Timeout, OSError):
            with suppress(OSError):
                found |= {Path(line) for line in path.read_text(encoding="utf-8").splitlines()}
        else:
            path.unlink(missing_ok=True)
            lock.release()
            path.with_suffix(".lock").unlink(missing_ok=True)
    return found


class _Session:
    """The list of entries that this process has used, locked as long as the process lives."""

    def __init__(self, home: Path) -> None:
        self.process, self.next_trim = os.getpid(), 0.0
        self._known: set[Path] = set()
        self._guard = threading.Lock()
        in_use(home=home)  # removes the lists of processes that were killed
        folder = home / USERS
        make_private(folder)
        name = f"{self.process}-{time.time_ns()}"
        self._lock = FileLock(folder / f"{name}.lock", thread_local=False, is_singleton=False)
        self._lock.acquire()  # before the list is there, so that nobody takes it for one of a dead process
        self._list = folder / f"{name}.txt"
        atexit.register(self.end)

    @property
    def holds(self) -> bool:
        """Whether it is of this process, not of one that it was forked from, and its home was not deleted since."""
        return self.process == os.getpid() and Path(self._lock.lock_file).exists()

    def end(self) -> None:
        """Take the list away; the system gives the lock up where a process ends otherwise."""
        if self.process == os.getpid():
            self._list.unlink(missing_ok=True)
            self._lock.release()
            Path(self._lock.lock_file).unlink(missing_ok=True)

    def note(self, path: Path) -> None:
        """Write an entry down, once."""
        with self._guard:
            if path not in self._known:
                self._known.add(path)
                with self._list.open("a", encoding="utf-8") as file:
                    file.write(f"{path}\n")


_SESSIONS: dict[Path, _Session] = {}


def _session(home: Path) -> _Session:
    found = _SESSIONS.get(home)
    if found is None or not found.holds:
        found = _SESSIONS[home] = _Session(home)
    return found


def _home(home: Path | None) -> Path:
    return (settings().home if home is None else home).resolve()


def _remove(path: Path) -> bool:
    try:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    except OSError:
        return False
    return True
