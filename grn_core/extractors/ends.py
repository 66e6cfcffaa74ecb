"""One gene of a pair alone: the model's vector of the TF, or that of the target, whoever the other gene is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grn_core.extractors.emb import width
from grn_core.extractors.records import ExtractorRecord

if TYPE_CHECKING:
    from torch import Tensor

REFERENCE = "this project; beside the pair features of arXiv 2605.08128"
LIMITS = (
    "Says which genes have many {many} in the reference, and nothing of the pair: compare the scores without it, and "
    "those under degree-matched negatives."
)


def unit_vectors(embedding: Tensor) -> Tensor:
    """Gene embeddings (L, D) of length 1."""
    import torch

    return torch.nn.functional.normalize(embedding.float(), dim=-1)


def of_sources(embedding: Tensor, sources: Tensor) -> Tensor:
    """Unit vectors (S, L, D) of the sources, the same for every target; `embedding` (L, D), `sources` (S,)."""
    return unit_vectors(embedding)[sources][:, None].expand(-1, len(embedding), -1)


def of_targets(embedding: Tensor, sources: Tensor) -> Tensor:
    """Unit vectors (S, L, D) of the targets, the same for every source; `embedding` (L, D), `sources` (S,)."""
    return unit_vectors(embedding)[None].expand(len(sources), -1, -1)


SOURCE = ExtractorRecord(
    name="source",
    label="TF term",
    title="TF alone",
    description="The model's embedding of the TF: whether such genes regulate many.",
    limits=LIMITS.format(many="targets"),
    reference=REFERENCE,
    asks="genes",
    needs=("embedding",),
    read=lambda answers: of_sources(answers.embedding, answers.sources),
    length=width,
    end="source",
)
TARGET = ExtractorRecord(
    name="target",
    label="Target term",
    title="Target alone",
    description="The model's embedding of the target: whether such genes are regulated by many.",
    limits=LIMITS.format(many="regulators"),
    reference=REFERENCE,
    asks="genes",
    needs=("embedding",),
    read=lambda answers: of_targets(answers.embedding, answers.sources),
    length=width,
    end="target",
)
