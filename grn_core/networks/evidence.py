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

TYPICAL = 500
"""Edges of a run that are read to know what is typical of it."""
UNUSUAL = 0.1
"""A reading that less than this share of them surpasses, or that surpasses less than this share, is unusual."""
SAME = 1e-6
"""Relative difference up to which two readings are the same but for rounding."""
BAND = 0.1
"""Share of the response's range that counts as still at the start, or already at the end."""


@dataclass(frozen=True)
class EdgeReading:
    """What the curves of one edge say. Levels and responses are in the model's value units.

    Attributes
    ----------
    response_range
        Largest minus smallest response over the grid.
    threshold
        Level at which the response first leaves a band of 10 % of its range round its starting value; None if flat,
        that is, if the range is not above `grn_core.networks.signs.noise`.
    saturation
        Level from which the response stays within 10 % of its range of its final value; None if that is reached only in
        the last grid step (no plateau was seen) or if flat.
    monotonicity
        Response at the highest level minus that at the lowest, over the summed absolute changes: -1 (only falls) to +1
        (only rises); None if flat.
    peak_slope
        Gradient with the largest absolute value, with its sign.
    peak_level
        Level of that gradient (the lowest, if several are equal).
    slope_agreement
        Share of the grid steps in which the rise of the response has the sign of the mean of the gradients at the
        step's two ends; steps where both are 0 do not count; None if none counts.
    """

    response_range: float
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
        threshold=None if flat else _leaves(curve, levels, BAND * extent),
        saturation=None if flat else _settles(curve, levels, BAND * extent),
        monotonicity=None if flat else float((curve[-1] - curve[0]) / np.abs(steps).sum()),
        peak_slope=float(slope[peak]),
        peak_level=float(levels[peak]),
        slope_agreement=_agreement(steps, slope * np.ptp(levels), still=still),
    )


READINGS = ("response_range", "peak_slope", "monotonicity", "threshold", "saturation", "peak_level", "slope_agreement")
"""Readings that an edge is compared by with the other edges of its run."""


def typical_readings(response: np.ndarray, gradient: np.ndarray, grid: np.ndarray, *, seed: int = 0) -> np.ndarray:
    """Read some pairs of a run, drawn at random, to know what is typical of it.

    Parameters
    ----------
    response, gradient
        VVP and GDT of all pairs, shape (sources, genes, M).
    grid
        The levels, shape (M,).
    seed
        Decides which `TYPICAL` pairs are read; all of them where there are no more.

    Returns
    -------
    numpy.ndarray
        float64 (pairs, `READINGS`); sizes of slopes without their sign, NaN where a reading has no value.
    """
    n = response.shape[0] * response.shape[1]
    places = np.arange(n) if n <= TYPICAL else np.sort(np.random.default_rng(seed).choice(n, TYPICAL, replace=False))
    rows = []
    for place in places.tolist():
        at = divmod(place, response.shape[1])
        if np.isfinite(response[at]).all():  # a gene with itself has no curve
            rows.append(_as_row(read_edge(response[at], gradient[at], grid)))
    return np.array(rows, dtype=np.float64).reshape(-1, len(READINGS))


def unusual(reading: EdgeReading, typical: np.ndarray) -> dict[str, float]:
    """Return the readings in which an edge differs from its run's typical one.

    Parameters
    ----------
    reading
        Of the edge.
    typical
        From `typical_readings`.

    Returns
    -------
    dict
        Name out of `READINGS` -> share of the run's edges that lie below it, 0 to 1, where that is below `UNUSUAL` or
        above ``1 - UNUSUAL``; ties count half, so that a reading that most edges share is never unusual.
    """
    found = {}
    for name, value, column in zip(READINGS, _as_row(reading), typical.T, strict=True):
        others = column[np.isfinite(column)]
        if not np.isfinite(value) or not len(others):
            continue
        same = np.isclose(others, value, rtol=SAME)
        below = float(((others < value)[~same].sum() + 0.5 * same.sum()) / len(others))
        if below < UNUSUAL or below > 1 - UNUSUAL:
            found[name] = below
    return found


def typical_band(response: np.ndarray, *, share: float = 0.8) -> tuple[np.ndarray, np.ndarray]:
    """Return the band that holds the middle `share` of the curves of one TF, lower and upper end, each shape (M,).

    Parameters
    ----------
    response
        Curves of the TF with every gene, shape (genes, M); that of the TF with itself, which is NaN, takes no part.
    share
        Of the curves, 0 to 1, at each level.
    """
    curves = np.asarray(response, dtype=float)
    curves = curves[np.isfinite(curves).all(axis=1)]
    if not len(curves):
        return np.zeros(response.shape[1]), np.zeros(response.shape[1])
    low, high = np.quantile(curves, [(1 - share) / 2, (1 + share) / 2], axis=0)
    return low, high


def _as_row(reading: EdgeReading) -> list[float]:
    values = (getattr(reading, name) for name in READINGS)
    row = [np.nan if value is None else float(value) for value in values]
    row[READINGS.index("peak_slope")] = abs(reading.peak_slope)
    return row


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
