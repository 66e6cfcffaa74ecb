"""Features of pairs that are the vectors of both genes side by side, of which only those of the genes are kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


class GenePairs:
    """An array (sources, targets, 2 D) that is put together where it is read; row = source, column = target.

    A source has a feature of itself, too.

    Parameters
    ----------
    vectors
        (L, D) of the genes.
    sources
        Positions of the sources among them.

    Attributes
    ----------
    of_sources, of_targets
        (S, D) and (L, D): the vectors that features are put together of.
    """

    ndim = 3

    def __init__(self, vectors: np.ndarray, sources: Sequence[int]) -> None:
        n_genes, width = vectors.shape
        rows: np.ndarray = vectors[list(sources)]
        self.of_sources, self.of_targets = rows, vectors
        self.shape, self.dtype = (len(rows), n_genes, 2 * width), vectors.dtype
        self._source = np.broadcast_to(rows[:, None], (len(rows), n_genes, width))
        self._target = np.broadcast_to(vectors[None], (len(rows), n_genes, width))

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, key: Any) -> np.ndarray:
        """Features of some rows, or of some rows and columns, as of an array."""
        if isinstance(key, tuple) and len(key) > 2:
            whole: np.ndarray = self[key[:2]][..., *key[2:]]
            return whole
        return np.concatenate([self._source[key], self._target[key]], axis=-1)

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        return np.asarray(self[:], dtype=dtype)
