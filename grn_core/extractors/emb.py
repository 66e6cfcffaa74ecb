"""Gene embeddings: ``e_ij = g_i + g_j``, the sum of the model's two vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grn_core.extractors.records import PAPER, ExtractorRecord

if TYPE_CHECKING:
    from torch import Tensor

    from grn_core.models.record import ModelRecord


def sums(embedding: Tensor, sources: Tensor) -> Tensor:
    """Sums of the embeddings of source and target.

    Parameters
    ----------
    embedding
        (L, D): gene embeddings.
    sources
        (S,) positions of the sources.

    Returns
    -------
    Tensor
        (S, L, D): row = source, column = target; the same when they change places. Source: arXiv 2605.08128.
    """
    return embedding[sources][:, None, :] + embedding[None]


def width(model: ModelRecord, _readout: str, _n_levels: int) -> int:
    """Length of the model's gene embeddings, D."""
    return model.width


EMB = ExtractorRecord(
    name="emb",
    label="Emb",
    title="Gene embeddings",
    description="The sum of the model's embeddings of TF and target.",
    limits="The same for both directions and in every cell; takes as many numbers a pair as an embedding has.",
    reference=PAPER,
    asks="genes",
    needs=("embedding",),
    read=lambda answers: sums(answers.embedding, answers.sources),
    length=width,
    directed=False,
)
