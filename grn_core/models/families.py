"""The families of foundation models: how a folder of each is recognised, and the module that reads it. Torch-free."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grn_core.errors import ModelError
from grn_core.models.reading.plain_file import read_json

if TYPE_CHECKING:
    from grn_core.models.interface import FoundationModel

CARD = "card.json"


@dataclass(frozen=True)
class Family:
    """One family of foundation models.

    Attributes
    ----------
    name, title
        What `grn_core.models.record.ModelRecord.family` and a ``card.json`` say; the same for people.
    module
        Module with ``load(folder, *, device, weights, seed) -> FoundationModel``, see `grn_core.models.load`.
        It is imported when a model of the family is loaded, and not before: it brings torch.
    files
        What its folder holds, in words, for the error about a folder of no family.
    recognises
        Whether a folder is in the family's format, told by names of files and small JSON files; must not import torch.
        None for a family whose folders say ``"family": name`` in a ``card.json``, which is asked first.
    """

    name: str
    title: str
    module: str
    files: str
    recognises: Callable[[Path], bool] | None = None

    def load(self, folder: Path, *, device: str, weights: str, seed: int) -> FoundationModel:
        """Load a folder of this family with its module; imports torch."""
        model: FoundationModel = import_module(self.module).load(folder, device=device, weights=weights, seed=seed)
        return model


_FAMILIES: dict[str, Family] = {}


def register(family: Family) -> Family:
    """Add a family; from then on its folders stand wherever a model's name does.

    It takes the place of one that has its name. Of two that recognise a folder the one that was there first reads it.
    """
    _FAMILIES[family.name] = family
    return family


def families() -> tuple[Family, ...]:
    """Return all families in the order in which they are asked."""
    return tuple(_FAMILIES.values())


def family_of(folder: Path) -> Family:
    """Recognise the format of a model folder by its card, else by its files.

    Raises
    ------
    ModelError
        If it is none of ours.
    """
    if _is_there(folder / CARD):
        named = read_json(folder / CARD).get("family")
        if isinstance(named, str) and named in _FAMILIES:
            return _FAMILIES[named]
        message = f"{folder / CARD} is of the family {named!r:.80}"
        raise ModelError(message, needed=f"one of {', '.join(_FAMILIES)}", todo="see docs/adding-a-model.md")
    for family in families():
        if family.recognises is not None and family.recognises(folder):
            return family
    message = f"the folder {folder} holds no model of a known format"
    raise ModelError(message, needed="; or ".join(f"{family.title}: {family.files}" for family in families()))


def _content(path: Path) -> dict[str, Any] | None:
    """Content of a JSON file that holds an object, None where there is no file.

    Raises
    ------
    ModelError
        If the file cannot be read.
    """
    return read_json(path) if _is_there(path) else None


def _is_there(path: Path) -> bool:
    """Whether there is anything of that name, be it a link to nothing."""
    return path.exists() or path.is_symlink()


def _trained_as(folder: Path) -> dict[str, Any] | None:
    """What a folder of scGPT or scBenchmark, which share their names of files, says of the training."""
    return _content(folder / "args.json") if (folder / "vocab.json").is_file() else None


register(
    Family("compact", "Compact", "grn_core.models.compact.model", "card.json, vocabulary.txt and model.safetensors")
)
register(
    Family(
        "scgpt",
        "scGPT",
        "grn_core.models.scgpt.model",
        "args.json, vocab.json and best_model.pt",
        recognises=lambda folder: "model_structure" not in (_trained_as(folder) or {"model_structure": None}),
    )
)
register(
    Family(
        "geneformer",
        "Geneformer",
        "grn_core.models.geneformer.model",
        "config.json of a BERT model and its weights",
        recognises=lambda folder: (_content(folder / "config.json") or {}).get("model_type") == "bert",
    )
)
register(
    Family(
        "scfoundation",
        "scFoundation",
        "grn_core.models.scfoundation.model",
        "models.ckpt and the table of genes",
        recognises=lambda folder: (folder / "models.ckpt").is_file(),
    )
)
register(
    Family(
        "scbenchmark",
        "scBenchmark",
        "grn_core.models.scbenchmark.model",
        "args.json with a model_structure, vocab.json and best_model.pt",
        recognises=lambda folder: "model_structure" in (_trained_as(folder) or {}),
    )
)
