"""What is used no more goes after a while, where the installation says so; what is pinned stays."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from grn_core.errors import GrnError
from grn_core.homes import homes
from grn_core.runs.belongings import RUN, remove_upload, unused
from grn_core.runs.names import title_of
from grn_core.runs.store import RunStore
from grn_core.runs.trash import DAY_S, remove
from grn_core.settings import at_home, settings

if TYPE_CHECKING:
    from pathlib import Path

USED = "last-used"
"""Empty file of a run whose time says when it was looked at last."""
SWEPT = "last-swept"
"""Empty file of a home whose time says when what is unused was removed last."""
WARNED_DAYS = 14
"""Days before it goes that its owner is told."""


@dataclass(frozen=True)
class Leaving:
    """One thing that goes: its kind, name and title, and when, in seconds since the epoch."""

    kind: str
    name: str
    title: str
    goes: float


def note_use(run_id: str) -> None:
    """Note that a run is looked at."""
    with suppress(OSError, GrnError):
        folder = RunStore().path(run_id)
        if folder.is_dir():
            (folder / USED).touch()


def leaving(*, within_days: float = WARNED_DAYS) -> list[Leaving]:
    """Return what goes within so many days unless it is used, the first to go first; nothing where all stays.

    A run is used when it is computed or looked at; an upload when it is uploaded, again too, while a run of it is here,
    and, but for cells and lists, when it is read.
    """
    keep = settings().keep_days * DAY_S
    if not keep:
        return []
    store, now = RunStore(), time.time()
    found = []
    for info in store.list_runs():
        if not info.marks.pinned and not info.status.active:
            last = max(_moment(info.created), info.status.updated, _time_of(store.path(info.run_id) / USED))
            found.append(Leaving(RUN, info.run_id, title_of(info), last + keep))
    for one in (one for one in unused() if not one.pinned):
        last = max(_moment(one.created), _read(settings().home / one.name))
        found.append(Leaving(one.kind, one.name, one.title, last + keep))
    return sorted((one for one in found if one.goes < now + within_days * DAY_S), key=lambda one: (one.goes, one.name))


def let_go() -> None:
    """Remove from every home what has been unused for too long, once a day; runs can be restored for a while.

    It is done beside other work, which it never ends: what cannot be removed now may be tomorrow.
    """
    if not settings().keep_days:
        return
    for home in homes():
        stamp = home / SWEPT
        if abs(time.time() - _time_of(stamp)) < DAY_S:  # one that is far ahead is of a clock that was set back since
            continue
        with at_home(home), suppress(GrnError, OSError):
            stamp.touch()
            for one in leaving(within_days=0):
                with suppress(GrnError, OSError):
                    remove(one.name) if one.kind == RUN else remove_upload(one.name)


def _moment(created: str) -> float:
    try:
        return datetime.fromisoformat(created).timestamp()
    except ValueError:
        return time.time()


def _read(path: Path) -> float:
    """Return when a file was read last, as far as the file system or `grn_core.files.note_use` says."""
    try:
        return path.stat().st_atime
    except OSError:
        return 0.0


def _time_of(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
