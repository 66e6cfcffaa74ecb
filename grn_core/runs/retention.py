"""What is used no more goes after a while, where the installation says so; what is pinned stays."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from grn_core.errors import GrnError
from grn_core.homes import homes
from grn_core.runs.belongings import RUN, hanging_on, remove_upload, uploads
from grn_core.runs.names import title_of
from grn_core.runs.store import RunStore
from grn_core.runs.trash import DAY_S, remove
from grn_core.settings import at_home, settings

if TYPE_CHECKING:
    from pathlib import Path

USED = "last-used"
"""Empty file of a run whose time says when it was looked at last."""
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

    A run is used when it is computed or looked at, an upload when it is uploaded and while a run of it is here.
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
    unused = (one for one in uploads() if not hanging_on(one.name))
    found += [Leaving(one.kind, one.name, one.title, _moment(one.created) + keep) for one in unused]
    return sorted((one for one in found if one.goes < now + within_days * DAY_S), key=lambda one: (one.goes, one.name))


def let_go() -> None:
    """Remove from every home what has been unused for too long; runs can be restored for a while."""
    if settings().keep_days:
        for home in homes():
            with at_home(home):
                for one in leaving(within_days=0):
                    with suppress(GrnError, OSError):
                        if one.kind == RUN:
                            remove(one.name)
                        else:
                            remove_upload(one.name)


def _moment(created: str) -> float:
    try:
        return datetime.fromisoformat(created).timestamp()
    except ValueError:
        return time.time()


def _time_of(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
