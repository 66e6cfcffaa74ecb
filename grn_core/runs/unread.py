"""What lies in a home in the place of records and runs, and cannot be read: found, named and removed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from grn_core.damaged_records import COLUMNS, GROUPS, MODELS, Room, damaged
from grn_core.errors import DataError, RunError
from grn_core.files import take_away
from grn_core.runs.damage import NAME_OF_RUN
from grn_core.runs.store import RunStore
from grn_core.runs.trash import remove
from grn_core.settings import settings

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from grn_core.runs.state import RunInfo

LOCKS = ("lock", "gate")
RECORD = "Record that is not read"
"""Kind of what stands in the place of a record of groups, a column, a model or a run."""


def unread_records() -> dict[str, tuple[Room, Path]]:
    """Return the records of groups, columns and models that are not read, by their place in the present home."""
    own = (settings().home, settings().own_models)
    found = damaged(GROUPS, COLUMNS, MODELS)
    return {
        f"{path.parent.name}/{path.name}": (room, path) for room, path in found if any(map(path.is_relative_to, own))
    }


def what_belongs(room: Room, path: Path) -> list[Path]:
    """Return what goes with such a record: of a column its labels."""
    return [path, *([path.with_suffix(".npy")] if room is COLUMNS else [])]


def remove_record(name: str) -> None:
    """Delete what `unread_records`, `unread_runs` or `copies_of_runs` has named; a link goes itself, never its target.

    Raises
    ------
    DataError
        There is none of that name.
    RunError
        It is of a run that is at work.
    """
    files = {one: what_belongs(*found) for one, found in unread_records().items()}
    files |= {one: [path] for one, path in copies_of_runs().items()}
    if name in unread_runs():
        remove(name.rpartition("/")[2], keep=False)
        return
    if name not in files:
        message = f"there is no record {name!r} here that cannot be read"
        raise DataError(message, needed="one that is listed", todo="choose one of the list")
    for path in files[name]:
        take_away(path)


def copies_of_runs() -> dict[str, Path]:
    """Return what lies among the runs under a name that no run has, as a copy has, by its place in the home."""
    root = settings().runs
    found = sorted(root.glob("[!.]*")) if root.is_dir() else []
    return {f"{root.name}/{path.name}": path for path in found if not re.fullmatch(NAME_OF_RUN, path.name)}


def unread_runs(read: Iterable[RunInfo] = ()) -> dict[str, RunError]:
    """Return why each run is not read whose record cannot be, by its place in the home.

    Parameters
    ----------
    read
        Those that were read just now, at which nobody looks again.
    """
    store, found, known = RunStore(), {}, {info.run_id for info in read}
    for path in sorted(store.root.glob("[!.]*")) if store.root.is_dir() else ():
        if re.fullmatch(NAME_OF_RUN, path.name) and path.name not in known and not _is_bare(path):
            try:
                store.record(path.name)
            except RunError as error:
                found[f"{store.root.name}/{path.name}"] = error
    return found


def _is_bare(folder: Path) -> bool:
    """Whether the folder of a run holds locks at most: it is being made, or was asked for by an id that is none."""
    return folder.is_dir() and not folder.is_symlink() and not {one.name for one in folder.glob("[!.]*")} - {*LOCKS}
