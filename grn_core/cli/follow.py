"""Long work of a command: submitted as a run, followed until it ends, cancelled by Ctrl-C."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grn_core import in_words
from grn_core.cli.output import ProgressLine, note
from grn_core.errors import RequestError
from grn_core.runs import RunStatus, RunStore, manager
from grn_core.runs.doubts import notes_of
from grn_core.runs.names import name_of
from grn_core.runs.versions import differences

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from grn_core.runs import Request


def computed(
    request: Request,
    *,
    quiet: bool = False,
    estimate: Callable[[], str] | None = None,
    before: Callable[[], object] = lambda: None,
) -> tuple[str, RunStatus]:
    """Have a request computed, unless it was before; return its run and how that ended well.

    Parameters
    ----------
    request
        What is asked.
    quiet
        Whether the notes of the run are left to the caller.
    estimate
        Says how long it may take; asked where there is something to compute.
    before
        Called before the run is asked for, where it was not computed before: tells what is known without it.

    Raises
    ------
    GrnError
        The request cannot be computed, or its run failed.
    KeyboardInterrupt
        The user has cancelled it; the same command goes on from the finished parts.
    """
    known = manager.status_if_known(request.run_id())
    was_done = known is not None and known.state == "done"
    if not was_done:
        before()
    run_id = manager.submit(request)
    status = manager.status(run_id)
    if was_done and status.state == "done":
        note(f"run {run_id}: computed before, nothing to compute")
    else:
        note(f"run {run_id}: {'damaged since, computed again' if was_done else name_of(request)}")
        if estimate is not None:
            note(estimate())
        status = follow(run_id)
    status.raise_for_failure()
    record = RunStore().record(run_id)
    if text := differences(record, request.packages() or ()) if request.packages() is not None else "":
        note(f"note: {text}")
    for text in () if quiet else notes_of(record):
        note(f"note: {text}")
    return run_id, status


def follow(run_id: str) -> RunStatus:
    """Wait for a run and show its progress; Ctrl-C cancels it."""
    line = ProgressLine()
    try:
        status = manager.wait(run_id, listener=line)
    except KeyboardInterrupt:
        manager.cancel(run_id)
        line.close()
        note(f"run {run_id}: cancelled; the same command goes on from the finished parts")
        raise
    line.close()
    if status.state == "done":
        memory = in_words.size(status.peak_bytes)
        note(f"run {run_id}: done in {in_words.duration(status.wall_s)}, {memory} of memory at most")
    return status


def check_file(output: Path | None, *, option: str = "-o") -> None:
    """Refuse a file that cannot be written, before anything is computed."""
    if output is not None and (output.is_dir() or not output.absolute().parent.is_dir()):
        message = f"{output} cannot be written"
        raise RequestError(message, needed="a file in a folder that exists", todo=f"correct {option}")
