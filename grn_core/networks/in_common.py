"""How many of the best edges two rankings have in common, where pairs of one score have no order.

To break ties by name would put the same pairs of no score among the best of both: 80 of 100 in common, of two networks
of 20 edges each that share none. So each ranking has its ties in a random order of its own, and what is counted is the
mean over these orders; two random orders still have k * k / n in common. Two rankings that are alike throughout, ties
as well, have all in common.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

AT_ONCE = 2_000_000
"""Numbers of the largest table that is held at once, kinds of ties by lengths."""


class Places(NamedTuple):
    """Where the pairs of a ranking stand.

    Attributes
    ----------
    above, tied
        (pairs,) int64: how many pairs have a higher score, and how many the same, the pair itself among them.
    """

    above: np.ndarray
    tied: np.ndarray

    @classmethod
    def of(cls, score: np.ndarray, order: np.ndarray | None = None) -> Places:
        """Return the places of scores (pairs,), the higher the better; `order`, from best to worst, if it is known."""
        down = np.argsort(-score, kind="stable") if order is None else order
        ranked, n = score[down], len(down)
        first = np.flatnonzero(np.append(True, ranked[1:] != ranked[:-1])) if n else np.zeros(0, dtype=np.int64)
        counts = np.diff(np.append(first, n))
        above, tied = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
        above[down], tied[down] = np.repeat(first, counts), np.repeat(counts, counts)
        return cls(above, tied)

    def cut_at(self, k: int) -> int:
        """Return how many pairs of one score stand on both sides of place `k`; 0 where scores tell the best k."""
        return int(((self.above < k) & (self.above + self.tied > k)).sum())


def in_common(first: Places, second: Places, ks: Sequence[int] | np.ndarray) -> np.ndarray:
    """Count the pairs among the best k of two rankings.

    Parameters
    ----------
    first, second
        Rankings of the same pairs.
    ks
        Lengths of the lists, ascending, none above the number of pairs.

    Returns
    -------
    numpy.ndarray
        float64 (lengths,): whole numbers where no list is cut within a tie, else the mean over orders of the ties.
    """
    depth = np.asarray(ks, dtype=np.int64)
    if not len(depth) or (np.array_equal(first.above, second.above) and np.array_equal(first.tied, second.tied)):
        return depth.astype(np.float64)
    above = np.maximum(first.above, second.above)
    within = above < depth[-1]
    plain = within & (first.tied == 1) & (second.tied == 1)
    arrived = np.bincount(above[plain] + 1, minlength=depth[-1] + 1)
    found: np.ndarray = np.cumsum(arrived)[depth].astype(np.float64)
    tied = within & ~plain
    kinds, times = np.unique(np.array([*first, *second])[:, tied], axis=1, return_counts=True)
    step = max(AT_ONCE // len(depth), 1)
    for start in range(0, len(times), step):
        part = kinds[:, start : start + step, None]
        shares = [np.clip((depth - above) / n, 0.0, 1.0) for above, n in (part[:2], part[2:])]
        found += times[start : start + step] @ (shares[0] * shares[1])
    return found
