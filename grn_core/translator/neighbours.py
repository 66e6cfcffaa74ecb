"""The neighbours' term: from what is known of pairs of similar genes to how much likelier an edge is.

A kernel ridge regression of the labels on the likeness of pairs, that of their sources times that of their targets
(`grn_core.translator.kernel.likeness`), brought to log-odds. The penalty, the scale and what the term says of the
training pairs are found with whole TFs left out: a pair would otherwise tell of itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from scipy.linalg import cho_solve, cholesky, lapack
from torch import Tensor

from grn_core.translator.kernel import PairKernel, likeness

if TYPE_CHECKING:
    from grn_core.translator.train import TrainingSet

PENALTIES = (0.3, 1.0, 3.0)
"""Ridge penalties that are tried; a pair's likeness to itself is 1."""
MOST_PAIRS = 9_000
"""Pairs that a seed learns from, at most, since time grows with their cube; of more, those of some TFs."""
STEPS = 25


@dataclass(frozen=True)
class _Known:
    """Pairs of which is known what they are: `source` and `target` (N,) say which of the vectors is whose."""

    sources: np.ndarray
    targets: np.ndarray
    source: np.ndarray
    target: np.ndarray
    label: np.ndarray

    def fit(self, penalty: float) -> tuple[np.ndarray, np.ndarray]:
        """Weights (N,), and what a fit without the pairs of its TF says of each pair (N,), in closed form."""
        kernel = _likeness(self.sources, self.sources)[np.ix_(self.source, self.source)]
        kernel *= _likeness(self.targets, self.targets)[np.ix_(self.target, self.target)]
        kernel[np.diag_indices(len(kernel))] += penalty
        truth = (2.0 * self.label - 1.0).astype(kernel.dtype)
        factor = cholesky(kernel, lower=True, overwrite_a=True, check_finite=False)
        weights = cho_solve((factor, True), truth, check_finite=False)
        inverse, _ = lapack.get_lapack_funcs("potri", (factor,))(factor, lower=1)
        without = np.empty_like(truth)
        for tf in np.unique(self.source):
            own = np.flatnonzero(self.source == tf)
            block = np.tril(inverse[np.ix_(own, own)])
            block += np.tril(block, -1).T
            without[own] = truth[own] - np.linalg.solve(block, weights[own])
        return weights.astype(np.float64), without.astype(np.float64)

    def says(self, weights: np.ndarray, sources: np.ndarray, targets: np.ndarray) -> np.ndarray:
        """What weights say of other pairs, by the vectors of their genes (N, D)."""
        known = np.zeros((len(self.sources), len(self.targets)))
        np.add.at(known, (self.source, self.target), weights)
        by_target = _likeness(sources, self.sources) @ known
        return np.asarray((by_target * _likeness(targets, self.targets)).sum(1))


def train_neighbours(sets: Sequence[TrainingSet], extractor: str, *, seed: int = 0) -> tuple[PairKernel, list[Tensor]]:
    """Train the neighbours' terms.

    Parameters
    ----------
    sets
        One training set per seed.
    extractor
        Name of an extractor whose feature is the vectors of both genes.
    seed
        Decides of which TFs the pairs are learnt where there are more than `MOST_PAIRS`.

    Returns
    -------
    network, logits
        A `PairKernel`, and for each seed the logits (N,) of its pairs, each of a fit that has not seen the pair's TF.
    """
    penalty, learnt, logits = 0.0, [], []
    for number, one in enumerate(sets):
        vectors = one.features[extractor].numpy()
        label = one.label.numpy().astype(np.float64)
        own = _some(vectors, seed=[seed, number, 9])
        known = _known(vectors[own], label[own])
        tried = {each: known.fit(each) for each in ((penalty,) if penalty else PENALTIES)}
        scales = {each: _scale(without, known.label) for each, (_, without) in tried.items()}
        penalty = min(tried, key=lambda each: _loss(tried[each][1], known.label, scales[each]))
        (weights, without), (slope, bias) = tried[penalty], scales[penalty]
        said = np.empty(len(label))
        said[own] = without
        others = np.setdiff1d(np.arange(len(label)), own)
        if len(others):
            said[others] = known.says(weights, *np.split(vectors[others], 2, axis=1))
        learnt.append((vectors[own], slope * weights, bias))
        logits.append(torch.from_numpy(slope * said + bias).float())
    return _network(learnt), logits


def _some(vectors: np.ndarray, *, seed: Sequence[int]) -> np.ndarray:
    """Rows of whole TFs, in random order, that are `MOST_PAIRS` at most; ascending."""
    tf = np.unique(vectors[:, : vectors.shape[1] // 2], axis=0, return_inverse=True)[1].ravel()
    order = np.random.default_rng(list(seed)).permutation(tf.max() + 1)
    rows = np.argsort(np.argsort(order)[tf], kind="stable")
    sizes = np.cumsum(np.bincount(tf)[order])
    fits = int(np.searchsorted(sizes, MOST_PAIRS, side="right"))
    return np.sort(rows[: sizes[fits - 1] if fits else MOST_PAIRS])


def _known(vectors: np.ndarray, label: np.ndarray) -> _Known:
    source, target = np.split(vectors, 2, axis=1)
    sources, row = np.unique(source, axis=0, return_inverse=True)
    targets, column = np.unique(target, axis=0, return_inverse=True)
    return _Known(sources, targets, row.ravel(), column.ravel(), label)


def _likeness(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return likeness(torch.from_numpy(one), torch.from_numpy(other)).numpy()


def _scale(said: np.ndarray, label: np.ndarray) -> tuple[float, float]:
    """Slope, not below 0, and constant that make log-odds of what is said: logistic regression by Newton's method."""
    x = np.column_stack([said, np.ones(len(said))])
    found = np.zeros(2)
    for _ in range(STEPS):
        chance = 1.0 / (1.0 + np.exp(-np.clip(x @ found, -30.0, 30.0)))
        curve = (x * (chance * (1.0 - chance))[:, None]).T @ x + 1e-6 * np.eye(2)
        step = np.linalg.solve(curve, x.T @ (label - chance) - 1e-6 * found)
        found += step
        if np.abs(step).max() < 1e-8:
            break
    return max(0.0, float(found[0])), float(found[1])


def _loss(said: np.ndarray, label: np.ndarray, scale: tuple[float, float]) -> float:
    logits = scale[0] * said + scale[1]
    return float(np.sum(np.logaddexp(0.0, logits) - label * logits))


def _network(learnt: Sequence[tuple[np.ndarray, np.ndarray, float]]) -> PairKernel:
    """One network of the known pairs of all seeds: of each, vectors of its pairs, weights and constant."""
    both = np.concatenate([np.concatenate(np.split(vectors, 2, axis=1)) for vectors, _, _ in learnt])
    genes, place = np.unique(both, axis=0, return_inverse=True)
    n_pairs = max(len(weights) for _, weights, _ in learnt)
    network = PairKernel(len(learnt), n_pairs, *genes.shape)
    network.vectors.copy_(torch.from_numpy(genes))
    rest = place.ravel()
    for number, (_, weights, bias) in enumerate(learnt):
        n = len(weights)
        source, target, rest = rest[:n], rest[n : 2 * n], rest[2 * n :]
        network.source[number, :n] = torch.from_numpy(source)
        network.target[number, :n] = torch.from_numpy(target)
        network.weight[number, :n] = torch.from_numpy(weights).float()
        network.bias[number] = bias
    return network.eval().requires_grad_(requires_grad=False)
