"""Removed runs: kept for a while in a folder beside the runs, so that a removal can be undone."""

from __future__ import annotations

import os
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grn_core.errors import RunError
from grn_core.files import draft_of, take_away
from grn_core.runs.locks import is_held
from grn_core.runs.shares import shares, withdraw
from grn_core.runs.store import RunStore
from grn_core.sums import read_summed, write_summed

if TYPE_CHECKING:
    from pathlib import Path

    from grn_core.runs.state import RunInfo

FOLDER = "removed"
KEPT_DAYS = 7
DAY_S = 24 * 3600.0
WHEN = "removed.json"


@dataclass(frozen=True)
class Removed:
    """A removed run that can still be brought back: the run, and when it was removed, in seconds since the epoch."""

    info: RunInfo
    removed: float


def remove(run_id: str, *, keep: bool = True) -> None:
    """Take a run away, so that the same request is computed from nothing.

    Parameters
    ----------
    run_id
        The run.
    keep
        Whether its files stay for `KEPT_DAYS` days, for `restore`; else they are deleted at once.

    Raises
    ------
    RunError
        There is no such run, or it waits or is at work.
    """
    store = RunStore()
    if _is_no_folder(store, run_id) or (store.path(run_id).is_symlink() and not keep):
        take_away(store.path(run_id))  # itself, not what a link leads to
        return
    if not store.path(run_id).is_dir():
        store.request(run_id)  # says that there is none
    sweep(store)
    with store.gate(run_id):
        if _active(store, run_id):
            message = f"run {run_id} is still at work"
            raise RunError(message, needed="a run that has ended", todo=f"cancel it first: runs cancel {run_id}")
        for one in shares(run_id):
            withdraw(one.number)
        if keep:
            place = _trash(store).path(run_id)
            place.parent.mkdir(parents=True, exist_ok=True)
            _delete(place)  # an earlier one of the same request
            try:
                write_summed(store.path(run_id) / WHEN, {"removed": time.time()})
            except OSError:  # on a full disk too: what is removed can be deleted then
                os.utime(store.path(run_id))
            store.path(run_id).rename(place)
            return
        gone = draft_of(store.path(run_id))
        store.path(run_id).rename(gone)  # in one step, so that nobody meets half a run
    shutil.rmtree(gone)


def restore(run_id: str) -> None:
    """Bring a removed run back, with its name and note.

    Raises
    ------
    RunError
        It is not among the removed ones, or was computed again since.
    """
    store = RunStore()
    place = _trash(store).path(run_id)
    if not place.is_dir():
        message = f"run {run_id} is not among the removed runs"
        raise RunError(message, needed=f"a run that was removed in the last {KEPT_DAYS} days", todo="compute it again")
    store.root.mkdir(parents=True, exist_ok=True)
    try:
        (place / WHEN).unlink(missing_ok=True)
        place.rename(store.path(run_id))
    except OSError as error:
        message = f"run {run_id} was computed again since it was removed"
        raise RunError(message, needed="no run of that id", todo="use that one, or remove it first") from error


def removed_runs() -> list[Removed]:
    """Return the removed runs that can be brought back, the last removed first."""
    trash, oldest = _trash(RunStore()), time.time() - KEPT_DAYS * DAY_S
    found = [Removed(info, _when(trash.path(info.run_id))) for info in trash.list_runs()]
    return sorted((one for one in found if one.removed >= oldest), key=lambda one: (-one.removed, one.info.run_id))


def sweep(store: RunStore) -> None:
    """Delete the removed runs whose days are over."""
    trash, oldest = _trash(store), time.time() - KEPT_DAYS * DAY_S
    for place in trash.root.iterdir() if trash.root.is_dir() else ():
        if _when(place) < oldest:
            _delete(place)


def _trash(store: RunStore) -> RunStore:
    return RunStore(store.root.parent / FOLDER)


def _when(place: Path) -> float:
    """Return when a run was removed; the time of its folder where that was not written, or is damaged."""
    found = (read_summed(place / WHEN, unsummed=True) or {}).get("removed")
    if isinstance(found, int | float):
        return float(found)
    with suppress(OSError):
        return place.lstat().st_mtime
    return time.time()


def _delete(place: Path) -> None:
    """Delete a folder in one step for those who look for it."""
    with suppress(FileNotFoundError):
        gone = draft_of(place)
        place.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)


def _is_no_folder(store: RunStore, run_id: str) -> bool:
    """Whether a file stands in the place of a run, or a link that leads to none."""
    place = store.path(run_id)
    if place.is_symlink():
        with suppress(RunError):
            store.record(run_id)
            return False
    return place.is_symlink() or place.is_file()


def _active(store: RunStore, run_id: str) -> bool:
    """Whether a run waits or is at work; one that cannot be read is not, unless a worker holds it."""
    try:
        return store.status(run_id).active
    except RunError:
        return is_held(store.path(run_id) / "lock")
