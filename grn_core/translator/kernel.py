"""A translator that compares a pair with pairs of which is known whether they are edges."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import torch
from torch import Tensor, nn

PAIRS_AT_ONCE = 16_384
MOST_CELLS = 64
"""Pairs of distinct genes to each pair that is asked up to which all are computed at once."""
POWER = 2
"""To which power the likeness of two genes is taken: fewer and closer genes count with a higher one."""


def likeness(one: Tensor, other: Tensor) -> Tensor:
    """How like genes are, (A, B): the cosine of their unit vectors (A, D) and (B, D), none below 0, to a power."""
    return (one @ other.T).clamp_min(0.0) ** POWER


class PairKernel(nn.Module):
    """Vectors of source and target side by side -> logit, for several seeds at once.

    ``bias + sum over known pairs of weight * likeness(source, its source) * likeness(target, its target)``: what is
    known of pairs of similar genes.

    Parameters
    ----------
    n_seeds, n_pairs
        Seeds, and known pairs of each; where a seed has fewer, the others weigh nothing.
    n_genes, width
        Genes that stand in known pairs, and the length of a gene's vector.

    Notes
    -----
    Buffers: ``vectors`` (n_genes, width); ``source``, ``target`` (n_seeds, n_pairs) positions among them; ``weight``
    (n_seeds, n_pairs); ``bias`` (n_seeds,).
    """

    vectors: Tensor
    source: Tensor
    target: Tensor
    weight: Tensor
    bias: Tensor

    def __init__(self, n_seeds: int, n_pairs: int, n_genes: int, width: int) -> None:
        super().__init__()
        self.register_buffer("vectors", torch.zeros(n_genes, width))
        self.register_buffer("source", torch.zeros(n_seeds, n_pairs, dtype=torch.int32))
        self.register_buffer("target", torch.zeros(n_seeds, n_pairs, dtype=torch.int32))
        self.register_buffer("weight", torch.zeros(n_seeds, n_pairs))
        self.register_buffer("bias", torch.zeros(n_seeds))

    @classmethod
    def of(cls, tensors: Mapping[str, Tensor]) -> PairKernel:
        """Make one of its tensors; `RuntimeError` where they do not fit each other, as of `load_state_dict`."""
        try:
            (n_seeds, n_pairs), (n_genes, width) = tensors["source"].shape, tensors["vectors"].shape
            found = cls(n_seeds, n_pairs, n_genes, width)
        except (KeyError, ValueError) as error:
            message = f"they are no known pairs of genes ({error})"
            raise RuntimeError(message) from error
        found.load_state_dict(dict(tensors))
        for name in ("source", "target"):
            place = getattr(found, name)
            if place.numel() and (int(place.min()) < 0 or int(place.max()) >= n_genes):
                message = f"{name} names a gene of which there is no vector"
                raise RuntimeError(message)
        return found

    @property
    def n_features(self) -> int:
        """Length of a pair's feature."""
        return 2 * self.vectors.shape[1]

    def forward(self, features: Tensor) -> Tensor:
        """Map features (seeds or 1, pairs, n_features) to logits (seeds, pairs)."""
        sources, targets, known = self._known
        if len(features) > 1:
            own = zip(features, known, strict=True)
            found = torch.cat([_sums(one, sources, targets, weights[None]) for one, weights in own])
        else:
            found = _sums(features[0], sources, targets, known)
        return self.bias[:, None] + found

    def alike(self, targets: Tensor) -> Tensor:
        """How like genes of vectors (L, D) are to the targets of known pairs: what `of_rows` asks of its columns."""
        return likeness(targets, self._known[1])

    def of_rows(self, sources: Tensor, alike: Tensor) -> Tensor:
        """Logits (seeds, S, L) of sources of vectors (S, D), each with the targets of `alike`: those of `forward`."""
        known_sources, _, known = self._known
        return self.bias[:, None, None] + (likeness(sources, known_sources) @ known) @ alike.T

    @cached_property
    def _known(self) -> tuple[Tensor, Tensor, Tensor]:
        """Vectors of all sources and of all targets, and the weights of their pairs (seeds, sources, targets)."""
        sources, row = torch.unique(self.source, return_inverse=True)
        targets, column = torch.unique(self.target, return_inverse=True)
        known = torch.zeros(len(self.bias), len(sources), len(targets))
        for seed, weights in enumerate(known):
            weights.index_put_((row[seed], column[seed]), self.weight[seed], accumulate=True)
        return self.vectors[sources], self.vectors[targets], known


def _sums(features: Tensor, sources: Tensor, targets: Tensor, known: Tensor) -> Tensor:
    """Sums over known pairs (seeds, pairs) of features (pairs, 2 D); a gene of several pairs is read once."""
    parts = []
    for part in features.split(PAIRS_AT_ONCE):
        (source, row), (target, column) = map(distinct, part.chunk(2, dim=-1))
        by_target = likeness(source, sources) @ known
        alike = likeness(target, targets)
        if len(source) * len(target) <= MOST_CELLS * len(part):
            parts.append((by_target @ alike.T)[:, row, column])
        else:
            parts.append((by_target[:, row] * alike[column]).sum(-1))
    return torch.cat(parts, dim=1) if parts else features.new_zeros(len(known), 0)


def distinct(vectors: Tensor) -> tuple[Tensor, Tensor]:
    """Vectors (M, D) of which each is there once, and which of them each of the given ones (N, D) is, (N,)."""
    if not len(vectors):
        return vectors, torch.arange(0)
    mark = vectors.double() @ torch.linspace(1.0, 2.0, vectors.shape[1], dtype=torch.float64).sin()
    _, place = torch.unique(mark, return_inverse=True)
    first = torch.full((int(place.max()) + 1,), len(place)).scatter_reduce_(0, place, torch.arange(len(place)), "amin")
    found = vectors[first]
    if torch.equal(found[place], vectors):
        return found, place
    return vectors, torch.arange(len(vectors))  # two vectors have one mark
