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
        """``about 40 seconds, 1.2 GB memory, 30 MB disk``."""
        memory, disk = in_words.size(self.memory), in_words.size(self.disk)
        return f"about {in_words.duration(self.seconds)}, {memory} memory, {disk} disk"
