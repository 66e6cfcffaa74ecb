"""A translator that compares a pair with pairs of which is known whether they are edges."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

PAIRS_AT_ONCE = 16_384
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
        sources, row = torch.unique(self.source, return_inverse=True)
        targets, column = torch.unique(self.target, return_inverse=True)
        found = []
        for seed in range(len(self.bias)):
            known = torch.zeros(len(sources), len(targets)).index_put_(
                (row[seed], column[seed]), self.weight[seed], accumulate=True
            )
            own = features[seed if len(features) > 1 else 0]
            found.append(self.bias[seed] + self._sums(own, known, sources, targets))
        return torch.stack(found)

    def _sums(self, features: Tensor, known: Tensor, sources: Tensor, targets: Tensor) -> Tensor:
        of_sources, of_targets = self.vectors[sources], self.vectors[targets]
        parts = []
        for part in features.split(PAIRS_AT_ONCE):
            source, target = part.chunk(2, dim=-1)
            source, again = torch.unique_consecutive(source, dim=0, return_inverse=True)
            by_target = likeness(source, of_sources) @ known
            parts.append((by_target[again] * likeness(target, of_targets)).sum(-1))
        return torch.cat(parts) if parts else features.new_zeros(0)
