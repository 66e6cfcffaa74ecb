"""Loading a foundation model, and the one that stays in memory on each device."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import TYPE_CHECKING

from grn_core.errors import ModelError
from grn_core.models.described import keep
from grn_core.models.device import pick_device
from grn_core.models.families import family_of
from grn_core.models.registry import folder_of, is_bundled, weights_sha
from grn_core.settings import settings

if TYPE_CHECKING:
    from grn_core.models.interface import FoundationModel

WEIGHTS = ("pretrained", "random")
_RESIDENT: dict[str, tuple[tuple[str, str], FoundationModel]] = {}
"""Device -> what was asked for and the model that answers it."""


def load_model(
    name: str | Path = "compact", *, device: str | None = None, weights: str = "pretrained", seed: int = 0
) -> FoundationModel:
    """Load a foundation model, frozen and in evaluation mode.

    Parameters
    ----------
    name
        Name of a bundled or registered model, or a folder in the format of one of `grn_core.models.families`.
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
    folder, place = folder_of(name), pick_device(device or settings().device)
    family = family_of(folder)
    try:
        model = family.load(folder, device=place, weights=weights, seed=seed)
    except (MemoryError, RuntimeError) as error:
        if not isinstance(error, MemoryError) and "allocate" not in str(error):
            raise
        message = f"there is not enough memory to load the model {folder.name}"
        todo = "close other programs, or take a smaller model"
        raise ModelError(message, needed="memory for its weights", todo=todo) from error
    if not is_bundled(name) and weights == "pretrained":
        keep(folder, model)
    return model


def resident_model(name: str | Path, *, device: str | None = None) -> FoundationModel:
    """Return a model that stays in memory until another one is asked for on its device.

    One model at a time is kept on each device of this process: large ones do not fit beside each other. Whoever
    changes a model's network loads one of his own (`load_model`).

    Parameters
    ----------
    name, device
        As in `load_model`; always with its pretrained weights.
    """
    place = pick_device(device or settings().device)
    key = (str(name), weights_sha(str(name)))
    kept = _RESIDENT.get(place)
    if kept is not None and kept[0] == key:
        return kept[1]
    del kept
    release(place)
    model = load_model(name, device=place)
    _RESIDENT[place] = (key, model)
    return model


def release(device: str) -> None:
    """Let go of the model that is resident on a device, and give its memory back."""
    if _RESIDENT.pop(device, None) is None:
        return
    gc.collect()
    if device == "cuda":
        import torch

        torch.cuda.empty_cache()
