"""What is left of killed processes, and what has lain for long enough: swept where a server or a worker starts."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from grn_core.errors import GrnError
from grn_core.files import remove_left
from grn_core.homes import homes
from grn_core.runs import trash
from grn_core.runs.store import RunStore
from grn_core.settings import settings

if TYPE_CHECKING:
    from pathlib import Path


def sweep(home: Path | None = None) -> None:
    """Remove what no living process is at work on, and, from all homes of the installation, what has had its time.

    These are drafts and folders of parts; removed runs whose days are over and, where the installation says so, what
    was unused for too long. What is left of a run that goes on with it is none of these.

    Parameters
    ----------
    home
        Where drafts and parts are looked for, which goes through all files: a run does not wait until those of all
        other users were gone through. In all homes if None.
    """
    now = settings()
    for folder in {now.installation if home is None else home, now.models}:
        remove_left(folder, below=True)
    for home in homes():
        with suppress(OSError):
            trash.sweep(RunStore(home / now.runs.name))
    if now.keep_days:
        from grn_core.runs.retention import let_go  # brings pandas

        with suppress(GrnError, OSError):
            let_go()
