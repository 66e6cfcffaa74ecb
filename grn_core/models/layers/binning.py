"""scGPT's value units: the bin of a gene among the expressed genes of its cell.

Bin 0 is a gene that is not expressed; bins 1 to ``n_bins - 1`` are quantile bins of the others. Only ranks within the
cell count, so normalisation and log1p change nothing (but for ties that rounding makes or breaks).
"""

from __future__ import annotations

import numpy as np

from grn_core.errors import ModelError

N_BINS = 51


def bin_values(values: np.ndarray, *, n_bins: int = N_BINS, rng: np.random.Generator | None = None) -> np.ndarray:
    """Bin expression values within each cell.

    The edges are ``n_bins - 1`` evenly spaced quantiles of a cell's non-zero values. A value strictly between two, or
    equal to exactly one, has one bin. A value that coincides with several edges, as small counts do, has a range of
    bins. The published code draws one of the range at random; here that needs `rng`. Without it the middle of the range
    is taken, rounded up: equal values then have equal bins, and the same cell always has the same ones.

    Parameters
    ----------
    values
        (..., L), at least 0; each row is a cell.
    n_bins
        Number of bins with bin 0.
    rng
        Source of the published random rule: one draw per non-zero value, in their order, cell after cell. None takes
        the deterministic rule.

    Returns
    -------
    ndarray
        (..., L) float32, whole numbers from 0 to ``n_bins - 1``.

    Raises
    ------
    ModelError
        For values that are negative or not finite.
    """
    values = np.asarray(values)
    if not np.all(np.isfinite(values)) or np.any(values < 0):
        message = "values to be binned are negative or not finite"
        raise ModelError(message, needed="counts, or log1p of them", todo="give unscaled expression")
    bins = np.zeros(values.shape, dtype=np.float32)
    for cell in np.ndindex(values.shape[:-1]):
        expressed = values[cell] > 0
        if expressed.any():
            bins[cell][expressed] = _bins_of(values[cell][expressed], n_bins, rng)
    return bins


def _bins_of(values: np.ndarray, n_bins: int, rng: np.random.Generator | None) -> np.ndarray:
    edges = np.quantile(values, np.linspace(0, 1, n_bins - 1))
    highest, below = np.digitize(values, edges), np.digitize(values, edges, right=True)
    draws = 0.5 if rng is None else rng.random(len(values))
    return np.ceil(highest - draws * (highest - below))
