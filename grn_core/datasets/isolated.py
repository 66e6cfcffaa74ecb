"""Read an untrusted file in a process of its own.

The HDF5 library can crash or run forever on a damaged file, which would take the server with it. A file that a child
process has read through once is safe to read here: the bytes are the same.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from grn_core import errors
from grn_core.datasets.readers import read
from grn_core.errors import DataError, GrnError

TIME_LIMIT_S = 300
DAMAGED = "export or copy the file again; it may be damaged"
ROOT = Path(__file__).resolve().parents[2]


def check_in_child(
    path: Path, *, species: str | None = None, values: str | None = None, time_limit_s: float = TIME_LIMIT_S
) -> None:
    """Read a file in a child process, and raise here what `read` raises there.

    Raises
    ------
    DataError, GeneError
        As `read`; also a `DataError` if the child crashed or took longer than `time_limit_s`.
    """
    command = [sys.executable, "-m", "grn_core.datasets.isolated", str(path), species or "", values or ""]
    search = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    try:
        done = subprocess.run(
            command,
            env={**os.environ, "PYTHONPATH": search},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=time_limit_s,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        message = f"reading {path.name} took longer than {time_limit_s:g} s"
        raise DataError(message, needed="a complete file", todo=DAMAGED) from error
    try:
        answer = json.loads(done.stdout.splitlines()[-1])
    except (IndexError, ValueError) as error:
        message = f"the reader of {path.name} stopped with exit code {done.returncode}"
        raise DataError(message, needed="a complete file", todo=DAMAGED) from error
    if answer:
        kind = answer.pop("kind")
        raise getattr(errors, kind)(answer.pop("found"), **answer)


def _main(path: str, species: str, values: str) -> None:
    answer = {}
    try:
        read(path, species=species or None, values=values or None)
    except GrnError as error:
        answer = {"kind": type(error).__name__, "found": error.found, "needed": error.needed, "todo": error.todo}
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    _main(*sys.argv[1:])
