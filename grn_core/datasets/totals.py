"""Sums that stand in a table among what they sum: a row or a column called Total."""

from __future__ import annotations

import numpy as np
from scipy import sparse

SUM = "sum of all others"
FEWEST = 4
"""Of fewer rows one may well be the sum of the others by chance."""


def sums_of_others(matrix: sparse.csr_matrix) -> np.ndarray:
    """Return which rows are, in every column, the sum of all other rows, (rows,) bool."""
    found = np.zeros(matrix.shape[0], dtype=bool)
    if matrix.shape[0] < FEWEST:
        return found
    sums = np.asarray(matrix.sum(axis=1, dtype=np.float64)).ravel()
    total = np.asarray(matrix.sum(axis=0, dtype=np.float64)).ravel()
    for row in np.flatnonzero((sums > 0) & np.isclose(2 * sums, sums.sum(), rtol=1e-6)).tolist():
        found[row] = bool(np.allclose(2 * matrix[[row]].toarray().ravel(), total, rtol=1e-6, atol=1e-6))
    return found
