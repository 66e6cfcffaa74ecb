"""PyTorch's files, which are programs: looked through before torch opens them, and what it made looked at afterwards.

torch opens them with ``weights_only=True`` alone, and so runs none of their code. A small file could still hold it for
years (a tuple that holds itself many times is hashed on every way) or ask for terabytes (a view of one number in any
shape). What torch says of a file is not passed on: part of it is advice to load the file unsafely.
"""

from __future__ import annotations

import io
import math
import pickletools
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, NoReturn

import torch
from torch import Tensor

from grn_core.errors import ModelError
from grn_core.models.reading.plain_file import MB, plain_file

ZIP = b"PK\x03\x04"
PLAN = "data.pkl"
MOST_ENTRIES, MOST_STEPS, MOST_PLAN_MB = 200_000, 4_000_000, 64
MOST_INTEGER_BITS, MOST_TUPLES_TWICE = 80, 16
"""An old file begins with a number of 69 bits."""
MODULES = ("torch", "torch._utils", "torch.storage", "torch.serialization", "collections", "numpy", "_codecs")
"""Whose names stand in files of tensors; which of these names torch takes, it decides itself."""
TUPLES = {"TUPLE", "TUPLE1", "TUPLE2", "TUPLE3"}
STORES, RECALLS = {"MEMOIZE", "BINPUT", "LONG_BINPUT", "PUT"}, {"BINGET", "LONG_BINGET", "GET"}
TIED = 8
"""How many times the file's size its tensors may take together: some stand under several names."""
WRAPPERS = ("model_state_dict", "state_dict", "model")
"""Where the tensors of a training's file are, beside the optimizer's."""


def load_plain(path: Path) -> object:
    """Open a file of PyTorch; nothing in it is run.

    Raises
    ------
    ModelError
        If it cannot be opened as tensors, plain containers, texts and numbers.
    """
    with plain_file(path).open("rb") as file:
        if file.read(len(ZIP)) == ZIP:
            _look_into_archive(path)
        else:
            file.seek(0)
            _look_through_old(path, file)
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # noqa: BLE001 (torch raises whatever the objects raise that a file tells it to make)
        _refuse(path, f"PyTorch stopped with {type(error).__name__}", error)


def state_of(path: Path) -> dict[str, Tensor]:
    """Read the tensors of a file: of a ``state_dict``, or of a training's file that holds one.

    Returns
    -------
    dict
        Name -> tensor on the CPU, without the ``module.`` or ``model.`` that a training has put in front of all.

    Raises
    ------
    ModelError
        If the file cannot be opened, or holds anything else.
    """
    found = load_plain(path)
    if isinstance(found, dict) and not all(isinstance(value, Tensor) for value in found.values()):
        wrapped = next((found[name] for name in WRAPPERS if isinstance(found.get(name), dict)), None)
        found = found if wrapped is None else wrapped
    tensors = plain_tensors(found, path)
    for prefix in ("module.", "model."):
        if tensors and all(name.startswith(prefix) for name in tensors):
            tensors = {name.removeprefix(prefix): tensor for name, tensor in tensors.items()}
    return {name.removeprefix("module."): tensor for name, tensor in tensors.items()}


def plain_tensors(found: object, path: Path) -> dict[str, Tensor]:
    """Return copies of tensors that own their numbers; `ModelError` for anything else, before it is copied."""
    todo = "save the model's state_dict alone"
    if not isinstance(found, Mapping):
        message = f"{path} holds more than tensors: {type(found).__name__}"
        raise ModelError(message, needed="a dictionary of tensors", todo=todo)
    odd = [_name(name) for name, value in found.items() if not isinstance(name, str) or not isinstance(value, Tensor)]
    if odd or not found:
        message = f"{path} holds more than tensors: {', '.join(odd[:10])}" if odd else f"{path} holds no tensor"
        raise ModelError(message, needed="a dictionary of tensors", todo=todo)
    wrong = [f"{_name(name)} ({what})" for name, tensor in found.items() if (what := _unusual(tensor))]
    if wrong:
        message = f"{path} holds tensors that are no plain numbers: {', '.join(wrong[:10])}"
        raise ModelError(message, needed="dense tensors of real numbers", todo=todo)
    declared, there = sum(tensor.numel() * tensor.element_size() for tensor in found.values()), path.stat().st_size
    if declared > TIED * there + MB:
        message = f"{path} declares tensors of {declared / MB:,.0f} MB, and is {there / MB:,.1f} MB large"
        raise ModelError(message, needed="tensors whose numbers are in the file", todo="copy the original file")
    return {name: tensor.detach().clone().contiguous() for name, tensor in found.items()}


def _name(name: object) -> str:
    return repr(name)[:80] if not isinstance(name, str) or not name.isprintable() else name[:80]


def _unusual(tensor: Tensor) -> str:
    """What makes a tensor no array of real numbers; empty if it is one."""
    if tensor.device.type != "cpu":
        return f"on {tensor.device.type}"
    if tensor.layout != torch.strided:
        return str(tensor.layout).removeprefix("torch.")
    if tensor.is_quantized or tensor.is_complex():
        return str(tensor.dtype).removeprefix("torch.")
    return ""


def _look_into_archive(path: Path) -> None:
    """Refuse an archive that is damaged, packed, or whose plan is no plain data."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            plans = [one for one in entries if one.filename.rpartition("/")[2] == PLAN]
            if len(entries) > MOST_ENTRIES or any(one.compress_type != zipfile.ZIP_STORED for one in entries):
                _refuse(path, "it is packed, or of very many parts")
            if len(plans) != 1 or plans[0].file_size > MOST_PLAN_MB * MB:
                _refuse(path, "it is an archive of something else")
            if (damaged := archive.testzip()) is not None:
                _refuse(path, f"its part {_name(damaged)} is damaged")
            _look_through(path, io.BytesIO(archive.read(plans[0])))
    # `NotImplementedError` is `zipfile`'s on an unknown packing, `RuntimeError` its word on a locked part.
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError, zlib.error) as error:
        _refuse(path, "it is cut off or damaged", error)


def _look_through_old(path: Path, file: BinaryIO) -> None:
    """Look through the four pickles that a file of before PyTorch 1.6 begins with; the last is the plan."""
    for _ in range(4):
        _look_through(path, file)


def _look_through(path: Path, stream: BinaryIO) -> None:
    """Refuse instructions that tensors and plain data do not need, before any is followed."""
    tuples: set[int] = set()
    before, n_stored, n_twice = "", 0, 0
    try:
        for number, (instruction, argument, _) in enumerate(pickletools.genops(stream)):
            name = instruction.name
            if number >= MOST_STEPS or name in ("DUP", "INST", "OBJ", "STACK_GLOBAL", "EXT1", "EXT2", "EXT4"):
                _refuse(path, "it has instructions that tensors do not need")
            if name == "GLOBAL" and str(argument).partition(" ")[0] not in MODULES:
                _refuse(path, f"it names code: {_name(str(argument).replace(' ', '.'))}")
            if isinstance(argument, int) and argument.bit_length() > MOST_INTEGER_BITS:
                _refuse(path, "it has an integer of very many digits")
            if name in STORES:
                place = int(argument) if isinstance(argument, int) else n_stored
                n_stored += 1
                (tuples.add if before in TUPLES else tuples.discard)(place)
            elif name in RECALLS:
                n_twice += argument in tuples
                if n_twice > MOST_TUPLES_TWICE:
                    _refuse(path, "it has tuples that hold each other many times")
            before = before if name in STORES else name
    except (ValueError, IndexError, OverflowError, UnicodeError, MemoryError) as error:
        _refuse(path, "it is cut off, damaged or of another kind", error)


def check_plain(found: object, path: Path, *, most: int = 100_000) -> None:
    """Refuse containers that hold more than `most` values, counted on every way that leads to them."""
    waiting, seen = [found], 0
    while waiting:
        value = waiting.pop()
        seen += 1
        if isinstance(value, dict):
            waiting += [*value.keys(), *value.values()]
        elif isinstance(value, list | tuple | set | frozenset):
            waiting += value
        if seen + len(waiting) > most or (isinstance(value, float) and not math.isfinite(value)):
            message = f"the settings in {path} hold very many values, or a number without end"
            raise ModelError(message, needed="numbers, words, lists and dictionaries", todo="copy the original file")


def _refuse(path: Path, reason: str, cause: BaseException | None = None) -> NoReturn:
    message = f"{path} cannot be read as plain tensors: {reason}"
    todo = (
        "copy the file again; a file that carries code is never opened: save it anew, tensors alone, where you trust it"
    )
    raise ModelError(message, needed="a dictionary of tensors", todo=todo) from cause
