"""What reading one file may cost: memory, time and processes, by the size of the file."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from grn_core.errors import DataError
from grn_core.settings import settings

MB = 1024**2
WALL_S, BUSY = 60.0, 5
"""Seconds at the clock without those in which other work held the processor; and how many times as many with them."""
LARGE_MB, LARGE_MB_PER_S = 200, 4
"""A file beyond this size gets a second more than `WALL_S` for so many MB."""
CPU_S, CPU_S_PER_MB = 5.0, 1.5
MEMORY_MB, MEMORY_PER_BYTE = 448, 80
"""An honest file unpacks to far less: gzip packs a table of mostly zeros to about a fortieth."""
MAPPED = 3
"""Times the size of a large file that the reader may map: its matrix, and what becomes of it on the way."""
MORE_PROCESSES = 16
PARENT_DEATH = 1


@dataclass(frozen=True)
class Limits:
    """Limits of one reading.

    Attributes
    ----------
    memory_mb
        Address space beyond what the reader holds before it opens the file; also the largest file that it may write.
    cpu_s, wall_s
        Seconds of computing, and at the clock. Those in which the reader would have computed but other work held the
        processor do not count (`queued_s`), so that a file is not refused because the machine is busy.
    mapped_mb
        Address space for files of its own that the reader maps, which take no memory (`grn_core.datasets.large`).
    """

    memory_mb: int
    cpu_s: float
    wall_s: float
    mapped_mb: int = 0

    @property
    def last_s(self) -> float:
        """Seconds at the clock after which a reading ends however busy the machine is."""
        return BUSY * self.wall_s

    def in_words(self) -> str:
        """Say the memory, for messages."""
        return f"{self.memory_mb / 1024:.1f} GiB of memory"


def limits_for(n_bytes: int) -> Limits:
    """Return what reading a file of `n_bytes` may cost; never more memory than GRN_MAX_UNPACKED_GB."""
    size = n_bytes / MB
    memory = min(MEMORY_MB + MEMORY_PER_BYTE * size, max(settings().max_unpacked_gb * 1024, MEMORY_MB))
    wall = WALL_S + max(0.0, size - LARGE_MB) / LARGE_MB_PER_S
    mapped = MAPPED * size if size > LARGE_MB else 0
    return Limits(int(memory), cpu_s=min(wall, CPU_S + CPU_S_PER_MB * size), wall_s=wall, mapped_mb=int(mapped))


def too_long(name: str, seconds: float) -> DataError:
    """Return the error of a reading that did not end in time."""
    return DataError(
        f"reading {name} took longer than {seconds:.0f} s",
        needed="a file that can be read in the time that its size allows",
        todo="export or copy the file again: it may be damaged, or much larger once unpacked",
    )


def too_large(name: str, limits: Limits) -> DataError:
    """Return the error of a reading that ran out of memory."""
    return DataError(
        f"reading {name} needs more than {limits.in_words()}, which is all that a file of its size gets",
        needed="a file that is not packed to a small part of what it holds",
        todo="store the matrix sparse, drop layers that are not needed, or export the file again",
    )


def no_room(name: str) -> DataError:
    """Return the error of a reading for which the disk has no room: nothing is wrong with the file."""
    message = f"no room is left to keep what was read of {name}"
    return DataError(message, needed="room in the data folder", todo="make room, or name another with GRN_HOME")


def die_with_parent(parent: int) -> None:
    """Have the kernel end this process when its parent ends, where it can; end it now if that has happened already."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None, use_errno=True).prctl(PARENT_DEATH, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def keep_to(limits: Limits) -> None:
    """Hold this process, and what it starts, to the limits. Time that is up ends it."""
    import resource

    def at_most(what: int, value: float) -> None:
        hard = resource.getrlimit(what)[1]
        most = int(value) if hard == resource.RLIM_INFINITY else min(int(value), hard)
        with suppress(OSError, ValueError):  # a system that does not know the limit
            resource.setrlimit(what, (most, most))

    at_most(resource.RLIMIT_CORE, 0)
    at_most(resource.RLIMIT_NOFILE, 128)
    at_most(resource.RLIMIT_FSIZE, limits.memory_mb * MB)
    at_most(resource.RLIMIT_CPU, max(1, round(limits.cpu_s)))
    if hasattr(resource, "RLIMIT_NPROC"):
        at_most(resource.RLIMIT_NPROC, _tasks_of_user() + MORE_PROCESSES)
    statm = Path("/proc/self/statm")
    if statm.exists():
        held, data = (int(statm.read_text(encoding="ascii").split()[n]) * resource.getpagesize() for n in (0, 5))
        at_most(resource.RLIMIT_DATA, data + limits.memory_mb * MB)
        at_most(resource.RLIMIT_AS, held + (limits.memory_mb + limits.mapped_mb) * MB)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, limits.last_s)


def queued_s(process: int) -> float:
    """Return for how long a process was ready to compute while others held the processor; 0 where no system says it."""
    try:
        return int(Path(f"/proc/{process}/schedstat").read_text(encoding="ascii").split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0


def _tasks_of_user() -> int:
    """Threads of this process's user, which is what the system's limit on processes counts."""
    mine, found = os.getuid(), 0
    with os.scandir("/proc") as processes:
        for one in processes:
            with suppress(OSError):
                if one.name.isdigit() and one.stat().st_uid == mine:
                    found += os.stat(f"{one.path}/task").st_nlink - 2  # noqa: PTH116 - of hundreds, at each reading
    return found
