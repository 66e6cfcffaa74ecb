"""Time, memory and disk of some work, and how they are said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from grn_core import in_words

STARTING = "starting"
"""What comes before the first stage of any run: a process of its own."""


@dataclass(frozen=True)
class Cost:
    """What some work takes.

    Attributes
    ----------
    stages
        Seconds of each stage that the work passes through, in their order, `STARTING` before them.
    memory, disk
        Bytes: most memory at once, and what stays on disk.
    measured
        Whether that follows from measurements on this machine.
    """

    stages: Mapping[str, float]
    memory: int
    disk: int
    measured: bool = True

    @property
    def seconds(self) -> float:
        """From asking to having it, if nothing waits before it."""
        return sum(self.stages.values())

    @property
    def words(self) -> str:
        """``about 40 seconds, 1.2 GB memory, 30 MB disk``."""
        memory, disk = in_words.size(self.memory), in_words.size(self.disk)
        return f"about {in_words.duration(self.seconds)}, {memory} memory, {disk} disk"

    @property
    def told(self) -> str:
        """The words, and what each stage takes, for who follows them by these names."""
        stages = ", ".join(f"{name} {in_words.duration(seconds)}" for name, seconds in self.stages.items())
        return f"{self.words} ({stages})"

    def in_stages(self, names: Iterable[str]) -> Cost:
        """Return the same told by these stages: what stands under no such name belongs to what comes before it."""
        found = dict.fromkeys((STARTING, *names), 0.0)
        last = STARTING
        for name, seconds in self.stages.items():
            last = name if name in found else last
            found[last] += seconds
        return replace(self, stages=found)


def one_after_other(costs: Iterable[Cost]) -> Cost:
    """Return what several runs take that wait for each other; of each stage that both have the sum."""
    every = list(costs)
    stages: dict[str, float] = {}
    for cost in every:
        for name, seconds in cost.stages.items():
            stages[name] = stages.get(name, 0.0) + seconds
    memory, disk = max(one.memory for one in every), sum(one.disk for one in every)
    return Cost(stages, memory, disk, all(one.measured for one in every))
