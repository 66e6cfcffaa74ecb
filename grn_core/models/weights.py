"""The tensors of a network: by what they are known, how they travel, and a model on others than its own."""

from __future__ import annotations

import copy
from collections.abc import Mapping

import numpy as np
import torch
from safetensors.torch import load, save
from torch import Tensor

from grn_core.models.digest import digest_of
from grn_core.models.interface import FoundationModel
from grn_core.models.reading.checkpoint import load_strictly


def network_digest(model: FoundationModel) -> str:
    """SHA-256 of a network's tensors, so that features of other weights are never taken for these."""
    tensors = model.network.state_dict().items()
    return digest_of(
        (name, tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes())
        for name, tensor in tensors
    )


def base_digest(model: FoundationModel) -> str:
    """Digest by which translators know a model: its own, or its base's where it was adapted to some cells."""
    return model.adapted_from or network_digest(model)


def on_weights(model: FoundationModel, tensors: Mapping[str, Tensor]) -> FoundationModel:
    """A copy of a model on other weights that remembers its base, so that translators of the base may read it."""
    adapted = copy.copy(model)
    adapted.network = copy.deepcopy(model.network)
    load_strictly(adapted.network, dict(tensors))
    adapted.network.eval().requires_grad_(requires_grad=False)
    adapted.adapted_from = base_digest(model)
    return adapted


def tensors_as_bytes(model: FoundationModel) -> np.ndarray:
    """Return the tensors of a network in the format of safetensors, (bytes,) uint8."""
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in model.network.state_dict().items()}
    return np.frombuffer(save(tensors), dtype=np.uint8)


def tensors_from_bytes(content: np.ndarray) -> dict[str, Tensor]:
    """Return what `tensors_as_bytes` made."""
    return load(content.tobytes())
