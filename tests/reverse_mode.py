"""Slopes by one backward pass for each target: the slow reference that the engine is compared with."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from grn_core.models.interface import FoundationModel, untouched


def slopes_by_reverse_mode(
    model: FoundationModel,
    genes: Sequence[str],
    values: Tensor,
    source: int,
    *,
    readout: str | None = None,
    shown: Tensor | None = None,
) -> Tensor:
    """Slopes of one virtual cell, one backward pass per target.

    Parameters
    ----------
    model, genes, readout, shown
        As in `FoundationModel.predict`.
    values
        (1, L): one virtual cell.
    source
        Position of the source gene.

    Returns
    -------
    Tensor
        (L,): derivative of every gene with respect to the source.
    """
    readout, values, shown = model._checked(genes, values, readout, shown)
    ids = model.ids(genes).expand(1, -1)
    values = values.clone().requires_grad_()
    with torch.enable_grad(), untouched(model.network):
        predicted = model._read(ids, values, readout, shown)[0]
        gradients = [torch.autograd.grad(one, values, retain_graph=True)[0][0, source] for one in predicted]
    return torch.stack(gradients)
