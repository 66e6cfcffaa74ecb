"""A fast kind of work for tests, and the real worker and manager started with it in processes of their own.

``python fake_jobs.py RUN_ID --home HOME`` is the worker; ``python fake_jobs.py submit DATASET N`` asks for a run.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from grn_core.errors import DataError
from grn_core.runs import manager, worker
from grn_core.runs.jobs import JobKind, register
from grn_core.runs.request import RunRequest

STEP_S = 0.02


def count(request, folder, progress):
    """Make `n_variable` chunks, each a file, and write down what was done; the dataset's name may ask for trouble."""
    diary = folder.parent.parent / "diary.txt"
    note(diary, f"begin {folder.name}")
    progress("read", 0, 1)
    if request.dataset_ref == "bad-data":
        message = "the file has no cell"
        raise DataError(message, needed="cells", todo="choose another file")
    if request.dataset_ref == "bug":
        message = "broken"
        raise ZeroDivisionError(message)
    if request.dataset_ref == "dies":
        os._exit(1)
    for i in range(request.n_variable):
        chunk = folder / f"chunk-{i}"
        if not chunk.exists():
            time.sleep(STEP_S)
            note(diary, f"chunk {i}")
            chunk.touch()
        progress("extract", i + 1, request.n_variable)
    (folder / "result.txt").write_text("done", encoding="utf-8")
    return {"chunks": request.n_variable}


def note(diary, text):
    """Append a line; short appends of several processes do not mix."""
    with diary.open("a", encoding="utf-8") as handle:
        handle.write(text + "\n")


COUNT = register(
    JobKind(
        name="count",
        run=count,
        result="result.txt",
        options=("dataset_ref", "n_variable"),
        stages={"read": 0.1, "extract": 0.9},
    )
)


def count_request(dataset="cells", n=5):
    """Return a request for `n` chunks."""
    return RunRequest(kind="count", dataset_ref=dataset, n_variable=n)


def _main():
    if sys.argv[1] != "submit":
        return worker.main()
    manager.WORKER = (sys.executable, __file__)
    Path(os.environ["GRN_HOME"], f"ready-{os.getpid()}").touch()
    while not Path(os.environ["GRN_HOME"], "go").exists():
        time.sleep(0.001)
    manager.submit(count_request(sys.argv[2], int(sys.argv[3])))
    return 0


if __name__ == "__main__":
    sys.exit(_main())
