"""Co-expression of the pairs in the cells of a group, and the same told to a worker elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from grn_core.coexpression import find_method
from grn_core.coexpression.engine import STILL, scored
from grn_core.coexpression.partial import partial_correlation, shrinkage_of
from grn_core.differential.pairs import Pairs


def told_of_cells(pairs: Pairs, method: str, *, seed: int, shrinkage: float | None = None) -> dict[str, Any]:
    """Return the arguments of `scores_of_cells` as JSON types."""
    sources = [int(source) for source in pairs.sources]
    return {
        "genes": list(pairs.genes),
        "sources": sources,
        "method": method,
        "seed": seed,
        "shrinkage": shrinkage,
    }


def scores_of_cells(
    pairs: Pairs, method: str, *, seed: int = 0, shrinkage: float | None = None
) -> Callable[[np.ndarray], np.ndarray]:
    """Return ``score(values)`` of a method; of partial correlation with a given shrinkage, where there is one."""
    if shrinkage is not None:
        return partial_scores(pairs, shrinkage=shrinkage)
    return coexpression_scores(pairs, method, seed=seed)


def coexpression_scores(pairs: Pairs, method: str, *, seed: int = 0) -> Callable[[np.ndarray], np.ndarray]:
    """Return ``score(values)``: the scores of the pairs in cells (cells, genes); the caller limits threads."""
    find_method(method)
    row, target = pairs.places

    def score(values: np.ndarray) -> np.ndarray:
        found: np.ndarray = scored(values, pairs.genes, pairs.sources, method=method, seed=seed)[row, target]
        return found

    return score


def shared_shrinkage(values: np.ndarray) -> float:
    """Return the share by which half of the cells would be shrunk, from that of all of them.

    It is b / (d + b) with a b that is one over the cells, so that half of them have ``2 s / (1 + s)``. Below 1, where
    nothing would be left.
    """
    whole = shrinkage_of(values)
    return min(2 * whole / (1 + whole), 0.99)


def partial_scores(pairs: Pairs, *, shrinkage: float) -> Callable[[np.ndarray], np.ndarray]:
    """Return ``score(values)`` of partial correlation with a given shrinkage; 0 for a gene that does not vary."""
    row, target = pairs.places
    sources = np.asarray(pairs.sources, dtype=np.int64)

    def score(values: np.ndarray) -> np.ndarray:
        varies = np.ptp(values, axis=0) > STILL * np.abs(values).max(axis=0)
        able, place = varies[sources], np.cumsum(varies) - 1
        found = np.zeros((len(sources), values.shape[1]))
        if able.any() and varies.sum() > 1:
            own = partial_correlation(values[:, varies], place[sources[able]], shrinkage=shrinkage)
            found[np.ix_(able, varies)] = own
        asked: np.ndarray = found[row, target]
        return asked

    return score
