"""What is known beside the training: edges of other references, known by heart.

The translators of pairs learn nothing of them. The neighbours' term compares a pair with theirs as well, at `SHARE` of
the weight of its own; and each end's term adds how many edges of the gene are known, ``log(2 n + 1)`` of those of the
training and of these: that of a source plus that of a target are the log-odds of an edge if both ends had nothing to do
with each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

from grn_core.translator.kernel import PairKernel, distinct
from grn_core.translator.mlp import TranslatorMLP
from grn_core.translator.neighbours import train_neighbours

if TYPE_CHECKING:
    from grn_core.translator.train import TrainingSet

SHARE = 0.5
"""How much an edge that is known beside counts to an edge of the training, in the neighbours' term: more costs the
held-back pairs of the training, less does not help them and costs those of the second reference (docs/models.md)."""
SAME = 0.99
"""Cosine of two unit vectors from which they are those of one gene: an adaptation turns a gene's by less."""
GENES_AT_ONCE = 4096


class KnownEnd(nn.Module):
    """Vector of one gene -> logit, for several seeds at once: what a linear translator says, and what is known of it.

    Parameters
    ----------
    linear
        What is said of any gene.
    n_genes
        Genes of which more is known.

    Notes
    -----
    Buffers: ``vectors`` (n_genes, width), of length 1; ``effect`` (n_seeds, n_genes), which is added for these genes
    and for no other.
    """

    vectors: Tensor
    effect: Tensor

    def __init__(self, linear: TranslatorMLP, n_genes: int) -> None:
        super().__init__()
        self.linear = linear
        self.register_buffer("vectors", torch.zeros(n_genes, linear.n_features))
        self.register_buffer("effect", torch.zeros(len(linear.biases[0]), n_genes))

    @classmethod
    def of(cls, tensors: Mapping[str, Tensor], *, n_seeds: int, length: int) -> KnownEnd:
        """Make one of its tensors; `RuntimeError` where they do not fit what is told, as of `load_state_dict`."""
        found = cls(TranslatorMLP(n_seeds, length, ()), len(tensors.get("vectors", ())))
        found.load_state_dict(dict(tensors))
        return found

    @property
    def n_features(self) -> int:
        """Length of the feature."""
        return self.linear.n_features

    def forward(self, features: Tensor) -> Tensor:
        """Map features (seeds or 1, genes, n_features) to logits (seeds, genes)."""
        said: Tensor = self.linear(features)
        known = [self._known(own) for own in features]
        if len(known) == 1:
            return said + known[0]
        return said + torch.stack([one[seed] for seed, one in enumerate(known)])

    def _known(self, vectors: Tensor) -> Tensor:
        """What is known of genes by their vectors (N, width), (seeds, N); 0 of those that are not known."""
        genes, gene = distinct(vectors)
        parts = []
        for some in genes.split(GENES_AT_ONCE):
            near, place = (some @ self.vectors.T).max(1)
            parts.append(torch.where(near > SAME, self.effect[:, place], 0.0))
        return torch.cat(parts, dim=1)[:, gene]


def know_ends(
    linear: TranslatorMLP, sets: Sequence[TrainingSet], beside: Sequence[TrainingSet], extractor: str
) -> tuple[KnownEnd, list[Tensor]]:
    """Add how many edges of each gene are known to what its vector says.

    Parameters
    ----------
    linear
        What was trained on `sets`.
    sets, beside
        One training set a seed, of the training and of what is known beside.
    extractor
        Name of an extractor of one gene alone.

    Returns
    -------
    network, known
        And for each seed what is added for its own pairs (N,), each without the pair itself.
    """
    of_each = [_counted(*both, extractor) for both in zip(sets, beside, strict=True)]
    every, place = np.unique(np.concatenate([vectors for vectors, _, _ in of_each]), axis=0, return_inverse=True)
    network = KnownEnd(deepcopy(linear), len(every))
    network.vectors.copy_(torch.from_numpy(every))
    known, rest = [], place.ravel()
    for seed, ((vectors, n_edges, gene), one) in enumerate(zip(of_each, sets, strict=True)):
        own, rest = rest[: len(vectors)], rest[len(vectors) :]
        network.effect[seed, torch.from_numpy(own)] = torch.from_numpy(np.log1p(2.0 * n_edges)).float()
        others = torch.log1p(2.0 * (torch.from_numpy(n_edges[gene]) - one.label)).float()
        network.linear.biases[0].data[seed] -= others.mean()
        known.append(others - others.mean())
    return network.eval().requires_grad_(requires_grad=False), known


def _counted(own: TrainingSet, beside: TrainingSet, extractor: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Vectors of genes, how many edges of each are known, and which of them each of the own pairs is of."""
    both = torch.cat([own.features[extractor], beside.features[extractor]]).numpy()
    vectors, gene = np.unique(both, axis=0, return_inverse=True)
    gene, label = gene.ravel(), torch.cat([own.label, beside.label]).numpy()
    return vectors, np.bincount(gene, weights=label, minlength=len(vectors)), gene[: len(own.label)]


def know_pairs(
    trained: PairKernel, sets: Sequence[TrainingSet], beside: Sequence[TrainingSet], extractor: str, *, seed: int = 0
) -> tuple[PairKernel, list[Tensor]]:
    """Add pairs that are known beside to those that a neighbours' term compares with.

    Parameters
    ----------
    trained
        What was trained on `sets`.
    sets, beside
        One training set a seed, of the training and of what is known beside.
    extractor
        Name of an extractor whose feature is the vectors of both genes.
    seed
        As of `train_neighbours`.

    Returns
    -------
    network, known
        And for each seed what the pairs beside say of its own pairs (N,), as much of it as is added.
    """
    other, _ = train_neighbours(beside, extractor, seed=seed)
    with torch.no_grad():
        known = [SHARE * other(one.features[extractor][None])[number] for number, one in enumerate(sets)]
    vectors, place = torch.unique(torch.cat([trained.vectors, other.vectors]), dim=0, return_inverse=True)
    own, its = place.split([len(trained.vectors), len(other.vectors)])
    weights = torch.cat([trained.weight, SHARE * other.weight], dim=1)
    network = PairKernel(*weights.shape, *vectors.shape)
    network.vectors.copy_(vectors)
    network.source.copy_(torch.cat([own[trained.source.long()], its[other.source.long()]], dim=1))
    network.target.copy_(torch.cat([own[trained.target.long()], its[other.target.long()]], dim=1))
    network.weight.copy_(weights)
    network.bias.copy_(trained.bias + SHARE * other.bias)
    return network.eval().requires_grad_(requires_grad=False), known
