"""What an extraction may be asked: a background that the model sees."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from grn_core.errors import RequestError
from grn_core.models.interface import FoundationModel

BACKGROUNDS = ("virtual", "context")


def background_values(
    model: FoundationModel, genes: Sequence[str], background: str, context: np.ndarray | None, readout: str
) -> Tensor:
    """Values of the genes that are not asked about.

    Parameters
    ----------
    model, genes, readout
        As in `grn_core.extractors.engine.extract_features`.
    background
        ``virtual``: the model's background value. ``context``: those given.
    context
        (L,) values in the model's units.

    Returns
    -------
    Tensor
        (L,), in the type of the model's weights and on its device.

    Raises
    ------
    RequestError
        For a background that is not known, has no values, or would not be seen in this readout.
    """
    if background not in BACKGROUNDS:
        message = f"background {background!r} is not known"
        raise RequestError(message, needed="virtual or context")
    if background == "virtual":
        return torch.full((len(genes),), model.record.background, dtype=model.dtype, device=model.device)
    if model.record.hides_targets(readout):
        shown = ", ".join(r for r in model.record.readouts if not model.record.hides_targets(r))
        message = f"the readout {readout!r} hides every gene but the source, so a context background would not be seen"
        raise RequestError(message, needed=f"for a context background the readout {shown}", todo="choose that readout")
    if context is None or len(context) != len(genes):
        message = "a context background was asked for without the mean of each gene"
        raise RequestError(message, needed=f"{len(genes)} values", todo="use a dataset with cells, not a gene list")
    return torch.as_tensor(context, dtype=model.dtype, device=model.device)
