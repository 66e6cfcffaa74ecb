"""Published dictionaries that are pickles, read by Python's own reader that may look nothing up.

Geneformer's dictionaries are pickled, and a pickle is a program. `_Reader` answers the few names that numpy's numbers
need with stand-ins of ours and no other name, so nothing that a file names is run. Python's reader alone would still be
brought down by small files (measured: 10 bytes take 1 GB by way of an index into its memory, 370 bytes hash a tuple for
years), so the instructions are looked through first: no more of them than plain data need, and nothing recalled from
memory but texts, numbers and their types. What is made is then a tree no larger than the file.
"""

from __future__ import annotations

import io
import pickle
import pickletools
from pathlib import Path

import numpy as np

from grn_core.errors import ModelError
from grn_core.models.reading.plain_file import plain_file

MAX_BYTES = 32 * 2**20
MAX_STEPS = 4_000_000
MAX_INTEGER_BITS = 64
NEEDED = "a pickle of plain containers, strings, numbers and numpy scalars, as Geneformer's dictionaries are"

STORES = {"MEMOIZE", "BINPUT", "LONG_BINPUT"}
RECALLS = {"BINGET", "LONG_BINGET"}
# After these the top of the stack is a text, a name, or what a stand-in gave: it may be stored and recalled.
SMALL = {"SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8", "SHORT_BINBYTES", "BINBYTES", "BINBYTES8"}
SMALL |= {"GLOBAL", "STACK_GLOBAL", "REDUCE"}
LEAVES = {"NONE", "NEWTRUE", "NEWFALSE", "BINFLOAT", "BININT", "BININT1", "BININT2", "LONG1"}
CONTAINERS = {"MARK", "EMPTY_DICT", "EMPTY_LIST", "EMPTY_TUPLE", "TUPLE", "TUPLE1", "TUPLE2", "TUPLE3"}
CONTAINERS |= {"SETITEM", "SETITEMS", "APPEND", "APPENDS", "BUILD"}
ADMITTED = STORES | RECALLS | SMALL | LEAVES | CONTAINERS | {"PROTO", "FRAME", "STOP"}

SCALARS = (str, int, float, type(None))  # a bool is an int
NUMBERS = {"b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"}


class RefusedError(Exception):
    """The file holds what is not admitted; the text says what."""


class _NumberType:
    """Stands for `numpy.dtype`: a type of plain numbers, made from its code and then given the order of its bytes."""

    __slots__ = ("order", "type")

    def __init__(self, code: object, *_: object) -> None:
        if code not in NUMBERS:
            found = "a numpy type that is no plain number"
            raise RefusedError(found)
        self.type, self.order = np.dtype(code), "="

    def __setstate__(self, state: object) -> None:
        """Take the order of the bytes; everything else in numpy's state must be as for numbers."""
        if not isinstance(state, tuple) or state[2:] != (None, None, None, -1, -1, 0) or state[1] not in tuple("<>|="):
            found = "a numpy type with more in it than a number has"
            raise RefusedError(found)
        self.type = self.type.newbyteorder(state[1])


class _Call:
    """A function that a file may name: it has no attributes that a file could set."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, *arguments: object) -> object:
        """Make a numpy type, or the one number of the two arguments type and bytes, as a number of Python's."""
        if self.name == "dtype":
            return _NumberType(*arguments)
        kind, data = arguments
        if not isinstance(kind, _NumberType) or not isinstance(data, bytes) or len(data) != kind.type.itemsize:
            found = "a numpy scalar that is no number"
            raise RefusedError(found)
        return np.frombuffer(data, dtype=kind.type)[0].item()


class _Reader(pickle.Unpickler):
    """Python's reader, which finds two names (one of them had another module before numpy 2) and nothing else."""

    def find_class(self, module: str, name: str) -> _Call:
        """Answer a name with a stand-in; nothing is imported or looked up."""
        if (module, name) not in {
            ("numpy", "dtype"),
            ("numpy.core.multiarray", "scalar"),
            ("numpy._core.multiarray", "scalar"),
        }:
            found = f"the name {module}.{name}, which could be code"
            raise RefusedError(found)
        return _Call(name)


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
        with plain_file(path).open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            found = f"more than {MAX_BYTES // 2**20} MiB"
            raise RefusedError(found)
        _look_through(content)
        return _load(content)
    except RefusedError as error:
        message = f"{path} holds {error}"
        raise ModelError(message, needed=NEEDED, todo="copy the published file; no code in this one was run") from error
    except (OSError, ValueError, OverflowError, LookupError) as error:  # what the reader meets in other bytes
        message = f"{path} cannot be read as a pickle ({str(error).partition(chr(10))[0]:.200})"
        raise ModelError(message, needed=NEEDED, todo="copy the published file again") from error


def _look_through(content: bytes) -> None:
    """Refuse instructions that plain data do not need, before any is followed."""
    stream, before = io.BytesIO(content), ""
    small: set[int] = set()
    n_stored, heights = 0, [0]
    for number, (instruction, argument, _) in enumerate(pickletools.genops(stream)):
        name, found = instruction.name, ""
        if number >= MAX_STEPS:
            found = f"more than {MAX_STEPS:,} instructions"
        elif name not in ADMITTED:
            found = f"the instruction {name}, which plain data do not need"
        elif isinstance(argument, int) and argument.bit_length() > MAX_INTEGER_BITS:
            found = f"an integer of more than {MAX_INTEGER_BITS} bits"
        elif name in STORES:
            place = n_stored if argument is None else argument
            n_stored += 1
            if place >= n_stored:
                found = "memory that is larger than what is kept in it"
            (small.add if before in SMALL else small.discard)(place)
        elif name in RECALLS and argument not in small:
            found = "a container that is used twice, or memory that was never written"
        if found:
            raise RefusedError(found)
        before = before if name in STORES else name
        taken, given = instruction.stack_before, instruction.stack_after
        if pickletools.markobject in taken:
            heights.pop()
            taken = taken[: taken.index(pickletools.markobject)]
        if name == "MARK":
            heights.append(0)
        elif heights:
            heights[-1] += len(given) - len(taken)
    if stream.tell() != len(content) or heights != [0]:
        found = "something beside its one value"
        raise RefusedError(found)


def _load(content: bytes) -> object:
    """Follow the instructions, and look at everything that came of them."""
    try:
        found = _Reader(io.BytesIO(content)).load()
    except RefusedError:
        raise
    except Exception as error:  # Python's reader raises whatever the objects it is told to work on raise
        message = f"instructions that do not fit together ({str(error)[:200]})"
        raise RefusedError(message) from error
    open_values = [found]
    while open_values:
        value = open_values.pop()
        if isinstance(value, dict):
            plain = all(isinstance(key, SCALARS) for key in value)
            open_values.extend(value.values())
        elif isinstance(value, list):
            plain = True
            open_values.extend(value)
        else:
            plain = isinstance(value, SCALARS) or (
                isinstance(value, tuple) and all(isinstance(entry, SCALARS) for entry in value)
            )
        if not plain:
            message = "more than plain data, or a key that is no text and no number"
            raise RefusedError(message)
    return found
