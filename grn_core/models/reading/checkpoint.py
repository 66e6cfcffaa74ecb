"""Reading published checkpoint folders (args.json, vocab.json, a ``.pt`` file): strictly, running no code of theirs.

PyTorch files may carry code. They are opened with ``weights_only=True`` alone, once; what is kept is a safetensors copy
under the home folder, named by the checksum of the original.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from pickle import UnpicklingError  # the error's name only: torch.load raises it for anything but tensors
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from grn_core.caches import made, used
from grn_core.errors import ModelError
from grn_core.files import sha256_of, write_atomic
from grn_core.genes import present_names
from grn_core.settings import settings

SPECIAL_TOKENS = ("<pad>", "<cls>", "<eoc>")
SIZES = ("embsize", "nheads", "d_hid", "nlayers")


@dataclass(frozen=True)
class Tokens:
    """Tokens of a model in the order of its ids; the special ones may stand anywhere among the genes."""

    names: tuple[str, ...]

    @cached_property
    def position(self) -> dict[str, int]:
        """Token -> id."""
        return {name: index for index, name in enumerate(self.names)}

    @cached_property
    def genes(self) -> tuple[str, ...]:
        """The tokens that are genes, in the order of their ids."""
        return tuple(name for name in self.names if name not in SPECIAL_TOKENS)


def read_arguments(folder: Path, *, required: Sequence[str]) -> dict[str, Any]:
    """Read the arguments that a model was trained with.

    Parameters
    ----------
    folder
        Checkpoint folder; ``args.json`` in it.
    required
        Keys that must be there, ``embsize`` and ``nheads`` among them.

    Returns
    -------
    dict
        The arguments. ``nhead``, as fine-tuned models call it, is given as ``nheads`` too.

    Raises
    ------
    ModelError
        If the file is missing, is no JSON object, lacks a key, or gives impossible sizes.
    """
    arguments = read_json(folder / "args.json")
    if "nhead" in arguments:
        arguments.setdefault("nheads", arguments["nhead"])
    missing = [key for key in required if key not in arguments]
    if missing:
        message = f"{folder / 'args.json'} lacks {', '.join(missing)}"
        raise ModelError(message, needed="the arguments that the model was trained with", todo="copy the original file")
    sizes = [arguments[key] for key in required if key in SIZES]
    if any(not isinstance(size, int) or size < 1 for size in sizes) or arguments["embsize"] % arguments["nheads"]:
        message = f"{folder / 'args.json'} gives no sizes of a network: {', '.join(map(str, sizes))}"
        raise ModelError(
            message, needed="whole numbers, and nheads a divisor of embsize", todo="copy the original file"
        )
    return arguments


def read_tokens(folder: Path) -> Tokens:
    """Read ``vocab.json`` (token -> id); special tokens that it lacks follow at the next free ids.

    Genes have the names of today, see `grn_core.genes.present_names`.

    Raises
    ------
    ModelError
        If the file is missing or broken, or its ids are not 0, 1, 2, ...
    """
    ids = read_json(folder / "vocab.json")
    names = sorted(ids, key=lambda name: ids[name] if isinstance(ids[name], int) else -1)
    if [ids[name] for name in names] != list(range(len(names))):
        message = f"the ids in {folder / 'vocab.json'} are not 0 to {len(names) - 1}"
        raise ModelError(message, needed="each id once, with no gap", todo="copy the original file")
    return Tokens((*present_names(names), *(name for name in SPECIAL_TOKENS if name not in ids)))


def read_tensors(folder: Path) -> tuple[dict[str, Tensor], str]:
    """Read the weights of a checkpoint folder.

    Parameters
    ----------
    folder
        Holds ``best_model.pt``, or one single other ``.pt`` file.

    Returns
    -------
    tensors, sha256
        Name -> tensor, on the CPU, without the ``module.`` that distributed training puts in front; checksum of the
        file.

    Raises
    ------
    ModelError
        If there is no such file, or it holds anything but tensors.
    """
    return read_weights(_weights_file(folder))


def read_weights(path: Path) -> tuple[dict[str, Tensor], str]:
    """Read one file of PyTorch tensors; returns and raises as `read_tensors`."""
    sha = sha256_of(path)
    kept = settings().home / "models" / f"{sha}.safetensors"
    used(kept)
    try:
        return load_file(kept), sha
    except (OSError, SafetensorError):  # not converted yet, or cut off
        tensors = _tensors_of(path)
    keep_copy(tensors, kept)
    return tensors, sha


def keep_copy(tensors: Mapping[str, Tensor], path: Path, *, metadata: Mapping[str, str] | None = None) -> None:
    """Write tensors as safetensors, with `metadata` in the header; a reader of `path` never meets half a file."""
    told = None if metadata is None else dict(metadata)
    write_atomic(path, lambda draft: save_file(dict(tensors), draft, metadata=told))
    made(path)


def rename(tensors: Mapping[str, Tensor], replacements: Mapping[str, str]) -> dict[str, Tensor]:
    """Replace parts of tensor names; `ModelError` if two tensors end with one name."""
    renamed: dict[str, Tensor] = {}
    for name, tensor in tensors.items():
        new = name
        for old, replacement in replacements.items():
            new = new.replace(old, replacement)
        if new in renamed:
            message = f"two tensors of the checkpoint mean the same: {new}"
            raise ModelError(message, needed="one naming of the attention", todo="use the checkpoint as published")
        renamed[new] = tensor
    return renamed


def without(tensors: Mapping[str, Tensor], ignored: Mapping[str, str]) -> dict[str, Tensor]:
    """Drop tensors whose name begins with a key of `ignored` (prefix -> why it is not needed)."""
    return {name: tensor for name, tensor in tensors.items() if not name.startswith(tuple(ignored))}


def load_strictly(network: torch.nn.Module, tensors: Mapping[str, Tensor]) -> None:
    """Load tensors into a network; `ModelError` names every missing, surplus or differently shaped one."""
    wanted = network.state_dict()
    wrong = {
        "missing": sorted(wanted.keys() - tensors.keys()),
        "surplus": sorted(tensors.keys() - wanted.keys()),
        "of another shape": sorted(k for k in wanted.keys() & tensors.keys() if wanted[k].shape != tensors[k].shape),
    }
    if any(wrong.values()):
        message = "; ".join(f"tensors {what}: {', '.join(names)}" for what, names in wrong.items() if names)
        raise ModelError(message, needed="exactly the tensors of the network", todo="use the checkpoint of this model")
    network.load_state_dict(dict(tensors))


def read_json(path: Path) -> dict[str, Any]:
    """Read a file that holds one JSON object; `ModelError` if it does not."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        message = f"{path} cannot be read ({error})"
        raise ModelError(message, needed="a checkpoint folder as published", todo="copy the original file") from error
    if not isinstance(found, dict):
        message = f"{path} holds a {type(found).__name__}"
        raise ModelError(message, needed="a JSON object", todo="copy the original file")
    return found


def _weights_file(folder: Path) -> Path:
    best = folder / "best_model.pt"
    found = [best] if best.is_file() else sorted(folder.glob("*.pt"))
    if len(found) != 1:
        message = f"{folder} holds {', '.join(path.name for path in found) or 'no .pt file'}"
        raise ModelError(message, needed="best_model.pt, or one single .pt file", todo="copy or rename the weights")
    return found[0]


def _tensors_of(path: Path) -> dict[str, Tensor]:
    try:
        found = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, EOFError, RuntimeError, ValueError, UnpicklingError) as error:
        message = f"{path} cannot be read as plain tensors ({str(error).splitlines()[0] if str(error) else 'empty'})"
        todo = "copy the file again; a file that carries code is never opened"
        raise ModelError(message, needed="a dictionary of tensors", todo=todo) from error
    odd = None if isinstance(found, dict) else type(found).__name__
    if odd is None:
        odd = ", ".join(str(name) for name, value in found.items() if not isinstance(value, Tensor))
    if odd:
        message = f"{path} holds more than tensors: {odd}"
        raise ModelError(message, needed="a dictionary of tensors", todo="save the model's state_dict alone")
    return {name.removeprefix("module."): tensor.detach().clone().contiguous() for name, tensor in found.items()}
