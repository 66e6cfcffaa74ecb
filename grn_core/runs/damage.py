"""What a run's files are held to: which of them stay as its work left them, and the error where one has not."""

from __future__ import annotations

from grn_core.errors import RunError

CHANGING = frozenset(
    {
        *("run.json", "status.json", "marks.json", "subnetworks.json", "removed.json", "last-used", "log.txt"),
        *("lock", "gate", "cancel"),
    }
)
"""Files of a run that change after its work is done."""
DOWNLOAD = "download"
"""Name, without its ending, of a file for other programs that is made beside a result when it is first asked for."""


def damaged_error(run_id: str, name: str) -> RunError:
    """Return the error of a file that is not as its run left it."""
    message = f"run {run_id} cannot be read: its {name} is damaged"
    todo = f"compute it again: `python -m grn_core runs remove {run_id}`, then ask for the same once more"
    return RunError(message, needed="the file as the run wrote it", todo=todo)
