"""Attention: the weight that target j gives to source i, ``A[j, i]``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grn_core.extractors.records import PAPER, ExtractorRecord, one_number

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

LAYERS = 2
"""How many of the last layers are averaged, with all their heads (our choice)."""


def given_weight(attention: Tensor, sources: Tensor, *, layers: int = LAYERS) -> Tensor:
    """Attention that targets give to sources.

    Parameters
    ----------
    attention
        (layers, heads, L, L): row = receiver (who reads), column = sender (who is read).
    sources
        (S,) positions of the sources.
    layers
        How many of the last layers are averaged, with all their heads.

    Returns
    -------
    Tensor
        (S, L, 1): row = source (who is read), column = target (who reads); 0 to 1. Source: arXiv 2605.08128.
    """
    return attention[-layers:].float().mean((0, 1)).T[sources][..., None]


def weight(features: np.ndarray) -> np.ndarray:
    """Attn (origin): the weight itself (...), from features (..., 1)."""
    return features[..., 0]


ATTN = ExtractorRecord(
    name="attn",
    label="Attn",
    title="Attention",
    description=f"How much the target attends to the TF: mean weight over the heads of the last {LAYERS} layers.",
    limits="One number without a sign; a weight says what is read, not what follows from it.",
    reference=PAPER,
    asks="cell",
    needs=("attention",),
    read=lambda answers: given_weight(answers.attention, answers.sources),
    length=one_number,
    origin=weight,
)
