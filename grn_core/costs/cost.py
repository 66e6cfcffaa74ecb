"""Time, memory and disk of some work, and how they are said."""

from __future__ import annotations

from dataclasses import dataclass

from grn_core import in_words


@dataclass(frozen=True)
class Cost:
    """What some work takes.

    Attributes
    ----------
    seconds
        From asking to having it, if nothing waits before it.
    memory, disk
        Bytes: most memory at once, and what stays on disk.
    measured
        Whether that follows from measurements on this machine.
    """

    seconds: float
    memory: int
    disk: int
    measured: bool = True

    @property
    def words(self) -> str:
        """``about 40 s, 1.2 GB memory, 30 MB disk``."""
        memory, disk = in_words.size(self.memory), in_words.size(self.disk)
        return f"about {_short(self.seconds)}, {memory} memory, {disk} disk"


def _short(seconds: float) -> str:
    """Say a time with no more digits than it deserves."""
    for unit, length in (("h", 3600.0), ("min", 60.0)):
        if seconds >= 1.5 * length:
            return f"{seconds / length:.1f} {unit}" if seconds < 10 * length else f"{seconds / length:,.0f} {unit}"
    return f"{max(1, round(seconds))} s"
