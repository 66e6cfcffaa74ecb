"""Work that takes as long as it is told, and writes down who did what: for the tests of executors."""

from __future__ import annotations

import errno
import os
import time
from concurrent.futures import CancelledError
from pathlib import Path

import numpy as np

from grn_core.errors import DataError
from grn_core.executors import Parcel, Work

RAISED = {
    "disk": OSError(errno.ENOSPC, "No space left on device", "/secret/place"),
    "stale": OSError(errno.ESTALE, "Stale file handle", "/secret/place"),
    "memory": MemoryError(),
    "slow": TimeoutError("by nothing"),
    "cancelled": CancelledError(),
}


def work(diary: Path, *, seconds: float = 0.0, wrong: str = "", length: int = 3) -> Work:
    """Square numbers in parts of three, or of more."""
    given = Parcel({"diary": str(diary), "seconds": seconds, "wrong": wrong}, {"offset": np.arange(length)})
    return Work(
        here=lambda number: prepared(given)(_part(number)).arrays,
        module=__name__,
        given=lambda: given,
        part=_part,
    )


def prepared(given: Parcel):
    diary = Path(given.told["diary"])
    _write(diary, "prepared")

    def compute(part: Parcel) -> Parcel:
        number = int(part.arrays["number"])
        _write(diary, f"begun {number}")
        if given.told["wrong"] == "data":
            message = "the cells are wet"
            raise DataError(message, needed="dry ones", todo="wait")
        if given.told["wrong"] == "dies":
            os._exit(1)
        if given.told["wrong"] == "bug":
            message = "by nothing"
            raise ZeroDivisionError(message)
        if given.told["wrong"] in RAISED:
            raise RAISED[given.told["wrong"]]
        time.sleep(given.told["seconds"])
        _write(diary, f"done {number}")
        return Parcel(
            {"device": "toy", "notes": [f"note {number}"]}, {"square": (number + given.arrays["offset"]) ** 2}
        )

    return compute


def lines(diary: Path, word: str) -> list[str]:
    """What was written down with a word first: process and rest."""
    found = [line.split(" ", 2) for line in diary.read_text(encoding="utf-8").splitlines()] if diary.exists() else []
    return [" ".join(one) for one in found if one[1] == word]


def resident() -> int | None:
    """Which model object lies in the memory of this process."""
    from grn_core.models.load import _RESIDENT

    return id(_RESIDENT["cpu"][1]) if "cpu" in _RESIDENT else None


def _part(number: int) -> Parcel:
    return Parcel(arrays={"number": np.array(number)})


def _write(diary: Path, text: str) -> None:
    with diary.open("a", encoding="utf-8") as file:
        file.write(f"{os.getpid()} {text}\n")
