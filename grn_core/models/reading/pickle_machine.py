"""The machine that `restricted_pickle` runs the instructions of a pickle on: few rules, and no code of the file's.

It knows plain containers, strings, numbers and numpy scalars, looks up and calls nothing that the file names, and
refuses everything else.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

MAX_INTEGER_BITS = 64
# What numpy calls the two parts of a scalar; before numpy 2 the module had another name.
NUMPY_DTYPE = "numpy dtype"
NUMPY_NAMES = {"numpy.core.multiarray scalar", "numpy._core.multiarray scalar", NUMPY_DTYPE}
NUMBERS = {"b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"}

CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
LEAVES = {"SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8", "BINFLOAT", "SHORT_BINBYTES", "BINBYTES", "BINBYTES8"}
INTEGERS = {"BININT", "BININT1", "BININT2", "LONG1"}
SHORT_TUPLES = {"EMPTY_TUPLE": 0, "TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
STORES = {"BINPUT", "LONG_BINPUT"}
RECALLS = {"BINGET", "LONG_BINGET"}
LAYOUT = {"PROTO", "FRAME", "STOP"}  # nothing to do: the reader of instructions ends at STOP by itself
SCALARS = (str, int, float, type(None))  # a bool is an int
MARK = object()  # where the entries of a container begin on the stack


class RefusedError(Exception):
    """The file holds what is not admitted; the text says what."""


class _Name:
    """The name of a function or class, which is never looked up."""

    def __init__(self, name: str) -> None:
        if name not in NUMPY_NAMES:
            found = f"the name {name.replace(' ', '.')}, which could be code"
            raise RefusedError(found)
        self.name = name


class _NumberType:
    """A numpy type of numbers: a code out of `NUMBERS` and the order of its bytes."""

    def __init__(self, arguments: object) -> None:
        if not _is_tuple(arguments, (str, bool, bool)) or arguments[0] not in NUMBERS:
            found = "a numpy type that is no plain number"
            raise RefusedError(found)
        self.code, self.order = arguments[0], "="

    def complete(self, state: object) -> None:
        """Take the order of the bytes out of the type's state; everything else in it must be as for numbers."""
        none = type(None)
        fits = _is_tuple(state, (int, str, none, none, none, int, int, int)) and state[5:] == (-1, -1, 0)
        if not fits or state[1] not in ("<", ">", "|", "="):
            found = "a numpy type with more in it than a number has"
            raise RefusedError(found)
        self.order = state[1]

    def read(self, data: bytes) -> int | float | bool:
        """Return the one number that is in `data`."""
        kind = np.dtype(self.code).newbyteorder(self.order)
        if len(data) != kind.itemsize:
            found = f"a {kind.name} of {len(data)} bytes"
            raise RefusedError(found)
        return np.frombuffer(data, dtype=kind)[0].item()


class Machine:
    """The stack and the memory of a pickle, and what each admitted instruction does to them.

    What is recalled from memory is never a container: the content is a tree no larger than the file, whatever the file
    asks for. Keys are scalars of limited size and tuples hold scalars only, so that no hash or comparison takes long.
    """

    def __init__(self) -> None:
        self.stack: list[object] = []
        self.memory: dict[int, object] = {}

    def step(self, instruction: str, argument: object) -> None:
        """Do one instruction."""
        if instruction in CONSTANTS:
            self.stack.append(CONSTANTS[instruction])
        elif instruction in LEAVES:
            self.stack.append(argument)
        elif instruction in INTEGERS:
            self.stack.append(_integer(argument))
        elif instruction == "MEMOIZE":
            self.memory[len(self.memory)] = self.top()
        elif instruction in STORES:
            self.memory[argument] = self.top()
        elif instruction in RECALLS:
            self.stack.append(self.recall(argument))
        elif instruction in SHORT_TUPLES:
            self.stack.append(tuple([self.pop() for _ in range(SHORT_TUPLES[instruction])][::-1]))
        elif instruction in RULES:
            RULES[instruction](self, argument)
        elif instruction not in LAYOUT:
            found = f"the instruction {instruction}, which plain data do not need"
            raise RefusedError(found)

    def top(self) -> object:
        """Look at the top of the stack."""
        if not self.stack or self.stack[-1] is MARK:
            found = "an instruction that has nothing to work on"
            raise RefusedError(found)
        return self.stack[-1]

    def pop(self) -> object:
        """Take the top of the stack."""
        found = self.top()
        self.stack.pop()
        return found

    def recall(self, place: object) -> object:
        """Return what was stored at `place`."""
        found = self.memory.get(place, MARK)
        if not isinstance(found, (*SCALARS, bytes, _Name, _NumberType)):
            found = "a container that is used twice, or memory that was never written"
            raise RefusedError(found)
        return found

    def since_mark(self) -> list[object]:
        """Take everything above the last mark."""
        entries = []
        while self.stack and self.stack[-1] is not MARK:
            entries.append(self.stack.pop())
        if not self.stack:
            found = "the end of a container that never began"
            raise RefusedError(found)
        self.stack.pop()
        return entries[::-1]

    def extend(self, entries: list[object]) -> None:
        """Append to the list on top."""
        owner = self.top()
        if not isinstance(owner, list) or not all(map(is_content, entries)):
            found = "a list with more in it than plain data"
            raise RefusedError(found)
        owner.extend(entries)

    def update(self, entries: list[object]) -> None:
        """Enter keys and values, in turn, into the dictionary on top."""
        owner = self.top()
        keys, values = entries[::2], entries[1::2]
        plain = len(keys) == len(values) and all(isinstance(key, SCALARS) for key in keys)
        if not isinstance(owner, dict) or not plain or not all(map(is_content, values)):
            found = "a dictionary with more in it than plain data, or a key that is no text and no number"
            raise RefusedError(found)
        owner.update(zip(keys, values, strict=True))

    def name(self) -> None:
        """Push the name whose two halves are on top."""
        attribute, module = self.pop(), self.pop()
        self.stack.append(_Name(f"{module} {attribute}" if _is_tuple((module, attribute), (str, str)) else "?"))

    def call(self) -> None:
        """Make a numpy scalar, or the type of one, from its name and arguments: the two calls that plain data need."""
        arguments, function = self.pop(), self.pop()
        if isinstance(function, _Name) and function.name == NUMPY_DTYPE:
            self.stack.append(_NumberType(arguments))
        elif isinstance(function, _Name) and _is_tuple(arguments, (_NumberType, bytes)):
            self.stack.append(arguments[0].read(arguments[1]))
        else:
            found = "a call that makes no number"
            raise RefusedError(found)

    def build(self) -> None:
        """Give a numpy type its state; nothing else has one."""
        state, owner = self.pop(), self.top()
        if not isinstance(owner, _NumberType):
            found = "an object with a state"
            raise RefusedError(found)
        owner.complete(state)


RULES: dict[str, Callable[[Machine, object], None]] = {
    "MARK": lambda machine, _: machine.stack.append(MARK),
    "EMPTY_DICT": lambda machine, _: machine.stack.append({}),
    "EMPTY_LIST": lambda machine, _: machine.stack.append([]),
    "TUPLE": lambda machine, _: machine.stack.append(tuple(machine.since_mark())),
    "SETITEM": lambda machine, _: machine.update([machine.pop(), machine.pop()][::-1]),
    "SETITEMS": lambda machine, _: machine.update(machine.since_mark()),
    "APPEND": lambda machine, _: machine.extend([machine.pop()]),
    "APPENDS": lambda machine, _: machine.extend(machine.since_mark()),
    "GLOBAL": lambda machine, name: machine.stack.append(_Name(name)),
    "STACK_GLOBAL": lambda machine, _: machine.name(),
    "REDUCE": lambda machine, _: machine.call(),
    "BUILD": lambda machine, _: machine.build(),
}


def _integer(value: int) -> int:
    if value.bit_length() > MAX_INTEGER_BITS:
        found = "an integer of more than 64 bits"
        raise RefusedError(found)
    return value


def is_content(value: object) -> bool:
    """Whether a value may stay in a container; lists and dictionaries were checked as they were filled."""
    if isinstance(value, tuple):
        return all(isinstance(entry, SCALARS) for entry in value)
    return isinstance(value, (*SCALARS, dict, list))


def _is_tuple(value: object, kinds: tuple[type, ...]) -> bool:
    """Whether a value is a tuple of entries of these kinds."""
    return isinstance(value, tuple) and len(value) == len(kinds) and all(map(isinstance, value, kinds))
