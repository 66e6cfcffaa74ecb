"""Asking torch something from a process that does not load it: a page must be there before torch is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from grn_core.errors import GrnError, ModelError
from grn_core.settings import passed_on

LONGEST_S = 600.0


def ask(module: str, *arguments: str) -> dict[str, Any]:
    """Run a module of ours in a process of its own and return the JSON object that it answers.

    Parameters
    ----------
    module
        Full name; its ``main`` ends with `answer`.
    *arguments
        Its command line.

    Raises
    ------
    ModelError
        What the module raised there, in its words.
    """
    path = os.pathsep.join([str(Path(__file__).resolve().parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])])
    command = [sys.executable, "-m", module, *arguments]
    environment = os.environ | {**passed_on(), "PYTHONPATH": path}
    try:
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=LONGEST_S)
        found: dict[str, Any] = json.loads(done.stdout)
    except subprocess.TimeoutExpired as error:
        message = f"loading {' '.join(arguments)} took longer than {LONGEST_S:.0f} s"
        raise ModelError(message, needed="a checkpoint of a size for this machine", todo="check it again") from error
    except ValueError as error:
        last = (done.stderr.strip().splitlines() or ["no word"])[-1]
        message = f"{module} ended unexpectedly ({last})"
        raise ModelError(message, todo="try it on the command line and report what it says") from error
    if "error" in found:
        said = found["error"]
        raise ModelError(said["found"], needed=said["needed"], todo=said["todo"])
    return found


def answer(work: Callable[..., Mapping[str, object]], *arguments: str) -> int:
    """Write the JSON object that `work` returns, or its error, to stdout; return the exit code."""
    try:
        found = work(*arguments)
    except GrnError as error:
        found = {"error": {"found": error.found, "needed": error.needed, "todo": error.todo}}
    sys.stdout.write(json.dumps(found))
    return int("error" in found)
