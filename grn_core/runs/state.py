"""What a run is doing: one frozen record, kept in ``status.json``."""

from __future__ import annotations

import dataclasses
import os
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from grn_core.errors import GrnError, RunError
from grn_core.refusals import plain, refusal
from grn_core.runs.marks import NOTHING_SAID, Marks

if TYPE_CHECKING:
    from pathlib import Path

    from grn_core.runs.request import Request

STATES = ("queued", "running", "done", "failed", "cancelled", "interrupted")
ACTIVE = ("queued", "running")
STARTING = "starting"
START_GRACE_S = 60.0
"""How long a started worker may take to come up on a busy machine."""
LEAST_FREE = 64 << 10
"""Bytes on the disk of the data folder with fewer than which a worker may be unable to say why it stopped."""


@dataclass(frozen=True)
class RunStatus:
    """State of one run.

    Attributes
    ----------
    state
        One of `STATES`. ``interrupted`` is never written: it is what a reader finds when the worker has gone.
    stage, done, total
        The work in hand and its finished and planned steps.
    fraction
        Share of the whole run that is finished, 0 to 1; never falls while a worker lives.
    position
        Place in the queue, 1 = next; 0 when the run does not wait.
    queued, started, updated
        Seconds since the epoch; 0 when not yet.
    elapsed_s, eta_s
        Seconds computed so far and estimated to come; `eta_s` is None while unknown.
    message
        One sentence for the user.
    error
        ``found``, ``needed``, ``todo`` of a failed run; and ``sha256`` where a file can be accepted by that.
    pid
        The worker's process; 0 when none was started.
    attempts
        Workers started since the user last asked for the run.
    wall_s, peak_bytes
        Seconds and peak memory of the worker that ended the run.
    """

    state: str
    stage: str = ""
    done: int = 0
    total: int = 0
    fraction: float = 0.0
    position: int = 0
    queued: float = 0.0
    started: float = 0.0
    updated: float = 0.0
    elapsed_s: float = 0.0
    eta_s: float | None = None
    message: str = ""
    error: dict[str, str] | None = None
    pid: int = 0
    attempts: int = 0
    wall_s: float = 0.0
    peak_bytes: int = 0

    @property
    def active(self) -> bool:
        """Whether a worker waits or computes."""
        return self.state in ACTIVE

    @property
    def finished(self) -> bool:
        """Whether the run has come to an end: done, failed or cancelled."""
        return self.state in ("done", "failed", "cancelled")

    def replace(self, **changes: Any) -> RunStatus:
        """Return a copy with some fields changed."""
        return dataclasses.replace(self, **changes)

    def to_json(self) -> dict[str, Any]:
        """Return the fields as JSON types."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, values: Any) -> RunStatus:
        """Read `to_json`'s output; surplus fields are dropped.

        Raises
        ------
        ValueError
            The values are not a status: damaged file.
        """
        if not isinstance(values, dict) or values.get("state") not in STATES:
            message = "not a run status"
            raise ValueError(message)
        kept: dict[str, Any] = {}
        for field in dataclasses.fields(cls):
            if field.name not in values:
                continue
            value, default = values[field.name], field.default
            if isinstance(default, int | float) and (isinstance(value, bool) or not isinstance(value, int | float)):
                message = f"{field.name} is not a number"
                raise ValueError(message)
            if isinstance(default, str) and not isinstance(value, str):
                message = f"{field.name} is not a text"
                raise ValueError(message)
            if default is None and not _may_be(field.name, value):
                message = f"{field.name} is not what it should be"
                raise ValueError(message)
            kept[field.name] = value
        return cls(**kept)

    def raise_for_failure(self) -> None:
        """Raise what stopped the run, if anything did.

        Raises
        ------
        RunError
            The run failed, was cancelled, or its worker has gone.
        """
        if self.state == "failed":
            error = self.error or {}
            raise RunError(error.get("found", self.message), needed=error.get("needed", ""), todo=error.get("todo", ""))
        if self.state == "cancelled":
            message = "the run was cancelled"
            raise RunError(message, todo="resume it: finished parts are kept")
        if self.state == "interrupted":
            raise RunError(self.message, todo="resume it: finished parts are kept")


@dataclass(frozen=True)
class RunInfo:
    """One line of the list of runs; `marks` is what the user says of it."""

    run_id: str
    request: Request
    created: str
    status: RunStatus
    marks: Marks = NOTHING_SAID


def _may_be(name: str, value: Any) -> bool:
    """Whether a field that may be absent has a value of its type."""
    if value is None:
        return True
    if name == "eta_s":
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, dict) and all(isinstance(one, str) for one in value.values())


def is_starting(status: RunStatus) -> bool:
    """Whether the worker may still come up: it was started a moment ago and its process lives."""
    if status.state != "queued" or status.stage != STARTING:
        return False
    if abs(time.time() - status.updated) > START_GRACE_S:  # a clock that was set back says nothing for hours
        return False
    return _lives(status.pid)


def left_alone(status: RunStatus, folder: Path) -> RunStatus:
    """Return the status of a run whose worker has gone without a word, and why where the disk of its folder tells.

    A worker on a full disk has no room to write down that it is full.
    """
    full = False
    with suppress(OSError):  # the run may have been removed meanwhile
        full = shutil.disk_usage(folder).free < LEAST_FREE
    why = "the disk is full, and the worker stopped" if full else "the worker stopped without a word"
    return status.replace(state="interrupted", position=0, eta_s=None, message=f"{why} (attempt {status.attempts})")


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it lives, as another user
        return True
    return True


def describe_error(error: Exception, *, log: str) -> dict[str, str]:
    """Return an error as the ``found``, ``needed``, ``todo`` of a status.

    Parameters
    ----------
    error
        What the job raised.
    log
        Where the traceback is written.
    """
    if isinstance(error, GrnError):
        sha256 = getattr(error, "sha256", "")
        facts = {"sha256": sha256} if sha256 else {}
        return {"found": error.found, "needed": error.needed, "todo": error.todo, **facts}
    if (told := refusal(error)) is not None:
        return {"found": told.found, "needed": told.needed, "todo": told.todo}
    found = f"unexpected {type(error).__name__}: {plain(error)}"
    return {"found": found, "needed": "", "todo": f"report it with the traceback in {log}"}
