"""The compact model: bundled, small, pre-trained by the project on public count matrices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from grn_core.assets import asset
from grn_core.errors import ModelError
from grn_core.models.around import Around
from grn_core.models.compact.around import AroundShown
from grn_core.models.compact.card import read_card
from grn_core.models.compact.network import CompactNetwork, CompactShape
from grn_core.models.digest import STATISTICS, compact_digest, digest_of
from grn_core.models.interface import FoundationModel, untouched
from grn_core.models.reading.checkpoint import build_strictly, check_sizes
from grn_core.models.reading.plain_file import plain_file
from grn_core.models.reading.torch_file import plain_tensors
from grn_core.models.record import CONDITIONS, ModelRecord

BUNDLED = "compact"


class CompactModel(FoundationModel):
    """Foundation model around a `CompactNetwork`.

    Values are in standard deviations from the gene's mean in its data set. All readouts give the true level of every
    gene, in its own standard deviations: ``masked`` shows the model the source alone, as an exact value; ``conditions``
    does so once under every condition of pre-training, ``masked`` under what they have in common; ``plain`` shows every
    gene, as measured values.
    """

    network: CompactNetwork

    def __init__(
        self, record: ModelRecord, vocabulary: Sequence[str], network: CompactNetwork, statistics: dict[str, Tensor]
    ) -> None:
        self.record, self.vocabulary, self.network = record, tuple(vocabulary), network
        self._statistics = {name: value.numpy() for name, value in statistics.items()}

    def ignores_the_panel(self, readout: str) -> bool:
        """True for ``masked`` and ``conditions``: hidden genes are never read."""
        return self.record.hides_targets(readout)

    def tokens(self, n_genes: int, readout: str) -> int:
        """Hidden genes are no tokens: they cost a product with the cell's state."""
        return n_genes // 8 if self.ignores_the_panel(readout) else n_genes

    def _read(self, ids: Tensor, values: Tensor, readout: str, shown: Tensor | None) -> Tensor:
        condition = int(readout.split("/")[1]) if readout.startswith(f"{CONDITIONS}/") else None
        return self.network(ids, values, visible=shown, condition=condition, exact=shown is not None)["signal"]

    def around(self, genes: Sequence[str], base: Tensor, readout: str) -> Around:
        """Where all genes are shown, and they are more than the network is wide, work is shared between the cells."""
        shares = not self.record.hides_targets(readout) and len(genes) > self.network.shape.width
        precise = self.device.type != "mps"  # which has no double precision
        kind = AroundShown if shares and precise and self.network.shape.layers > 1 else Around
        return kind(self, genes, base, readout=readout)

    def embed(self, genes: Sequence[str]) -> Tensor:
        """Gene embeddings (L, 128), before a condition mixes them."""
        with torch.no_grad():
            return self.network.embedding(self.ids(genes)).clone()

    def attend(self, genes: Sequence[str], values: Tensor) -> Tensor:
        """Attention weights (B, layers, heads, L, L), all genes shown, ``<cls>`` left out; row = receiver."""
        _, values, _ = self._checked(genes, values, "plain", None)
        ids = self.ids(genes).expand(len(values), -1)
        layers = []
        with torch.no_grad(), untouched(self.network) as network:
            x = network.tokens(network.vectors(ids, None), values, None)
            for block in network.blocks:
                query, key, _ = block.project(x)
                scores = query @ key.mT / query.shape[-1] ** 0.5
                layers.append(torch.softmax(scores, dim=-1)[..., 1:, 1:])
                x = block(x, None)
        return torch.stack(layers, dim=1)

    def to_units(self, genes: Sequence[str], log_expression: np.ndarray) -> np.ndarray:
        """Standardise log1p CP10k with each gene's mean and spread over the training data; clipped to the range."""
        index = self.ids(genes).cpu().numpy()
        mean, sd = (self._statistics[name][index] for name in STATISTICS)
        low, high = self.record.value_range
        return ((np.asarray(log_expression) - mean) / sd).clip(low, high).astype(np.float32)


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
    card, vocabulary = read_card(folder)
    shape = CompactShape(len(vocabulary), **card["shape"])
    path = plain_file(folder / "model.safetensors")
    try:
        tensors = plain_tensors(load_file(path), path)
    except (OSError, SafetensorError) as error:
        message = f"{path} cannot be read ({type(error).__name__})"
        raise ModelError(message, needed="the model's weights", todo="restore the folder from the release") from error
    missing = [name for name in STATISTICS if name not in tensors]
    if missing:
        message = f"{folder / 'model.safetensors'} lacks {', '.join(missing)}"
        raise ModelError(message, needed="the statistics of the training data", todo="restore the folder")
    statistics = {name: tensors.pop(name) for name in STATISTICS}
    if any(value.shape != (len(vocabulary),) or not value.isfinite().all() for value in statistics.values()):
        message = f"the statistics in {path} are not one finite number for each of {len(vocabulary):,} genes"
        raise ModelError(message, needed="the statistics of the training data", todo="restore the folder")
    sizes = {name: getattr(shape, name) for name in ("n_conditions", "width", "heads", "layers", "feedforward")}
    check_sizes(folder / "card.json", sizes, tensors, layers=("layers",))
    network = build_strictly(lambda: CompactNetwork(shape), tensors, weights=weights, seed=seed)
    network.eval().requires_grad_(requires_grad=False).to(device)
    model = CompactModel(_record(card, tensors), vocabulary, network, statistics)
    model.adapted_from = card.get("adapted", {}).get("base_digest", "") if weights == "pretrained" else ""
    return model


def _record(card: dict[str, Any], tensors: dict[str, Tensor]) -> ModelRecord:
    """Return the record that a card gives; the bundled model's name is that of its weights alone."""
    record = ModelRecord.from_card(card)
    if record.name != BUNDLED:
        return record
    digest = digest_of((name, value.contiguous().numpy().tobytes()) for name, value in tensors.items())
    own = digest == compact_digest(asset("models", BUNDLED))
    return record if own else replace(record, name=f"{BUNDLED}:{digest[:12]}")
