"""The small records of a home that cannot be read: why, of what each is, and what brings it back."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grn_core.errors import GrnError
from grn_core.files import read_object
from grn_core.settings import settings
from grn_core.sums import read_summed, write_summed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from grn_core.settings import Settings

DOUBTED = "(its name was damaged on the disk)"
"""What stands behind a title that may not be the one that was given."""
FORMAT = "record_format"
"""Key of the format of a record, a whole number; 1 in those without it, which are all that this version writes.

Not of the records of rooms alone: of links, names and notes of runs, sub-networks, cards of translators and receipts of
downloads too.
"""
UPDATE = "update GRN Studio"


@dataclass(frozen=True)
class Room:
    """Where such records lie.

    Attributes
    ----------
    places
        Its folders, those of the installation before those of the user.
    pattern, named
        Of the names of its files; and which of these, without their ending, we give ourselves: others are copies.
    what
        Of what each is the record.
    todo
        What brings it back.
    needs
        Keys without which a record is damaged.
    key, later
        Under which a record holds its own name, with which that of its file ends; and whether earlier versions did not
        write it.
    file
        Returns the file that belongs to a record, of the path and the content of that; None where there is none.
    format
        The latest that can be read.
    """

    places: Callable[[Settings], tuple[Path, ...]]
    pattern: str
    named: str
    what: str
    todo: str
    needs: tuple[str, ...]
    key: str = "ref"
    later: bool = False
    file: Callable[[Path, Mapping[str, Any]], Path | None] = lambda _path, _record: None
    format: int = 1

    def files(self) -> list[Path]:
        """Return those that the present user reads, by name; one of their own hides one of the installation."""
        found = {path.name: path for place in self.places(settings()) for path in place.glob(self.pattern)}
        return [path for _, path in sorted(found.items())]


def _below_home(name: str) -> Callable[[Settings], tuple[Path, ...]]:
    return lambda now: (now.home / name,)


def _of_models(now: Settings) -> tuple[Path, ...]:
    return now.models / "registered", now.own_models / "registered"


_UPLOADED = _below_home("uploads")
UPLOADS = Room(
    _UPLOADED,
    "upload-*.json",
    r"upload-[0-9a-f]{12}",
    what="an upload",
    todo="upload the file again: its runs then open as before",
    needs=(
        "ref",
        "title",
        "filename",
        "file",
        "species",
        "species_given",
        "n_cells",
        "n_genes",
        "n_bytes",
        "sha256",
        "created",
    ),
    file=lambda path, record: path.with_name(Path(str(record["file"])).name or "."),
)
LISTS = Room(
    _UPLOADED,
    "genes-*.json",
    r"genes-[0-9a-f]{12}",
    what="a gene list",
    todo="give its names again",
    needs=("ref", "title", "names", "species_given", "created"),
)
GROUPS = Room(
    _below_home("groups"),
    "[!.]*.json",
    r"[0-9a-f]{32}",
    what="the groups A and B of some cells",
    todo="choose them again",
    needs=("a", "b"),
    key="cells",
    later=True,
)
COLUMNS = Room(
    _below_home("annotations"),
    "[!.]*.json",
    r"[0-9a-f]{12}",
    what="a column of cells that was made here",
    todo="make it again",
    needs=("ref", "title", "dataset_sha", "categories", "created"),
    file=lambda path, _record: path.with_suffix(".npy"),
)
MODELS = Room(
    _of_models,
    "[!.]*.json",
    r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}",
    what="a model that was added",
    todo="add its folder again, or pull it again",
    needs=("name", "title", "folder", "format", "licence", "source", "card"),
    key="name",
)
ROOMS = (UPLOADS, LISTS, GROUPS, COLUMNS, MODELS)


def read_record(room: Room, path: Path) -> dict[str, Any] | None:
    """Read a record of this or an earlier version; None where there is none that can be read, or it is of another."""
    found = read_summed(path, unsummed=True) or {}
    return found if _is_own(room, path, found) else None


def read_doubted(room: Room, path: Path) -> dict[str, Any]:
    """Read what can be read of a damaged record, which must be checked by its content; nothing of a newer one."""
    found = read_object(path)
    return {} if _format(found) > room.format else found


def keep_record(room: Room, path: Path, content: Mapping[str, Any]) -> None:
    """Write a record in the place of what stood there; errors as of `check_place`."""
    check_place(room, path)
    write_summed(path, content)


def check_place(room: Room, path: Path) -> None:
    """Refuse, `GrnError`, to write a record over one of a newer version, or where something stands that is no file."""
    is_link, is_file = path.is_symlink(), path.is_file()
    if (path.exists() and not is_file and not is_link) or (is_file and is_newer(room, path)):
        why, todo = why_unread(room, path) or ("", "")
        message = f"the record of {room.what} ({path.stem}) {why}"
        raise GrnError(message, needed="a record of this version, or none", todo=todo)


def is_damaged(room: Room, path: Path) -> bool:
    """Whether something is in the place of a record and cannot be read as one."""
    return why_unread(room, path) is not None


def why_unread(room: Room, path: Path) -> tuple[str, str] | None:
    """Say why what is in the place of a record is not read, and what to do; None of what is read, or is not there.

    What belongs to the record is looked at too, but for what it holds.
    """
    if not os.path.lexists(path):
        return None
    if not re.fullmatch(room.named, path.stem):
        return "has a name that is never given here, as a copy has, and is not read", "delete it"
    if not path.exists():
        return "is a link that leads to nothing", f"put back what it leads to, or delete it and {room.todo}"
    if not path.is_file():
        what = "a folder" if path.is_dir() else "no file"
        return f"is {what}", f"delete it, then {room.todo}"
    record = read_summed(path, unsummed=True) or {}
    if newer := newer_words(record, known=room.format):
        return newer, UPDATE
    if not _is_own(room, path, record):
        return "is damaged on the disk", room.todo
    beside = room.file(path, record)
    if beside is not None and not beside.is_file():
        return "has lost the file that belongs to it", room.todo
    return None


def is_newer(room: Room, path: Path) -> bool:
    """Whether a newer version has written a record, in a format that this one does not read."""
    return _format(read_summed(path, unsummed=True) or {}) > room.format


def newer_words(record: Mapping[str, Any] | None, *, known: int = 1) -> str:
    """Say that a newer version has written a record; empty of one that this version reads, and of none.

    Parameters
    ----------
    record
        What was read.
    known
        The latest format that this version reads.
    """
    found = _format(record or {})
    return f"was made by a newer GRN Studio (format {found}; this one reads {known})" if found > known else ""


def _is_own(room: Room, path: Path, record: Mapping[str, Any]) -> bool:
    """Whether what was read at a path is a record of this or an earlier version, of the name that the path has."""
    if _format(record) > room.format or not record.keys() >= set(room.needs):
        return False
    own = record.get(room.key, path.stem if room.later else None)
    return str(own).removeprefix("@") == path.stem


def _format(record: Mapping[str, Any]) -> int:
    found = record.get(FORMAT, 1)
    return found if type(found) is int else 1


def damaged(*rooms: Room) -> list[tuple[Room, Path]]:
    """Return the records of the present home that cannot be read, those of all rooms where none is named."""
    return [(room, path) for room in rooms or ROOMS for path in room.files() if is_damaged(room, path)]


def sentences(found: Sequence[tuple[Room, Path]]) -> list[str]:
    """Say of `damaged` records what they were, why they are not read and what to do, a sentence a record."""
    told = [(room, path, why_unread(room, path)) for room, path in found]
    return [f"The record of {room.what} ({path.stem}) {why[0]}: {why[1]}." for room, path, why in told if why]
