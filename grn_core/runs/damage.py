"""What a run's files are held to: which of them stay as its work left them, and the error where one has not."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from grn_core.errors import RunError
from grn_core.runs.request import FORMAT
from grn_core.runs.state import RunStatus
from grn_core.sums import differing, read_summed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

CHANGING = frozenset(
    {
        *("run.json", "status.json", "marks.json", "subnetworks.json", "removed.json", "last-used", "log.txt"),
        *("lock", "gate", "cancel"),
    }
)
"""Files of a run that change after its work is done."""
NAME_OF_RUN = "[0-9a-f]{16}"
"""Of the folder of a run: its id."""
DOWNLOAD = "download"
"""Name, without its ending, of a file for other programs that is made beside a result when it is first asked for."""


def damaged_error(run_id: str, name: str) -> RunError:
    """Return the error of a file that is not as its run left it."""
    message = f"run {run_id} cannot be read: its {name} is damaged"
    todo = f"compute it again: `python -m grn_core runs remove {run_id}`, then ask for the same once more"
    return RunError(message, needed="the file as the run wrote it", todo=todo)


def unread_error(run_id: str, folder: Path) -> RunError:
    """Return the error of a run whose record is not there, or cannot be read; it says why."""
    record = read_summed(folder / "run.json", unsummed=True)
    if is_newer(record):
        found = (record or {})["format"]
        message = f"run {run_id} was made by a newer GRN Studio (format {found}; this one reads {FORMAT})"
        return RunError(message, needed="a run of this version or an earlier one", todo="update GRN Studio")
    if not os.path.lexists(folder):
        message = f"there is no readable run {run_id}"
        return RunError(message, todo="choose a run from the list of runs, or start it again")
    if folder.is_symlink() or not folder.is_dir():
        what = "is a link that leads to no run" if folder.is_symlink() else "is no folder"
        todo = f"remove it: `python -m grn_core runs remove {run_id}`"
        return RunError(f"run {run_id} {what}", needed="the folder of a run", todo=todo)
    return damaged_error(run_id, "run.json")


def is_newer(record: Any) -> bool:
    """Whether a newer version has written the record of a run, in a format that this one does not read."""
    found = record.get("format") if isinstance(record, dict) else None
    return isinstance(found, int) and found > FORMAT


def ended_by_record(record: Mapping[str, Any], folder: Path) -> RunStatus | None:
    """Return the status of a run whose own is lost: done, where its record names the files of a result.

    They are written to the record last of all, and are held to their sums; None where they are not all there.
    """
    files, result = record.get("files"), record.get("result")
    if not files or not isinstance(result, dict) or differing(folder, files):
        return None
    when = (folder / "run.json").stat().st_mtime
    done = RunStatus("done", fraction=1.0, queued=when, started=when, updated=when, message="done")
    return done.replace(wall_s=result.get("wall_s", 0.0), peak_bytes=result.get("peak_bytes", 0))
