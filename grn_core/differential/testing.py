"""How sure a difference is: p from the differences under other labellings, and Benjamini-Hochberg's q."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

Blocks = Callable[[], Iterable[np.ndarray]]
"""Returns the null in blocks of labellings, each (labellings, edges); called more than once."""
TIE = 1e-6
"""Of its size: a difference that is smaller than another by less is as large: the null is kept as float32."""

STRATUM = 500


def own_p(observed: np.ndarray, blocks: Blocks) -> np.ndarray:
    """Compare each edge with its own null.

    Parameters
    ----------
    observed
        (edges,) differences, A minus B.
    blocks
        Differences under other labellings.

    Returns
    -------
    numpy.ndarray
        (edges,) (1 + labellings with a difference as large, of either sign) / (1 + labellings): never 0 (Phipson and
        Smyth 2010).
    """
    least = np.abs(observed) * (1 - TIE)
    above, n = np.zeros(len(observed), dtype=np.int64), 0
    for block in blocks():
        above += (np.abs(block) >= least).sum(axis=0)
        n += len(block)
    return np.asarray((1 + above) / (1 + n))


def shared_p(observed: np.ndarray, blocks: Blocks, *, alike: np.ndarray | None = None) -> np.ndarray:
    """Compare each edge with the nulls of many edges together, each in units of its own spread.

    An edge's own null of 200 labellings can give no p below 1 in 201, which is no small q among thousands of edges. The
    nulls of many, as in SAM (Tusher et al. 2001), count how many edges would be expected to differ so much by chance,
    and Benjamini-Hochberg's q of these p is that number over the number found.

    Parameters
    ----------
    observed, blocks
        As of `own_p`. The spread is that over the labellings and the true one together, so that none is treated
        apart; an edge without any spread has p 1.
    alike
        (edges,) a number that no labelling changes: edges in which it is alike are compared with each other, some
        `STRATUM` of them together. By it those whose null has long tails are no measure of the others. None compares
        all with all.

    Returns
    -------
    numpy.ndarray
        (edges,) (1 + differences of any such edge under any labelling that are as large) / (1 + their number).
    """
    total, square, n = np.array(observed, dtype=np.float64), np.square(observed, dtype=np.float64), 1
    for block in blocks():
        total += block.sum(axis=0, dtype=np.float64)
        square += np.square(block, dtype=np.float64).sum(axis=0)
        n += len(block)
    middle = total / n
    spread = np.sqrt(np.maximum(square / n - middle**2, 0.0))
    varies = np.flatnonzero(spread > TIE * np.maximum(np.abs(observed), 1e-12))
    size = np.abs(observed[varies] - middle[varies]) / spread[varies] * (1 - TIE)
    strata = [varies]
    if alike is not None and len(varies) > STRATUM:
        strata = np.array_split(varies[np.argsort(alike[varies], kind="stable")], len(varies) // STRATUM)
    place = np.full(len(observed), -1)
    place[varies] = np.arange(len(varies))
    p = np.ones(len(observed))
    above, n_null = np.zeros(len(varies), dtype=np.int64), np.zeros(len(varies), dtype=np.int64)
    for block in blocks():
        null = np.abs(block[:, varies] - middle[varies]) / spread[varies]
        for stratum in strata:
            own = place[stratum]
            sorted_null = np.sort(null[:, own], axis=None)
            above[own] += len(sorted_null) - np.searchsorted(sorted_null, size[own], side="left")
            n_null[own] += len(sorted_null)
    p[varies] = (1 + above) / (1 + n_null)
    return p


def overall(observed: np.ndarray, blocks: Blocks) -> tuple[float, np.ndarray]:
    """Return how rarely other labellings make the edges together differ as much, and how far they make each differ.

    Together they differ by the mean of their squared differences. Of each edge, (edges,), the size is the root of the
    mean square: the uncertainty of its difference, as far as labels tell it.
    """
    least, above, n = float(np.mean(np.square(observed, dtype=np.float64))) * (1 - TIE), 0, 0
    total = np.zeros(len(observed))
    for block in blocks():
        square = np.square(block, dtype=np.float64)
        above += int((square.mean(axis=1) >= least).sum())
        total += square.sum(axis=0)
        n += len(block)
    return (1 + above) / (1 + n), np.sqrt(total / max(n, 1))


def adjusted(p: np.ndarray) -> np.ndarray:
    """Return Benjamini-Hochberg's q of all p together."""
    from scipy import stats

    return np.asarray(stats.false_discovery_control(p)) if len(p) else p
