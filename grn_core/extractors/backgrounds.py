"""The values of the genes that are not asked about, and the mean measured cell."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from grn_core.errors import RequestError
from grn_core.models.interface import FoundationModel

BACKGROUNDS = ("virtual", "context")


def background_values(
    model: FoundationModel,
    genes: Sequence[str],
    *,
    background: str,
    context: np.ndarray | None,
    readouts: Sequence[str],
) -> Tensor:
    """Values of the genes that are not asked about.

    Parameters
    ----------
    model, genes
        As in `grn_core.extractors.engine.extract_features`.
    background
        ``virtual``: the model's background value. ``context``: those given.
    context
        (L,) values in the model's units.
    readouts
        Outputs that are read on this background.

    Returns
    -------
    Tensor
        (L,), in the type of the model's weights and on its device.

    Raises
    ------
    RequestError
        For a background that is not known, has no values, or would not be seen in one of the readouts.
    """
    if background not in BACKGROUNDS:
        message = f"background {background!r} is not known"
        raise RequestError(message, needed="virtual or context")
    if background == "virtual":
        return torch.full((len(genes),), model.record.background, dtype=model.dtype, device=model.device)
    for readout in readouts:
        if model.record.hides_targets(readout):
            shown = ", ".join(one for one in model.record.readouts if not model.record.hides_targets(one))
            message = (
                f"the readout {readout!r} hides every gene but the source, so a context background would not be seen"
            )
            needed = f"for a context background the readout {shown}"
            raise RequestError(message, needed=needed, todo="choose that readout")
    if context is None:
        message = "a context background was asked for without the mean of each gene"
        raise RequestError(message, needed=f"{len(genes)} values", todo="use a dataset with cells, not a gene list")
    return torch.as_tensor(context, dtype=model.dtype, device=model.device)


def measured_cell(model: FoundationModel, genes: Sequence[str], context: np.ndarray | None) -> Tensor | None:
    """The mean measured cell (L,) on the model's device; None where there is none.

    In the type of the model's weights; of a model that reads an order of genes in float64, so that no two levels become
    one.

    Raises
    ------
    RequestError
        If it is not of these genes.
    """
    if context is None:
        return None
    if len(context) != len(genes):
        message = f"the mean of {len(context)} genes was given for {len(genes)}"
        raise RequestError(message, needed=f"{len(genes)} values, one for each gene")
    dtype = model.dtype if model.record.takes_values else torch.float64
    return torch.as_tensor(context, dtype=dtype, device=model.device)
