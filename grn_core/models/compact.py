"""The compact model: bundled, small, pre-trained by the project on public count matrices."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from grn_core.errors import ModelError
from grn_core.models.compact_network import CompactNetwork, CompactShape
from grn_core.models.interface import FoundationModel, untouched
from grn_core.models.registry import ModelRecord

STATISTICS = ("reference_mean", "reference_sd")


class CompactModel(FoundationModel):
    """Foundation model around a `CompactNetwork`.

    Values are in standard deviations from the gene's mean in its data set. Readouts: ``masked`` shows the model the
    source only and asks for every other gene (what it was trained for); ``plain`` shows every gene.
    """

    def __init__(
        self, record: ModelRecord, vocabulary: Sequence[str], network: CompactNetwork, statistics: dict[str, Tensor]
    ) -> None:
        self.record, self.vocabulary, self.network = record, tuple(vocabulary), network
        self._statistics = {name: value.numpy() for name, value in statistics.items()}

    def ignores_the_panel(self, readout: str) -> bool:
        """True for ``masked``: hidden genes read the source and are never read."""
        return self.record.hides_targets(readout)

    def _read(self, ids: Tensor, values: Tensor, readout: str, shown: Tensor | None) -> Tensor:  # noqa: ARG002
        return self.network(ids, values, visible=shown)["value"]

    def embed(self, genes: Sequence[str]) -> Tensor:
        """Gene embeddings (L, 128) as they enter the first layer."""
        with torch.no_grad():
            return self.network.embedding(self.ids(genes)).clone()

    def attend(self, genes: Sequence[str], values: Tensor) -> Tensor:
        """Attention weights (B, layers, heads, L, L), all genes shown, ``<cls>`` left out; row = receiver."""
        _, values, _ = self._checked(genes, values, "plain", None)
        ids = self.ids(genes).expand(len(values), -1)
        layers = []
        with torch.no_grad(), untouched(self.network) as network:
            x, context, blocked = network.tokens(ids, values, None, None)
            for block in network.blocks:
                query, key, _ = block.project(x, context)
                scores = query @ key.mT / query.shape[-1] ** 0.5
                layers.append(torch.softmax(scores, dim=-1)[..., 1:, 1:])
                x = block(x, context, blocked)
        return torch.stack(layers, dim=1)

    def to_units(self, genes: Sequence[str], log_expression: np.ndarray) -> np.ndarray:
        """Standardise log1p CP10k with each gene's mean and spread over the training data; clipped to the range."""
        index = self.ids(genes).cpu().numpy()
        mean, sd = (self._statistics[name][index] for name in STATISTICS)
        return np.clip((np.asarray(log_expression) - mean) / sd, *self.record.value_range).astype(np.float32)


def load(folder: Path, *, device: str = "cpu", weights: str = "pretrained", seed: int = 0) -> CompactModel:
    """Load a compact model from its folder.

    Parameters
    ----------
    folder
        Holds ``card.json``, ``vocabulary.txt``, ``model.safetensors``.
    device
        Torch device.
    weights
        ``pretrained`` or ``random``.
    seed
        Decides random weights.

    Returns
    -------
    CompactModel
        Frozen, in evaluation mode.

    Raises
    ------
    ModelError
        If a file is missing or broken, or tensors are missing, surplus or of another shape; the message names them.
    """
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    vocabulary = (folder / "vocabulary.txt").read_text(encoding="utf-8").split()
    shape = CompactShape(len(vocabulary), **card["shape"])
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = CompactNetwork(shape)
    try:
        tensors = load_file(folder / "model.safetensors")
    except (OSError, SafetensorError) as error:
        message = f"{folder / 'model.safetensors'} cannot be read ({error})"
        raise ModelError(message, needed="the model's weights", todo="restore the folder from the release") from error
    missing = [name for name in STATISTICS if name not in tensors]
    if missing:
        message = f"{folder / 'model.safetensors'} lacks {', '.join(missing)}"
        raise ModelError(message, needed="the statistics of the training data", todo="restore the folder")
    statistics = {name: tensors.pop(name) for name in STATISTICS}
    if weights == "random":
        with torch.no_grad():
            network.embedding.weight.mul_(0.5)
    else:
        load_strictly(network, tensors)
    network.eval().requires_grad_(requires_grad=False).to(device)
    return CompactModel(ModelRecord.from_card(card), vocabulary, network, statistics)


def load_strictly(network: torch.nn.Module, tensors: dict[str, Tensor]) -> None:
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
    network.load_state_dict(tensors)
