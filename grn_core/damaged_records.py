"""The small records of a home that are not as they were written: of what each is, and what brings it back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from grn_core.settings import settings
from grn_core.sums import read_summed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from grn_core.settings import Settings

DOUBTED = "(its name was damaged on the disk)"
"""What stands behind a title that may not be the one that was given."""


@dataclass(frozen=True)
class Room:
    """Where such records lie.

    Attributes
    ----------
    places
        Its folders, those of the installation before those of the user.
    pattern
        Of the names of its files.
    what
        Of what each is the record.
    todo
        What brings it back.
    key
        Under which a record holds its own name, with which that of its file ends; "" where it holds none.
    """

    places: Callable[[Settings], tuple[Path, ...]]
    pattern: str
    what: str
    todo: str
    key: str = "ref"

    def files(self) -> list[Path]:
        """Return those that the present user reads, by name; one of their own hides one of the installation."""
        found = {path.name: path for place in self.places(settings()) for path in place.glob(self.pattern)}
        return [path for _, path in sorted(found.items())]


def _below_home(name: str) -> Callable[[Settings], tuple[Path, ...]]:
    return lambda now: (now.home / name,)


def _of_models(now: Settings) -> tuple[Path, ...]:
    return now.models / "registered", now.own_models / "registered"


_UPLOADED = _below_home("uploads")
UPLOADS = Room(_UPLOADED, "upload-*.json", "an upload", "upload the file again: its runs then open as before")
LISTS = Room(_UPLOADED, "genes-*.json", "a gene list", "give its names again")
GROUPS = Room(_below_home("groups"), "*.json", "the groups A and B of some cells", "choose them again", key="")
COLUMNS = Room(_below_home("annotations"), "*.json", "a column of cells that was made here", "make it again")
MODELS = Room(_of_models, "[!.]*.json", "a model that was added", "add its folder again, or pull it again", key="name")
ROOMS = (UPLOADS, LISTS, GROUPS, COLUMNS, MODELS)


def read_record(room: Room, path: Path) -> dict[str, Any] | None:
    """Read a record of this or an earlier version; None where there is none, or it is damaged or that of another."""
    found = read_summed(path, unsummed=True)
    if not found or (room.key and str(found.get(room.key)).removeprefix("@") != path.stem):
        return None
    return found


def is_damaged(room: Room, path: Path) -> bool:
    """Whether a record is there and is not as it was written."""
    return path.is_file() and read_record(room, path) is None


def damaged(*rooms: Room) -> list[tuple[Room, Path]]:
    """Return the damaged records of the present home, those of all rooms where none is named."""
    return [(room, path) for room in rooms or ROOMS for path in room.files() if is_damaged(room, path)]


def sentences(found: Sequence[tuple[Room, Path]]) -> list[str]:
    """Say of `damaged` records what they were and what to do, a sentence a record."""
    return [f"The record of {room.what} ({path.stem}) is damaged on the disk: {room.todo}." for room, path in found]
