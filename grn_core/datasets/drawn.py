"""Which cells lie within what was drawn on their map."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np


def within(
    points: np.ndarray,
    *,
    lassos: Iterable[tuple[Sequence[float], Sequence[float]]] = (),
    boxes: Iterable[tuple[Sequence[float], Sequence[float]]] = (),
) -> np.ndarray:
    """Return which points lie in any of some shapes.

    Parameters
    ----------
    points
        (n, 2) positions.
    lassos
        x and y of the corners of each polygon, in their order; it closes by itself, and a place that it goes round
        twice is outside.
    boxes
        x and y of two opposite corners of each box.

    Returns
    -------
    ndarray
        (n,) bool.
    """
    x, y = np.asarray(points, dtype=float).T
    found = np.zeros(len(x), dtype=bool)
    for across, along in boxes:
        found |= (x >= min(across)) & (x <= max(across)) & (y >= min(along)) & (y <= max(along))
    for across, along in lassos:
        inside = np.zeros(len(x), dtype=bool)
        for x1, y1, x2, y2 in zip(across, along, np.roll(across, -1), np.roll(along, -1), strict=True):
            crosses = (y1 > y) != (y2 > y)
            side = (x - x1) * (y2 - y1) - (y - y1) * (x2 - x1)
            inside ^= crosses & (side < 0 if y2 > y1 else side > 0)
        found |= inside
    return found
