"""The vectors of both genes of a pair, side by side: how like it is to pairs of which is known what they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grn_core.extractors.emb import width
from grn_core.extractors.ends import unit_vectors
from grn_core.extractors.records import ExtractorRecord

if TYPE_CHECKING:
    from torch import Tensor

    from grn_core.models.record import ModelRecord


def side_by_side(vectors: Tensor, sources: Tensor) -> Tensor:
    """Vectors of source and target (S, L, 2 D), of those of the genes (L, D) and the positions of the sources (S,)."""
    import torch

    both = (vectors[sources][:, None].expand(-1, len(vectors), -1), vectors[None].expand(len(sources), -1, -1))
    return torch.cat(both, dim=-1)


def twice_the_width(model: ModelRecord, readout: str, n_levels: int) -> int:
    """Length of two gene embeddings, 2 D."""
    return 2 * width(model, readout, n_levels)


NEIGHBOURS = ExtractorRecord(
    name="neighbours",
    label="Neighbours",
    title="Known edges of similar genes",
    description="The model's embeddings of TF and target: whether similar TFs are known to regulate similar targets.",
    limits=(
        "Knows the pairs that it was trained on by heart: it says most where both genes are in the reference or like "
        "some in it, and little where neither is. The same in every cell."
    ),
    reference="this project; beside the pair features of arXiv 2605.08128",
    asks="genes",
    needs=("embedding",),
    read=lambda answers: side_by_side(unit_vectors(answers.embedding), answers.sources),
    length=twice_the_width,
    vectors=lambda answers: unit_vectors(answers.embedding),
)
