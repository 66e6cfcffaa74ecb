"""The neighbours' term: from what is known of pairs of similar genes to how much likelier an edge is.

A kernel ridge regression of the labels on the likeness of pairs, that of their sources times that of their targets
(`grn_core.translator.kernel.likeness`), brought to log-odds. The penalty, the scale and what the term says of the
training pairs are found with whole TFs and whole targets left out: a pair would otherwise tell of itself, and others of
the same gene of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import torch
from scipy.linalg import cho_solve, cholesky
from torch import Tensor

from grn_core.translator.kernel import PairKernel, likeness
from grn_core.translator.logistic import cross_entropy, logistic

if TYPE_CHECKING:
    from grn_core.translator.train import TrainingSet

PENALTIES = (0.3, 1.0, 3.0)
"""Ridge penalties that are tried; a pair's likeness to itself is 1."""
MOST_PAIRS = 9_000
"""Pairs that a seed learns from, at most, since time grows with their cube; of more, those of some TFs."""
FOLDS = 3


@dataclass(frozen=True)
class _Known:
    """Pairs of which is known what they are: `source` and `target` (N,) say which of the vectors is whose."""

    sources: np.ndarray
    targets: np.ndarray
    source: np.ndarray
    target: np.ndarray
    label: np.ndarray

    def fit(self, penalty: float, own: np.ndarray | None = None) -> np.ndarray:
        """Weights (N,) of a fit to some of the pairs (boolean; all if None), 0 for the others."""
        rows = np.arange(len(self.label)) if own is None else np.flatnonzero(own)
        source, target = self.source[rows], self.target[rows]
        kernel = self.of_sources[np.ix_(source, source)]
        kernel *= self.of_targets[np.ix_(target, target)]
        kernel[np.diag_indices(len(rows))] += penalty
        factor = cholesky(kernel, lower=True, overwrite_a=True, check_finite=False)
        weights = np.zeros(len(self.label))
        truth = (2.0 * self.label[rows] - 1.0).astype(kernel.dtype)
        weights[rows] = cho_solve((factor, True), truth, check_finite=False)
        return weights

    def left_out(self, penalty: float, *, seed: Sequence[int]) -> np.ndarray:
        """What is said of each pair (N,) by a fit to pairs neither of whose genes is in the fold of the pair's."""
        rng = np.random.default_rng(list(seed))
        of_tf = (rng.permutation(len(self.sources)) % FOLDS)[self.source]
        of_target = (rng.permutation(len(self.targets)) % FOLDS)[self.target]
        said = np.zeros(len(self.label))
        for one in range(FOLDS):
            for other in range(FOLDS):
                weights = self.fit(penalty, (of_tf != one) & (of_target != other))
                here = (of_tf == one) & (of_target == other)
                said[here] = self.says(weights, self.sources[self.source[here]], self.targets[self.target[here]])
        return said

    @cached_property
    def of_sources(self) -> np.ndarray:
        """How like the sources are."""
        return _likeness(self.sources, self.sources)

    @cached_property
    def of_targets(self) -> np.ndarray:
        """How like the targets are."""
        return _likeness(self.targets, self.targets)

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
        A `PairKernel`, and for each seed the logits (N,) of its pairs, each of a fit that has seen neither of its genes
        as TF and as target.
    """
    penalty, learnt, logits = 0.0, [], []
    for number, one in enumerate(sets):
        vectors = one.features[extractor].numpy()
        label = one.label.numpy().astype(np.float64)
        own = _some(vectors, seed=[seed, number, 9])
        known = _known(vectors[own], label[own])
        folds = [seed, number, 10]
        tried = {each: known.left_out(each, seed=folds) for each in ((penalty,) if penalty else PENALTIES)}
        scales = {each: _scale(without, known.label) for each, without in tried.items()}
        losses = {
            each: cross_entropy(scales[each][0] * without + scales[each][1], known.label)
            for each, without in tried.items()
        }
        penalty = min(losses, key=losses.__getitem__)
        weights, (slope, bias) = known.fit(penalty), scales[penalty]
        said = np.empty(len(label))
        said[own] = tried[penalty]
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
    """Slope, not below 0, and constant that make log-odds of what is said."""
    slope, bias = logistic(np.column_stack([said, np.ones(len(said))]), label, 1.0, np.full(2, 1e-6))
    return max(0.0, float(slope)), float(bias)


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
