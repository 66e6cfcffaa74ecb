"""The status of a run as its worker holds it: what stands in the file may be damaged at any moment."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from grn_core.runs import queue
from grn_core.runs.damage import unread_error
from grn_core.runs.state import RunStatus

if TYPE_CHECKING:
    from grn_core.runs.store import RunStore


class OwnStatus:
    """What a living worker says of its run.

    While it lives nobody else writes ``status.json``. It is therefore read once, when the worker comes up, and written
    whole every time: damage lasts until the next word, and takes nothing along.

    Attributes
    ----------
    store, run_id
        The run.
    status
        What was last said.
    began
        When the work began, by a clock that is never set (seconds); None while it waits.
    """

    def __init__(self, store: RunStore, run_id: str) -> None:
        self.store, self.run_id = store, run_id
        self.status = store.written_status(run_id)
        self.began: float | None = None
        if self.status.state == "interrupted":  # it cannot be read; whoever started this worker asked for the run
            asked = queue.asked(store, run_id) or time.time()
            self.status = RunStatus("queued", queued=asked, attempts=1)

    def say(self, **changes: Any) -> RunStatus:
        """Write the status with some fields changed, and return it.

        Raises
        ------
        RunError
            The run was deleted: its folder is not made anew for a status.
        """
        if not (folder := self.store.path(self.run_id)).is_dir():
            raise unread_error(self.run_id, folder)
        self.status = self.store.write_status(self.run_id, self.status.replace(pid=os.getpid(), **changes))
        return self.status

    def begin(self) -> None:
        """Say that the work begins."""
        self.began = time.monotonic()
        self.say(state="running", stage="", position=0, started=time.time(), message="")

    @property
    def seconds(self) -> float:
        """Seconds since the work began; 0 while it waits."""
        return 0.0 if self.began is None else time.monotonic() - self.began

    def end(self, state: str, **changes: Any) -> None:
        """Say how the run ended."""
        self.say(state=state, position=0, eta_s=None, elapsed_s=self.seconds, **changes)
