"""Durations, sizes and counts as people say them, the same on pages, on the command line and in errors."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

LONGEST = 60
"""Letters of a user's name in a sentence."""


def duration(seconds: float) -> str:
    """Say a time: ``8 seconds``, ``3 minutes``, ``2 hours and 30 minutes``; no less than a second."""
    import humanize  # late: it opens its translations, which reading our limits does not need

    whole = max(1, round(seconds))
    unit = "seconds" if whole < 60 else "minutes"
    return humanize.precisedelta(timedelta(seconds=whole), minimum_unit=unit, format="%.0f")


def size(n_bytes: float) -> str:
    """Say a size in decimal units: ``565 Bytes``, ``418 MB``, ``1.3 GB``."""
    import humanize

    return humanize.naturalsize(n_bytes, format="%.0f" if n_bytes < 1e9 else "%.1f")


def share(part: float) -> str:
    """Say a share in percent; only all is 100% and only none is 0%: ``99.9%`` of 699 in 700, ``over 99.9%`` beyond."""
    if 0.005 <= part < 0.995 or part in (0.0, 1.0):
        return f"{part:z.0%}"
    return "over 99.9%" if part > 0.9994 else "under 0.1%" if part < 0.0005 else f"{part:z.1%}"


def short(name: object, *, most: int = LONGEST) -> str:
    """Return a name or value of a user as a sentence holds it: of a longer one its beginning and its end."""
    told = str(name)
    end = most // 4
    return told if len(told) <= most else f"{told[: most - end - 1]}…{told[-end:]}"


def names(given: Iterable[object]) -> str:
    """List names of a user, between commas, each `short`; quoted where one holds a comma, or begins or ends blank."""
    told = map(short, given)
    return ", ".join(repr(one) if "," in one or one != one.strip() or not one else one for one in told)


def none_of(count: int, one: str, many: str = "") -> str:
    """Say that there is none: ``none of the 3 genes``, and of a single one ``no gene``; both are singular."""
    return f"none of the {count:,} {many or f'{one}s'}" if count > 1 else f"no {one}"


def counted(count: int, one: str, many: str = "") -> str:
    """Say how many there are: ``1 line names``, ``1,200 lines name``; `many` is `one` and an s unless it is given."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"
