"""The small records of a home that are not as they were written: of what each is, and what brings it back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grn_core.settings import settings
from grn_core.sums import read_summed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

DOUBTED = "(its name was damaged on the disk)"
"""What stands behind a title that may not be the one that was given."""


@dataclass(frozen=True)
class Room:
    """A folder of such records.

    Attributes
    ----------
    folder, pattern
        Below the home, and the names of its files.
    what
        Of what each is the record.
    todo
        What brings it back.
    """

    folder: str
    pattern: str
    what: str
    todo: str

    def files(self) -> list[Path]:
        """Return those of the present home, by name."""
        now = settings()
        place = now.own_models / "registered" if self is MODELS else now.home / self.folder
        return sorted(place.glob(self.pattern))


UPLOADS = Room("uploads", "upload-*.json", "an upload", "upload the file again: its runs then open as before")
LISTS = Room("uploads", "genes-*.json", "a gene list", "give its names again")
GROUPS = Room("groups", "*.json", "the groups A and B of some cells", "choose them again")
COLUMNS = Room("annotations", "*.json", "a column of cells that was made here", "make it again")
MODELS = Room("models/registered", "[!.]*.json", "a model that was added", "add its folder again, or pull it again")
ROOMS = (UPLOADS, LISTS, GROUPS, COLUMNS, MODELS)


def is_damaged(path: Path) -> bool:
    """Whether a record is there and is not as it was written; one of an earlier version has no sum and never is."""
    return path.is_file() and read_summed(path, unsummed=True) is None


def damaged(*rooms: Room) -> list[tuple[Room, Path]]:
    """Return the damaged records of the present home, those of all rooms where none is named."""
    return [(room, path) for room in rooms or ROOMS for path in room.files() if is_damaged(path)]


def sentences(found: Sequence[tuple[Room, Path]]) -> list[str]:
    """Say of `damaged` records what they were and what to do, a sentence a record."""
    return [f"The record of {room.what} ({path.stem}) is damaged on the disk: {room.todo}." for room, path in found]
