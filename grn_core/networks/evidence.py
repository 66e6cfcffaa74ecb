"""Read the two curves of one edge: the response curve (VVP) and the gradient trajectory (GDT).

Both are vectors over the same rising grid of source levels. The response is read as it is drawn, with straight lines
between grid points. The fundamental theorem of calculus ties the two: the rise of the response over a grid step is the
integral of the gradient over it, so that their signs can be compared.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from grn_core.errors import DataError
from grn_core.networks.signs import noise

BAND = 0.1
"""Share of the response's range that counts as still at the start, or already at the end."""


@dataclass(frozen=True)
class EdgeReading:
    """What the curves of one edge say. Levels and responses are in the model's value units.

    Attributes
    ----------
    response_range
        Largest minus smallest response over the grid.
    net_change
        Response at the highest level minus response at the lowest.
    threshold
        Level at which the response first leaves a band of 10 % of its range round its starting value; None if flat,
        that is, if the range is not above `grn_core.networks.signs.noise`.
    saturation
        Level from which the response stays within 10 % of its range of its final value; None if that is reached only in
        the last grid step (no plateau was seen) or if flat.
    monotonicity
        Net change divided by the summed absolute changes, -1 (only falls) to +1 (only rises); None if flat.
    peak_slope
        Gradient with the largest absolute value, with its sign.
    peak_level
        Level of that gradient (the lowest, if several are equal).
    slope_agreement
        Share of the grid steps in which the rise of the response has the sign of the mean of the gradients at the
        step's two ends; steps where both are 0 do not count; None if none counts.
    """

    response_range: float
    net_change: float
    threshold: float | None
    saturation: float | None
    monotonicity: float | None
    peak_slope: float
    peak_level: float
    slope_agreement: float | None


def read_edge(response: np.ndarray, gradient: np.ndarray, grid: np.ndarray) -> EdgeReading:
    """Read one edge.

    Parameters
    ----------
    response
        VVP of the pair, shape (M,): change of the target when the source is set to each level.
    gradient
        GDT of the pair, shape (M,): slope of the target with respect to the source at each level.
    grid
        The levels, shape (M,), strictly rising.

    Raises
    ------
    DataError
        The three do not fit each other, or are not finite numbers.
    """
    curve, slope, levels = (np.asarray(values, dtype=float) for values in (response, gradient, grid))
    if not (curve.shape == slope.shape == levels.shape and levels.ndim == 1 and levels.size >= 2):
        message = f"response, gradient and levels have the shapes {curve.shape}, {slope.shape} and {levels.shape}"
        raise DataError(message, needed="three vectors of the same length, 2 or more", todo="run the inference again")
    if not (np.isfinite(curve).all() and np.isfinite(slope).all() and (np.diff(levels) > 0).all()):
        message = "the curves of this edge hold values that are not finite, or levels that do not rise"
        raise DataError(message, needed="finite numbers over rising levels", todo="run the inference again")
    steps = np.diff(curve)
    extent = float(np.ptp(curve))
    still = noise(levels)
    flat = extent <= still
    peak = int(np.argmax(np.abs(slope)))
    return EdgeReading(
        response_range=extent,
        net_change=float(curve[-1] - curve[0]),
        threshold=None if flat else _leaves(curve, levels, BAND * extent),
        saturation=None if flat else _settles(curve, levels, BAND * extent),
        monotonicity=None if flat else float((curve[-1] - curve[0]) / np.abs(steps).sum()),
        peak_slope=float(slope[peak]),
        peak_level=float(levels[peak]),
        slope_agreement=_agreement(steps, slope * np.ptp(levels), still=still),
    )


def _leaves(curve: np.ndarray, levels: np.ndarray, width: float) -> float:
    """Return the level at which the drawn curve first leaves ``curve[0] +- width``."""
    away = np.abs(curve - curve[0])
    after = int(np.argmax(away > width))
    start, end = curve[after - 1], curve[after]
    edge = curve[0] + np.copysign(width, end - curve[0])
    share = (edge - start) / (end - start)
    return float(levels[after - 1] + share * (levels[after] - levels[after - 1]))


def _settles(curve: np.ndarray, levels: np.ndarray, width: float) -> float | None:
    """Return the level from which the drawn curve stays within ``curve[-1] +- width``, if a plateau was seen."""
    level = -_leaves(curve[::-1], -levels[::-1], width)
    return level if level <= levels[-2] else None


def _agreement(steps: np.ndarray, slope: np.ndarray, *, still: float) -> float | None:
    """Return the share of steps in which response and gradient have the same sign; up to `still` they have none."""
    steps, slope = (np.where(np.abs(values) <= still, 0.0, values) for values in (steps, slope))
    means = (slope[:-1] + slope[1:]) / 2
    counted = (steps != 0) | (means != 0)
    return float((np.sign(steps) == np.sign(means))[counted].mean()) if counted.any() else None
