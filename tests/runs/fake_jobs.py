"""A fast kind of work for tests, and the real worker and manager started with it in processes of their own.

``python fake_jobs.py RUN_ID --home HOME`` is the worker; ``python fake_jobs.py submit DATASET N`` asks for a run.
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from grn_core.errors import DataError
from grn_core.runs import left_over, manager, spare, worker
from grn_core.runs.jobs import JobKind, register
from grn_core.runs.request import Request

STEP_S = 0.02
SWEEPS = "sweeps.txt"
"""File of the home folder: as long as it is there, a worker that has come up goes on sweeping."""
STAY = "stay.txt"
"""File of the home folder: after how many chunks the work stays where it is, for as long as the file is there."""


@dataclass(frozen=True, kw_only=True)
class CountRequest(Request):
    """A number of chunks of a dataset."""

    kind: ClassVar[str] = "count"

    dataset_ref: str
    n: int = 5


def count(request, folder, progress):
    """Make `n` chunks, each a file, and write down what was done; the dataset's name may ask for trouble."""
    diary = folder.parent.parent / "diary.txt"
    note(diary, f"begin {folder.name}")
    progress("read", 0, 1)
    if request.dataset_ref == "bad-data":
        message = "the file has no cell"
        raise DataError(message, needed="cells", todo="choose another file")
    if request.dataset_ref == "bug":
        message = "broken"
        raise ZeroDivisionError(message)
    if request.dataset_ref == "silent":
        time.sleep(600)
    if request.dataset_ref == "dies":
        os._exit(1)
    stay = folder.parent.parent / STAY
    for i in range(request.n):
        while stay.exists() and i >= int(stay.read_text(encoding="utf-8")):
            progress("extract", i, request.n)
            time.sleep(STEP_S)
        chunk = folder / f"chunk-{i}"
        if not chunk.exists():
            time.sleep(STEP_S)
            note(diary, f"chunk {i}")
            chunk.touch()
        progress("extract", i + 1, request.n)
    if request.dataset_ref == "harms":
        (folder / "status.json").write_text("{", encoding="utf-8")
    (folder / "result.txt").write_text("done", encoding="utf-8")
    return {"chunks": request.n}


def note(diary, text):
    """Append a line; short appends of several processes do not mix."""
    with diary.open("a", encoding="utf-8") as handle:
        handle.write(text + "\n")


COUNT = register(
    JobKind(
        request=CountRequest,
        run=count,
        result="result.txt",
        stages={"read": 0.1, "extract": 0.9},
    )
)


def sweep(home):
    """Sweep, for as long as the test wants it."""
    left_over.sweep(home)
    while (home / SWEEPS).exists():
        time.sleep(STEP_S)


def count_request(dataset="cells", n=5):
    """Return a request for `n` chunks."""
    return CountRequest(dataset_ref=dataset, n=n)


def _main():
    if sys.argv[1] != "submit":
        spare.AHEAD = ()  # this work needs nothing that takes long to load
        worker.sweep = sweep
        return worker.alone()
    manager.WORKER = (sys.executable, __file__)
    Path(os.environ["GRN_HOME"], f"ready-{os.getpid()}").touch()
    while not Path(os.environ["GRN_HOME"], "go").exists():
        time.sleep(0.001)
    manager.submit(count_request(sys.argv[2], int(sys.argv[3])))
    return 0


if __name__ == "__main__":
    sys.exit(_main())
