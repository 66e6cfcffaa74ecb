"""Where pre-training starts: gene embeddings and mixing matrices taken from the data itself."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from grn_core.models.compact.network import CompactNetwork
from grn_core.models.draws import drawing_from
from grn_core.pretrain.corpus import CorpusPart

SHRINKAGE = 10.0
LEAST_VARIANCE = 0.02
MOST_ROWS = 1500
"""Rows of a data set that take part in the factorisation: more of one set add time and memory, and hardly knowledge."""


def svd_embedding(
    parts: Sequence[CorpusPart], n_genes: int, width: int, *, weights: Sequence[float] | None = None, seed: int = 0
) -> Tensor:
    """Gene embeddings from a truncated SVD of the standardised matrices stacked over data sets.

    Parameters
    ----------
    parts
        Data sets; only training cells count.
    n_genes
        Size of the vocabulary; genes that a data set lacks are at their mean (0) there.
    width
        Number of components.
    weights
        Of the data sets; all weigh the same if None.
    seed
        Of the randomised SVD.

    Returns
    -------
    Tensor
        (n_genes, width): right singular vectors times the square roots of the singular values, scaled to a root mean
        square of 0.5.
    """
    chosen = [_some(part.training, number, seed) for number, part in enumerate(parts)]
    stacked = torch.zeros(sum(len(rows) for rows in chosen), n_genes)
    start = 0
    for part, rows, weight in zip(parts, chosen, [1.0] * len(parts) if weights is None else weights, strict=True):
        values = torch.from_numpy(part.values[rows].astype(np.float32))
        values *= (weight / len(rows)) ** 0.5
        stacked[start : start + len(values), torch.from_numpy(part.genes.astype(np.int64))] = values
        start += len(values)
    with drawing_from(seed):
        _, strength, vectors = torch.svd_lowrank(stacked, q=min(width + 16, *stacked.shape), niter=3)
    embedding = torch.zeros(n_genes, width)
    found = vectors[:, :width] * strength[:width].sqrt()
    embedding[:, : found.shape[1]] = found
    return embedding * (0.5 / embedding.square().mean().sqrt())


def _some(rows: np.ndarray, number: int, seed: int) -> np.ndarray:
    """At most `MOST_ROWS` of a data set's rows, drawn by seed and number of the data set."""
    if len(rows) <= MOST_ROWS:
        return rows
    drawn: np.ndarray = np.sort(np.random.default_rng([seed, 6, number]).choice(rows, MOST_ROWS, replace=False))
    return drawn


def covariances(parts: Sequence[CorpusPart], vectors: Tensor, *, weights: Sequence[float] | None = None) -> Tensor:
    """Covariance of the cells of each data set in the space of gene vectors.

    Parameters
    ----------
    parts
        Data sets; only training cells count.
    vectors
        Unit vectors of the genes (n_genes, d).
    weights
        Of the data sets; all weigh the same if None.

    Returns
    -------
    Tensor
        (data sets + 1, d, d), each of mean variance 1; the last is the weighted mean of the others. A cell's place is
        the ridge regression of its values on the vectors of the genes.
    """
    found = []
    for part in parts:
        basis = vectors[torch.from_numpy(part.genes.astype(np.int64))]
        values = torch.from_numpy(part.values[part.training].astype(np.float32))
        ridge = basis.T @ basis + SHRINKAGE * torch.eye(basis.shape[1])
        places = torch.linalg.solve(ridge, (values @ basis).T).T
        places = places - places.mean(0)
        one = places.T @ places
        found.append(one / one.diagonal().mean().clamp_min(1e-9))
    share = torch.tensor([1.0] * len(parts) if weights is None else [float(one) for one in weights])
    every = torch.stack(found)
    common = (share[:, None, None] * every).sum(0) / share.sum()
    return torch.cat([every, common[None]])


def start_from_data(
    network: CompactNetwork, parts: Sequence[CorpusPart], *, weights: Sequence[float] | None = None, seed: int = 0
) -> None:
    """Set embeddings and mixing matrices so that the untrained network is a factor model of the data.

    Embeddings are the unit vectors of `svd_embedding`; the mixing matrix of a condition is the Cholesky factor of its
    `covariances`. The transformer starts with no say: it learns what the factors leave.
    """
    shape = network.shape
    found = svd_embedding(parts, shape.n_genes, shape.width, weights=weights, seed=seed)
    vectors = torch.nn.functional.normalize(found, dim=-1)
    spread = covariances(parts, vectors, weights=weights) + LEAST_VARIANCE * torch.eye(shape.width)
    with torch.no_grad():
        network.embedding.weight.copy_(vectors)
        network.mixing.copy_(torch.linalg.cholesky(spread))
        network.state_out.weight.zero_()
        network.state_out.bias.zero_()
