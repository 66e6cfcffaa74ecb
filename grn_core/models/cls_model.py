"""Foundation models that are read from a published folder and gather a cell in a ``<cls>`` token."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from grn_core.models.interface import FoundationModel, untouched
from grn_core.models.layers.binning import bin_values
from grn_core.models.layers.post_norm import ClsNetwork
from grn_core.models.reading.checkpoint import Tokens
from grn_core.models.record import ModelRecord, ValueUnits

LEVELS = 8


class ClsModel(FoundationModel):
    """Foundation model whose sequence is ``<cls>`` and then the genes, in any order (there are no positions).

    Parameters
    ----------
    record, network
        As in `FoundationModel`.
    tokens
        Tokens in the order of the network's ids. `vocabulary` holds the genes among them.
    cls_value
        The value that ``<cls>`` carried in training.
    bins
        Number of bins if the units are bins, else None: log1p of counts per 10,000.
    """

    network: ClsNetwork

    def __init__(
        self, record: ModelRecord, tokens: Tokens, network: ClsNetwork, *, cls_value: float, bins: int | None
    ) -> None:
        self.record, self.vocabulary, self.network = record, tokens.genes, network
        self._tokens, self._cls_value, self._bins = tokens, cls_value, bins

    @cached_property
    def _position(self) -> dict[str, int]:
        return {gene: self._tokens.position[gene] for gene in self.vocabulary}

    def with_cls(self, ids: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Put ``<cls>`` and its value in front of ids and values (B, L)."""
        first = ids.new_full((len(ids), 1), self._tokens.position["<cls>"])
        level = torch.full((len(ids), 1), self._cls_value, dtype=values.dtype, device=values.device)
        return torch.cat((first, ids), dim=1), torch.cat((level, values), dim=1)

    def embed(self, genes: Sequence[str]) -> Tensor:
        """Gene embeddings (L, D) as they enter the first layer."""
        with torch.no_grad():
            return self.network.genes(self.ids(genes)).clone()

    def attend(self, genes: Sequence[str], values: Tensor) -> Tensor:
        """Attention weights (B, layers, heads, L, L), all genes shown, ``<cls>`` left out; row = receiver."""
        _, values, _ = self._checked(genes, values, self._open_readout(), None)
        ids, values = self.with_cls(self.ids(genes).expand(len(values), -1), values)
        layers = []
        with torch.no_grad(), untouched(self.network) as network:
            x = network.tokens(network.genes(ids), values)
            for layer in network.layers:
                query, key, _ = layer.project(x)
                weights = torch.softmax(query @ key.mT / query.shape[-1] ** 0.5, dim=-1)
                layers.append(weights[..., 1:, 1:])
                x = layer(x, None)
        return torch.stack(layers, dim=1)

    def to_units(self, genes: Sequence[str], log_expression: np.ndarray) -> np.ndarray:
        """Bin log1p CP10k among the given genes, ties by the deterministic rule; or clip it to the range of values."""
        self.ids(genes)
        if self._bins is not None:
            return bin_values(log_expression, n_bins=self._bins)
        low, high = self.record.value_range
        return np.asarray(log_expression).clip(low, high).astype(np.float32)

    def _open_readout(self) -> str:
        return next(name for name in self.record.readouts if not self.record.hides_targets(name))


def units_of_bins(n_bins: int) -> ValueUnits:
    """Units, range, background and grid of a record whose values are bins.

    The bins of expressed genes are even by construction, so the background is their mean. Bin 0 is in the range but not
    in the grid: pre-training showed expressed genes only.
    """
    return ValueUnits(
        units=f"expression bins within the cell (0 = not expressed, 1 to {n_bins - 1} = quantile bins)",
        value_range=(0.0, float(n_bins - 1)),
        background=n_bins / 2,
        grid=tuple(np.linspace(1, n_bins - 1, LEVELS).tolist()),
    )
