"""Cells that differ from one by the value of a single gene: what every virtual cell is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    from grn_core.models.interface import FoundationModel


class Around:
    """Ask a model about such cells, each of them as a cell of its own.

    A model that can share work between them has a class of its own (`FoundationModel.around`).

    Parameters
    ----------
    model
        Foundation model.
    genes
        L gene names of its vocabulary.
    base
        (L,) values of the cell, in the type of the weights and on their device.
    readout
        A single readout of the model.
    """

    def __init__(self, model: FoundationModel, genes: Sequence[str], base: Tensor, *, readout: str) -> None:
        self.model, self.genes, self.base, self.readout = model, tuple(genes), base, readout

    @property
    def tokens(self) -> int:
        """How much a cell of these counts in a pass, as `FoundationModel.tokens`."""
        return self.model.tokens(len(self.genes), self.readout)

    def __call__(self, sources: Tensor, levels: Tensor, *, with_tangent: bool) -> tuple[Tensor, Tensor | None]:
        """Reconstruct cell n with gene ``sources[n]`` at ``levels[n]``.

        Parameters
        ----------
        sources, levels
            (N,) positions of genes, and their values.
        with_tangent
            Whether the derivative with respect to the level is asked as well.

        Returns
        -------
        value, tangent
            (N, L); no tangent if it is not asked.
        """
        at_source = one_hot(sources, len(self.genes))
        cells = torch.where(at_source, levels[:, None], self.base)
        shown = at_source if self.model.record.hides_targets(self.readout) else None
        if with_tangent:
            direction = at_source.to(cells.dtype)
            return self.model.value_and_tangent(self.genes, cells, direction, readout=self.readout, shown=shown)
        return self.model.predict(self.genes, cells, readout=self.readout, shown=shown), None


def one_hot(sources: Tensor, n_genes: int) -> Tensor:
    """Boolean (N, n_genes): where source n stands."""
    return torch.nn.functional.one_hot(sources, n_genes).bool()
