"""What every foundation model offers to the extractors."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from grn_core.errors import GeneError, ModelError
from grn_core.models.around import Around
from grn_core.models.layers.tangent import value_and_tangent
from grn_core.models.record import ModelRecord

Network = TypeVar("Network", bound=nn.Module)


@contextmanager
def untouched(network: Network) -> Iterator[Network]:
    """Lend a network in evaluation mode and give it back exactly as it was, also after an error."""
    modes = [(module, module.training) for module in network.modules()]
    network.eval()
    try:
        yield network
    finally:
        for module, mode in modes:
            module.training = mode


class FoundationModel(ABC):
    """A frozen network that reconstructs gene values: ``M: R^L -> R^L``.

    Inputs are names of genes and values in the model's own units (`record.units`); outputs are in the same units.
    Nothing here changes the network.

    Attributes
    ----------
    record
        What the model is: units, value range, background, grid, readouts.
    vocabulary
        Gene names in the order of the model's ids.
    network
        The bare torch module; ``network(ids, values, padding_mask)`` returns a dict of named outputs.
    adapted_from
        Digest of the base network's tensors if these weights are a base that was adapted to some cells
        (`grn_core.adapt`): translators of the base may read it. Else empty.
    """

    record: ModelRecord
    vocabulary: tuple[str, ...]
    network: nn.Module
    adapted_from: str = ""

    @cached_property
    def _position(self) -> dict[str, int]:
        return {gene: index for index, gene in enumerate(self.vocabulary)}

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return next(self.network.parameters()).device

    @property
    def dtype(self) -> torch.dtype:
        """Type of the weights, and so of values and results."""
        return next(self.network.parameters()).dtype

    def ids(self, genes: Sequence[str]) -> Tensor:
        """Ids (L,) of `genes`; `GeneError` names those that the vocabulary lacks."""
        missing = [gene for gene in genes if gene not in self._position]
        if missing:
            some = ", ".join(missing[:5]) + (" and more" if len(missing) > 5 else "")
            where = f"the vocabulary of {self.record.name}"
            message = f"{len(missing)} of {len(genes)} genes are not in {where}: {some}"
            raise GeneError(
                message,
                needed="genes of the model's vocabulary",
                todo="make the panel with vocabulary=model.vocabulary",
            )
        return torch.tensor([self._position[gene] for gene in genes], device=self.device)

    def predict(
        self, genes: Sequence[str], values: Tensor, *, readout: str | None = None, shown: Tensor | None = None
    ) -> Tensor:
        """Reconstruct the values of all genes.

        Parameters
        ----------
        genes
            L gene names of the vocabulary.
        values
            (B, L) in the model's units.
        readout
            One of `record.readouts`; the default one if None.
        shown
            For readouts that hide the targets: boolean (B, L), True = this gene's value is shown to the model. If None,
            every value is.

        Returns
        -------
        Tensor
            (B, L) reconstructed values.

        Raises
        ------
        ModelError
            For another shape, an unknown readout, or values outside of `record.value_range` or not finite.
        GeneError
            For genes that are not in the vocabulary.
        """
        readout, values, shown = self._checked(genes, values, readout, shown)
        ids = self.ids(genes).expand(len(values), -1)
        with torch.no_grad(), untouched(self.network):
            return self._read(ids, values, readout, shown)

    def value_and_tangent(
        self,
        genes: Sequence[str],
        values: Tensor,
        direction: Tensor,
        *,
        readout: str | None = None,
        shown: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Reconstruct the values and their exact derivative along `direction`, in one pass.

        Parameters
        ----------
        genes, values, readout, shown
            As in `predict`.
        direction
            (B, L): the derivative is that of ``predict(values + e * direction)`` with respect to e at 0.

        Returns
        -------
        value, tangent
            Both (B, L).
        """
        readout, values, shown = self._checked(genes, values, readout, shown)
        ids = self.ids(genes).expand(len(values), -1)
        direction = torch.as_tensor(direction, dtype=self.dtype, device=self.device)
        if direction.shape != values.shape:
            message = f"the direction has shape {tuple(direction.shape)}"
            raise ModelError(message, needed=f"the shape of the values, {tuple(values.shape)}")
        with untouched(self.network):
            return value_and_tangent(lambda v: self._read(ids, v, readout, shown), values, direction)

    def _checked(
        self, genes: Sequence[str], values: Tensor, readout: str | None, shown: Tensor | None
    ) -> tuple[str, Tensor, Tensor | None]:
        readout = readout or self.record.default_readout
        single = {member for known in self.record.readouts for member in self.record.members(known)}
        if readout not in single:
            message = f"{self.record.name} has no readout {readout!r} for a single pass"
            known = [name for name in self.record.readouts if name in single]
            raise ModelError(message, needed=f"one of {', '.join(known)}")
        values = torch.as_tensor(values, dtype=self.dtype, device=self.device)
        if values.ndim != 2 or values.shape[1] != len(genes):
            message = f"values have shape {tuple(values.shape)}"
            raise ModelError(message, needed=f"(cells, {len(genes)}), one column per gene")
        self.check_values(values)
        if self.record.hides_targets(readout):
            if shown is None:
                return readout, values, torch.ones_like(values, dtype=torch.bool)
            shown = torch.as_tensor(shown, dtype=torch.bool, device=self.device)
            if shown.shape != values.shape:
                message = f"the argument 'shown' of the readout {readout!r} is of shape {tuple(shown.shape)}"
                needed = f"boolean {tuple(values.shape)}, True where a gene's value is shown"
                raise ModelError(message, needed=needed, todo="correct it, or leave it out: every value is shown then")
            return readout, values, shown
        return readout, values, None

    def check_values(self, values: Tensor) -> None:
        """Refuse values outside of `record.value_range`, or not finite, by a `ModelError`."""
        low, high = self.record.value_range
        if values.numel() and not bool(((values >= low) & (values <= high)).all()):
            message = f"values reach from {float(values.min()):.3g} to {float(values.max()):.3g}"
            raise ModelError(message, needed=f"{self.record.units}, {low:g} to {high:g}", todo="use model.to_units")

    def around(self, genes: Sequence[str], base: Tensor, readout: str) -> Around:
        """Ask about cells that differ from one (L,) by the value of a single gene."""
        return Around(self, genes, base, readout=readout)

    def ignores_the_panel(self, readout: str) -> bool:  # noqa: ARG002
        """Whether a pair's feature is the same whichever other genes are asked for; if so it can be asked alone."""
        return False

    def tokens(self, n_genes: int, readout: str) -> int:  # noqa: ARG002
        """How many tokens a virtual cell of `n_genes` costs: decides how many cells go through the network at once."""
        return n_genes

    @abstractmethod
    def _read(self, ids: Tensor, values: Tensor, readout: str, shown: Tensor | None) -> Tensor:
        """Map ids and values (B, L) to the readout (B, L); built of operations that have a forward derivative."""

    @abstractmethod
    def embed(self, genes: Sequence[str]) -> Tensor:
        """Gene embeddings (L, D)."""

    @abstractmethod
    def attend(self, genes: Sequence[str], values: Tensor) -> Tensor:
        """Attention weights (B, layers, heads, L, L), all genes shown; row = receiver, column = sender."""

    @abstractmethod
    def to_units(self, genes: Sequence[str], log_expression: np.ndarray) -> np.ndarray:
        """Translate log1p of counts per 10,000, (..., L), to the model's units."""
