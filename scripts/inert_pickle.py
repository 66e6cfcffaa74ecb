"""Read the pandas tables of a wheel that are stored as pickles without unpickling: nothing that a pickle names is run.

The instructions of the file are followed one by one. Where a pickle would look up and call a function, an `Inert` note
of the call is kept instead, and the columns are then taken out of these notes.
"""

from __future__ import annotations

import pickletools
from dataclasses import dataclass

import numpy as np
import pandas as pd

LAYOUT = {"PROTO", "FRAME", "STOP"}
CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
EMPTY = {"EMPTY_LIST": list, "EMPTY_DICT": dict, "EMPTY_TUPLE": tuple}
LEAVES = {"SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8", "SHORT_BINBYTES", "BINBYTES", "BINBYTES8", "BYTEARRAY8"}
LEAVES |= {"BINFLOAT", "BININT", "BININT1", "BININT2", "LONG1"}
MARK = object()


@dataclass
class Inert:
    """A call that was not made: the name of what would have been called, its arguments and the state given to it."""

    name: str
    arguments: tuple
    state: object = None


def contents(data: bytes) -> object:
    """Return what a pickle (protocol 4 or 5) holds, with `Inert` in place of everything but plain data.

    Raises
    ------
    ValueError
        If the file has an instruction that tables do not need.
    """
    stack: list = []
    memory: list = []

    def since_mark() -> list:
        at = max(place for place, entry in enumerate(stack) if entry is MARK)
        found = stack[at + 1 :]
        del stack[at:]
        return found

    for instruction, argument, _ in pickletools.genops(data):
        name = instruction.name
        if name in LEAVES:
            stack.append(argument)
        elif name in CONSTANTS:
            stack.append(CONSTANTS[name])
        elif name in EMPTY:
            stack.append(EMPTY[name]())
        elif name == "MARK":
            stack.append(MARK)
        elif name == "MEMOIZE":
            memory.append(stack[-1])
        elif name in ("BINGET", "LONG_BINGET"):
            stack.append(memory[argument])
        elif name in ("TUPLE1", "TUPLE2", "TUPLE3"):
            stack.append(tuple([stack.pop() for _ in range(int(name[-1]))][::-1]))
        elif name == "TUPLE":
            stack.append(tuple(since_mark()))
        elif name in ("APPEND", "APPENDS"):
            entries = since_mark() if name == "APPENDS" else [stack.pop()]
            stack[-1].extend(entries)
        elif name in ("SETITEM", "SETITEMS"):
            entries = since_mark() if name == "SETITEMS" else [stack.pop() for _ in range(2)][::-1]
            stack[-1].update(zip(entries[::2], entries[1::2], strict=True))
        elif name == "STACK_GLOBAL":
            attribute, module = stack.pop(), stack.pop()
            stack.append(f"{module}.{attribute}")
        elif name in ("REDUCE", "NEWOBJ"):
            arguments, function = stack.pop(), stack.pop()
            stack.append(Inert(function, arguments))
        elif name == "BUILD":
            state = stack.pop()
            stack[-1].state = state
        elif name not in LAYOUT:
            message = f"the instruction {name}, which a table does not need"
            raise ValueError(message)
    (found,) = stack
    return found


def read_frame(data: bytes) -> pd.DataFrame:
    """Return a pickled pandas table with its index; columns stored as categories are left out."""
    manager = contents(data).state["_mgr"].state[3]["0.14.1"]
    names, index = (_array(axis.arguments[1]["data"]) for axis in manager["axes"])
    columns = {}
    for block in manager["blocks"]:
        if block["values"].name.endswith("Categorical"):
            continue
        places = block["mgr_locs"]
        places = range(*places.arguments) if places.name == "builtins.slice" else _array(places)
        columns |= {names[place]: values for place, values in zip(places, _array(block["values"]), strict=True)}
    return pd.DataFrame(columns, index=index)


def _array(note: Inert) -> np.ndarray:
    """Make the numpy array that `note` describes."""
    if note.name.endswith("_frombuffer"):
        data, kind, shape, order = note.arguments
        return np.frombuffer(bytes(data), dtype=kind.arguments[0]).reshape(shape, order=order)
    _, shape, kind, by_column, data = note.state
    if isinstance(data, list):  # objects are listed row by row in either case
        flat = np.empty(len(data), dtype=object)
        flat[:] = data
        return flat.reshape(shape)
    return np.frombuffer(data, dtype=kind.arguments[0]).reshape(shape, order="F" if by_column else "C")
