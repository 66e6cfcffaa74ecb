"""Whether a response rises or falls: the sign of a curve, and when a curve has none.

A model takes and gives float32 numbers in the units of its levels, so that two outputs that should be equal differ by
some units in the last place of numbers as large as the largest level. A response that moves no further is flat: it has
no sign. For the compact model that is 5e-6 standard deviations, three orders of magnitude below the smallest response
of 8,642 pairs of a random panel; what lies below is in fact exactly zero.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

ROUNDING = 8 * float(np.finfo(np.float32).eps)
"""Relative error that a few float32 operations on a number leave."""
LEAST = 1e-9
"""The size of a correlation up to which it is rounding."""


def noise(levels: Sequence[float] | np.ndarray) -> float:
    """Return the largest change of an output that is rounding and nothing else, in the units of `levels`."""
    return ROUNDING * float(np.abs(np.asarray(levels, dtype=np.float64)).max())


def slope_signs(
    slopes: np.ndarray, levels: Sequence[float] | np.ndarray, *, reach: float | np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Say of each pair whether the target rises or falls with the source.

    Parameters
    ----------
    slopes
        Slopes of the response at some levels, shape (pairs, points).
    levels
        Levels of the source, in the model's value units.
    reach
        Distance between levels over which a slope acts, one for all points or shape (points,): a slope that moves the
        target over it by no more than `noise` counts as zero.

    Returns
    -------
    sign
        int8 (pairs,): the sign of the mean slope, each slope weighted by its size; 0 where all slopes are zero, or
        where rising and falling parts cancel but for rounding.
    agreement
        float32 (pairs,): share of the points whose slope has that sign; 0 where there is no sign. A point at which the
        curve is still agrees with neither. Turning the curve upside down turns the sign and nothing else.
    """
    exact = np.asarray(slopes, dtype=np.float64)
    exact = np.where(np.abs(exact) * reach <= noise(levels), 0.0, exact)
    weighted = (exact * np.abs(exact)).sum(axis=-1)
    sign = np.where(np.abs(weighted) <= ROUNDING * np.square(exact).sum(axis=-1), 0, np.sign(weighted))
    agrees = (np.sign(exact) == sign[:, None]) & (sign[:, None] != 0)
    return sign.astype(np.int8), agrees.mean(axis=-1, dtype=np.float32)


def score_signs(scores: np.ndarray) -> np.ndarray:
    """Return the signs of correlations, shape (edges,), int8; 0 for one that is only rounding.

    A correlation whose size is not above `LEAST` has no sign: sums over cells and the inverse of a covariance leave so
    much, and even a million cells tell nothing below 1e-3.
    """
    return np.where(np.abs(scores) <= LEAST, 0, np.sign(scores)).astype(np.int8)
