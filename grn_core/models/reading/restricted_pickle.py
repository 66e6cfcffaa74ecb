"""Published dictionaries that are pickles, read without unpickling: a pickle is a program, and this one is not run.

Geneformer's dictionaries are pickled. Python's own reader calls what a pickle names, so a file from elsewhere can do
anything. Here the instructions of the file are interpreted by the few rules of `pickle_machine`.
"""

from __future__ import annotations

import io
import pickletools
from pathlib import Path

from grn_core.errors import ModelError
from grn_core.models.reading.pickle_machine import Machine, RefusedError, is_content

MAX_BYTES = 32 * 2**20
MAX_STEPS = 4_000_000
NEEDED = "a pickle of plain containers, strings, numbers and numpy scalars, as Geneformer's dictionaries are"


def read_plain_pickle(path: Path) -> object:
    """Read a pickle that holds plain data.

    Parameters
    ----------
    path
        A file of at most 32 MiB and 4 million instructions, pickle protocol 2 to 5 (numpy scalars: from 3).

    Returns
    -------
    object
        Dictionaries, lists, tuples, strings, integers of at most 64 bits, floats, booleans and None. numpy scalars come
        as Python numbers.

    Raises
    ------
    ModelError
        If the file is missing, too large or broken, or holds anything else; it says what. Nothing in it was run.
    """
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            found = f"more than {MAX_BYTES // 2**20} MiB"
            raise RefusedError(found)
        return _interpret(content)
    except RefusedError as error:
        message = f"{path} holds {error}"
        raise ModelError(message, needed=NEEDED, todo="copy the published file; no code in this one was run") from error
    except (OSError, ValueError, OverflowError) as error:  # what the reader of instructions meets in other bytes
        message = f"{path} cannot be read as a pickle ({str(error).partition(chr(10))[0]:.200})"
        raise ModelError(message, needed=NEEDED, todo="copy the published file again") from error


def _interpret(content: bytes) -> object:
    machine, stream = Machine(), io.BytesIO(content)
    for number, (instruction, argument, _) in enumerate(pickletools.genops(stream)):
        if number >= MAX_STEPS:
            found = f"more than {MAX_STEPS:,} instructions"
            raise RefusedError(found)
        machine.step(instruction.name, argument)
    if stream.tell() != len(content) or len(machine.stack) != 1 or not is_content(machine.stack[0]):
        found = "something beside its one plain value"
        raise RefusedError(found)
    return machine.stack[0]
