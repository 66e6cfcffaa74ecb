"""Which foundation models there are; reading it needs no torch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from grn_core.errors import ModelError
from grn_core.settings import ASSETS, settings

if TYPE_CHECKING:
    from grn_core.models.interface import FoundationModel

FAMILIES = {
    "compact": "grn_core.models.compact",
    "scbenchmark": "grn_core.models.scbenchmark",
    "scfoundation": "grn_core.models.scfoundation",
    "scgpt": "grn_core.models.scgpt",
}
WEIGHTS = ("pretrained", "random")


@dataclass(frozen=True)
class ModelRecord:
    """What a foundation model is and how it is probed.

    Attributes
    ----------
    name, title, family, description, licence, limits
        For menus and cards.
    n_parameters, n_genes
        Size of the network and of its vocabulary.
    units
        Units of values in words; `value_range` are the smallest and largest legal value.
    background
        Value of every gene that is not asked about (``v_b``).
    grid
        The levels of VVP and GDT, ascending.
    readouts, hiding_readouts, default_readout
        Outputs that can be read; those that hide the targets' values; the one used unless told otherwise.
    extractors
        Which extractors the model can serve.
    """

    name: str
    title: str
    family: str
    description: str
    licence: str
    limits: str
    n_parameters: int
    n_genes: int
    units: str
    value_range: tuple[float, float]
    background: float
    grid: tuple[float, ...]
    readouts: tuple[str, ...]
    hiding_readouts: tuple[str, ...]
    default_readout: str
    extractors: tuple[str, ...]

    def hides_targets(self, readout: str) -> bool:
        """Whether the readout shows the model the source's value only."""
        return readout in self.hiding_readouts

    @classmethod
    def from_card(cls, card: Mapping[str, object]) -> ModelRecord:
        """Take the record out of a model card."""
        given = {field.name: card[field.name] for field in fields(cls)}
        return cls(**{key: tuple(value) if isinstance(value, list) else value for key, value in given.items()})


@lru_cache(maxsize=8)
def _card(folder: Path) -> dict:
    return json.loads((folder / "card.json").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def _folders() -> dict[str, Path]:
    return {path.parent.name: path.parent for path in sorted((ASSETS / "models").glob("*/card.json"))}


def folder_of(name: str) -> Path:
    """Folder of a bundled model.

    Raises
    ------
    ModelError
        If there is none of that name.
    """
    if name not in _folders():
        message = f"there is no foundation model {name!r}"
        raise ModelError(message, needed=f"one of {', '.join(_folders())}", todo="see `python -m grn_core models list`")
    return _folders()[name]


def family_of(folder: Path) -> str:
    """Recognise the format of a model folder by its files and, where two share them, by its arguments.

    Raises
    ------
    ModelError
        If it is none of ours.
    """
    if (folder / "card.json").is_file():
        return _card(folder)["family"]
    if (folder / "models.ckpt").is_file():
        return "scfoundation"
    try:
        arguments = json.loads((folder / "args.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        arguments = None
    if isinstance(arguments, dict) and (folder / "vocab.json").is_file():
        return "scbenchmark" if "model_structure" in arguments else "scgpt"
    message = f"the folder {folder} holds no model of a known format"
    needed = "args.json, vocab.json and weights, as scGPT and scBenchmark write them, or scFoundation's models.ckpt"
    raise ModelError(message, needed=needed)


def records() -> tuple[ModelRecord, ...]:
    """Records of all models that can be loaded here."""
    return tuple(ModelRecord.from_card(_card(folder)) for folder in _folders().values())


def card(name: str) -> dict:
    """The model card: the record, the training data, the recipe, the measured figures, the limits."""
    return _card(folder_of(name))


@lru_cache(maxsize=8)
def vocabulary(name: str) -> tuple[str, ...]:
    """Gene names of a model in the order of its ids."""
    return tuple((folder_of(name) / "vocabulary.txt").read_text(encoding="utf-8").split())


@lru_cache(maxsize=8)
def weights_sha(name: str) -> str:
    """SHA-256 of a model's weights."""
    return hashlib.sha256((folder_of(name) / "model.safetensors").read_bytes()).hexdigest()


def load_model(
    name: str | Path = "compact", *, device: str | None = None, weights: str = "pretrained", seed: int = 0
) -> FoundationModel:
    """Load a foundation model, frozen and in evaluation mode.

    Parameters
    ----------
    name
        Name of a registered model, or a checkpoint folder as scGPT, scBenchmark and scFoundation have it; see
        `family_of`.
    device
        ``auto``, ``cpu``, ``cuda`` or ``mps``; the setting ``GRN_DEVICE`` if None.
    weights
        ``pretrained``, or ``random`` for the control: the same shape, never trained.
    seed
        Decides random weights.

    Returns
    -------
    FoundationModel
        Ready for `predict` and `value_and_tangent`.

    Raises
    ------
    ModelError
        For an unknown name or option, a folder of no known format, or weights that do not fit the card.
    """
    if weights not in WEIGHTS:
        message = f"weights={weights!r} is not known"
        raise ModelError(message, needed="pretrained or random")
    folder = Path(name) if name not in _folders() and Path(name).is_dir() else folder_of(str(name))
    family = import_module(FAMILIES[family_of(folder)])
    return family.load(folder, device=pick_device(device or settings().device), weights=weights, seed=seed)


def pick_device(wanted: str) -> str:
    """Name the torch device to use: ``auto`` takes CUDA, then MPS, then the CPU."""
    import torch

    here = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if wanted == "auto":
        return next(device for device in ("cuda", "mps", "cpu") if here[device])
    if not here.get(wanted, False):
        message = f"the device {wanted!r} is not here"
        raise ModelError(message, needed=f"auto or {', '.join(d for d in here if here[d])}", todo="set GRN_DEVICE")
    return wanted
