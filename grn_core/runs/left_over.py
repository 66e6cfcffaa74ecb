"""What is left of killed processes, and what has lain for long enough: swept where a server or a worker starts."""

from __future__ import annotations

from contextlib import suppress

from grn_core.errors import GrnError
from grn_core.files import remove_left
from grn_core.homes import homes
from grn_core.runs import trash
from grn_core.runs.store import RunStore
from grn_core.settings import settings


def sweep() -> None:
    """Remove what no living process is at work on from all homes of the installation, and what has had its time there.

    These are drafts and folders of parts, removed runs whose days are over, and, where the installation says so, what
    was unused for too long. What is left of a run that goes on with it is none of these.
    """
    now = settings()
    for folder in {now.installation, now.models}:
        remove_left(folder, below=True)
    for home in homes():
        with suppress(OSError):
            trash.sweep(RunStore(home / now.runs.name))
    if now.keep_days:
        from grn_core.runs.retention import let_go  # brings pandas

        with suppress(GrnError, OSError):
            let_go()
