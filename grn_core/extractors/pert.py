"""Perturbation of the mean cell: ``e_ij = M(x)_j - M(x with gene i at 0)_j``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grn_core.extractors.records import PAPER, ExtractorRecord, one_number

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor


def loss_without(value: Tensor, silenced: Tensor) -> Tensor:
    """What a target loses when the source is silenced.

    Parameters
    ----------
    value
        (1, L): reconstruction of the mean cell.
    silenced
        (S, L): reconstruction of it with the expression of source s at 0.

    Returns
    -------
    Tensor
        (S, L, 1): row = source, column = target; model units; above 0: the target falls without the source. Source:
        arXiv 2605.08128.
    """
    return (value - silenced)[..., None]


def strength(features: np.ndarray) -> np.ndarray:
    """Pert (origin): the size of the loss (...), from features (..., 1)."""
    return abs(features[..., 0])


PERT = ExtractorRecord(
    name="pert",
    label="Pert",
    title="Perturbation of the mean cell",
    description="How much the target changes in the mean measured cell when the TF's expression is set to 0.",
    limits="One number; nothing for a TF that the cells do not express; differs from cell type to cell type.",
    reference=PAPER,
    asks="cell",
    needs=("value",),
    read=lambda answers: loss_without(answers.measured, answers.silenced),
    length=one_number,
    needs_cells=True,
    origin=strength,
    slopes=lambda features, _levels: (features, 1.0),
)
