"""Reading published checkpoint folders (args.json, vocab.json, a ``.pt`` file): strictly, running no code of theirs.

PyTorch files may carry code. They are opened with ``weights_only=True`` alone, once; what is kept is a safetensors copy
under the home folder, named by the checksum of the original.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from grn_core.caches import made, used
from grn_core.errors import ModelError
from grn_core.files import sha256_of, write_atomic
from grn_core.genes import present_names
from grn_core.models.draws import seeded
from grn_core.models.reading.outline import outline
from grn_core.models.reading.plain_file import plain_file, read_json
from grn_core.models.reading.torch_file import state_of
from grn_core.settings import settings

Network = TypeVar("Network", bound=torch.nn.Module)
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
    if any(type(size) is not int or size < 1 for size in sizes) or arguments["embsize"] % arguments["nheads"]:
        message = f"{folder / 'args.json'} gives no sizes of a network: {', '.join(map(str, sizes))[:200]}"
        raise ModelError(
            message, needed="whole numbers, and nheads a divisor of embsize", todo="copy the original file"
        )
    return arguments


def number_in(arguments: Mapping[str, Any], name: str, default: float, *, least: float, most: float) -> float:
    """Return a number among the arguments, `default` where there is none; `ModelError` if it is no such number."""
    found = arguments.get(name, default)
    if type(found) not in (int, float) or not least <= found <= most:
        message = f"the arguments say {name} = {found!r:.80}"
        raise ModelError(message, needed=f"a number from {least:g} to {most:g}", todo="copy the original file")
    return float(found)


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
    sha = sha256_of(plain_file(path))
    kept = settings().home / "models" / f"{sha}.safetensors"
    used(kept)
    try:
        return load_file(kept), sha
    except (OSError, SafetensorError):  # not converted yet, or cut off
        tensors = state_of(path)
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


def build_strictly(
    build: Callable[[], Network], tensors: Mapping[str, Tensor], *, weights: str, seed: int, part: str = ""
) -> Network:
    """Build a network whose tensors are exactly `tensors`; nothing is allocated before they are known to fit.

    Parameters
    ----------
    build
        Makes the network.
    tensors
        Name -> tensor.
    weights
        ``pretrained``: the tensors are loaded; ``random``: the network is as `seed` draws it.
    seed
        Decides random weights.
    part
        Name of the part of the network that has the tensors; the whole if empty.

    Raises
    ------
    ModelError
        As `load_strictly`.
    """
    _check_fit(outline(build).get_submodule(part).state_dict(), tensors)
    network = seeded(build, seed)
    if weights != "random":
        load_strictly(network.get_submodule(part), tensors)
    return network


def load_strictly(network: torch.nn.Module, tensors: Mapping[str, Tensor]) -> None:
    """Load tensors; `ModelError` names every missing, surplus or differently shaped one, and those not of numbers."""
    _check_fit(network.state_dict(), tensors)
    network.load_state_dict(dict(tensors))
    loaded = network.state_dict()
    bad = [name for name, value in loaded.items() if value.is_floating_point() and not bool(value.isfinite().all())]
    if bad:
        message = f"{len(bad):,} of {len(loaded):,} tensors hold values that are no numbers (NaN or infinite): "
        todo = "copy the file again; a training that diverged leaves such weights"
        raise ModelError(message + _some(bad), needed="finite weights", todo=todo)


def check_sizes(path: Path, sizes: Mapping[str, int], tensors: Mapping[str, Tensor], *, layers: Sequence[str]) -> None:
    """Refuse sizes that no network of these tensors can have, before one is built; `layers` are numbers of layers."""
    most = sum(tensor.numel() for tensor in tensors.values())
    wrong = [
        f"{name} = {size:,}"
        for name, size in sizes.items()
        if size > (len(tensors) if name in layers else max(most, 1))
    ]
    if wrong:
        message = f"{path} says {', '.join(wrong)}, and the weights have {most:,} numbers in {len(tensors):,} tensors"
        raise ModelError(message, needed="the settings of these weights", todo="copy the original file")


def check_vocabulary(path: Path, n_names: int, rows: int) -> None:
    """Refuse a vocabulary that is longer or shorter than the embedding of the weights."""
    if n_names != rows:
        message = f"{path} has {n_names:,} names, and the weights have {rows:,}: it belongs to another checkpoint"
        raise ModelError(message, needed="the vocabulary that the model was trained with", todo="copy its own file")


def _check_fit(wanted: Mapping[str, Tensor], tensors: Mapping[str, Tensor]) -> None:
    wrong = {
        "missing": sorted(wanted.keys() - tensors.keys()),
        "surplus": sorted(tensors.keys() - wanted.keys()),
        "of another shape": sorted(k for k in wanted.keys() & tensors.keys() if wanted[k].shape != tensors[k].shape),
    }
    if any(wrong.values()):
        message = "; ".join(f"tensors {what}: {_some(names)}" for what, names in wrong.items() if names)
        raise ModelError(message, needed="exactly the tensors of the network", todo="use the checkpoint of this model")


def _some(names: Sequence[str], most: int = 20) -> str:
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(name[:120] for name in names[:most]) + more


def _weights_file(folder: Path) -> Path:
    best = folder / "best_model.pt"
    found = [best] if best.is_file() else sorted(folder.glob("*.pt"))
    if len(found) != 1:
        message = f"{folder} holds {', '.join(path.name for path in found) or 'no .pt file'}"
        raise ModelError(message, needed="best_model.pt, or one single .pt file", todo="copy or rename the weights")
    return found[0]
