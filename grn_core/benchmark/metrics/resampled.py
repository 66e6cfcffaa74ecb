"""How sure AUPRC, AUROC and their curves are: measured again in draws of whole TFs.

The pairs of one TF depend on each other, so that drawing pairs would make every interval too narrow. Drawn are TFs,
each with all its pairs, with replacement (a bootstrap of clusters); networks are measured in the same draws.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from grn_core.benchmark.metrics.draws import N_DRAWS
from grn_core.progress import unheard
from grn_core.translator.pairs import Pairs

FEWEST_TFS = 5
"""With fewer TFs, draws of them say nothing of others."""
LEVEL = 0.95
GRID = np.linspace(0.0, 1.0, 101)[1:]
"""Recalls, and false positive rates, at which bands are drawn."""
AT_ONCE = 500_000
"""Numbers of the largest table that is held at once, draws by steps of the ranking."""
A_SECOND, OF_AN_EDGE = 4_000_000, 140
"""Pairs of which `N_DRAWS` draws take about a second on one core, where an edge takes as long as so many pairs."""


@dataclass(frozen=True, eq=False)
class Resampled:
    """One ranking, measured in every draw.

    Attributes
    ----------
    auprc, auroc
        (draws,); NaN in a draw without an edge or a negative.
    precision, recall
        (draws, len(GRID)): precision where each recall is reached, and recall at each false positive rate.
    """

    auprc: np.ndarray
    auroc: np.ndarray
    precision: np.ndarray
    recall: np.ndarray

    def in_one(self) -> np.ndarray:
        """Return all of it as one array, a row a draw, to be kept; `of_one` is the way back."""
        return np.column_stack([self.auprc, self.auroc, self.precision, self.recall])

    @classmethod
    def of_one(cls, array: np.ndarray) -> Resampled:
        """Read what `in_one` returned."""
        return cls(array[:, 0], array[:, 1], array[:, 2 : 2 + len(GRID)], array[:, 2 + len(GRID) :])


def draws_of(n_tfs: int, *, n_draws: int = N_DRAWS, seed: int = 0) -> np.ndarray:
    """Return how often each TF is in each draw of as many TFs with replacement, (n_draws, n_tfs)."""
    return np.random.default_rng(seed).multinomial(n_tfs, np.full(n_tfs, 1 / n_tfs), size=n_draws)


def seconds_of_draws(pairs: Pairs, *, n_networks: int, n_draws: int = N_DRAWS) -> float:
    """Return about how many seconds the intervals of so many networks take on one core."""
    work = n_networks * (len(pairs) + OF_AN_EDGE * int((pairs.label > 0).sum()))
    return work / A_SECOND * n_draws / N_DRAWS


def resampled(
    pairs: Pairs, score: np.ndarray, times: np.ndarray, *, told: Callable[[int], object] = unheard
) -> Resampled:
    """Measure a ranking with every TF counted as often as a draw has it.

    Parameters
    ----------
    pairs
        Labelled pairs.
    score
        (N,) the higher, the likelier an edge; ties count as one step.
    times
        (draws, TFs) how often each TF counts; TFs in the order of their positions in `pairs`.
    told
        Called with the number of draws that are done; may raise `Cancelled`.
    """
    from scipy import sparse

    codes, tf = np.unique(pairs.source, return_inverse=True)
    edge = pairs.label > 0
    ranked = -np.asarray(score, dtype=np.float64)
    steps = np.unique(ranked[edge])
    # Precision changes a sum over edges only where there are edges: a bin for each such step, and one before each.
    before = np.searchsorted(steps, ranked)
    bins = 2 * before + (steps[np.minimum(before, len(steps) - 1)] == ranked)
    shape = (2 * len(steps) + 1, len(codes))

    def counted(chosen: np.ndarray) -> sparse.csr_array:
        ones = np.ones(int(chosen.sum()))
        return sparse.csr_array(sparse.coo_array((ones, (bins[chosen], tf[chosen])), shape=shape))

    edges, others = counted(edge)[1::2], counted(~edge)
    at_once = max(AT_ONCE // shape[0], 1)
    parts = []
    for start in range(0, len(times), at_once):
        told(start)
        part = times[start : start + at_once].T.astype(np.float64)
        parts.append(_measured(edges @ part, others @ part))
    told(len(times))
    return Resampled(*(np.concatenate(own) for own in zip(*parts, strict=True)))


def interval(values: np.ndarray, *, level: float = LEVEL) -> tuple[np.ndarray, np.ndarray]:
    """Return the lower and upper end of the middle `level` of draws, (draws, ...); NaN where there are none."""
    outside = (1 - level) / 2
    low, high = np.nanquantile(values, [outside, 1 - outside], axis=0)
    return low, high


def _measured(found: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return what `Resampled` holds, of edges (steps, draws) and negatives (bins, draws) counted by their place."""
    true, until = np.cumsum(found, axis=0), np.cumsum(other, axis=0)
    false, level = until[1::2], other[1::2]
    n_edges, n_others = true[-1], until[-1]
    precision = np.divide(true, true + false, out=np.zeros_like(true), where=true > 0)
    above = n_others - false + level / 2
    with np.errstate(invalid="ignore", divide="ignore"):
        auprc = np.einsum("sd,sd->d", found, precision) / n_edges
        auroc = np.einsum("sd,sd->d", found, above) / (n_edges * n_others)
    sound = np.flatnonzero((n_edges > 0) & (n_others > 0))
    at_recall, at_rate = (np.full((len(n_edges), len(GRID)), np.nan) for _ in range(2))
    # One row a draw, both with the ends of a ROC curve: what is searched lies in one piece.
    rows = np.zeros((2, len(n_edges), len(true) + 2))
    rows[:, :, 1:-1] = true.T, false.T
    rows[:, :, -1] = n_edges, n_others
    for draw in sound:
        reached, wrong = rows[:, draw]
        at_recall[draw] = precision[np.searchsorted(reached[1:-1], GRID * n_edges[draw] - 1e-9), draw]
        at_rate[draw] = np.interp(GRID * n_others[draw], wrong, reached) / n_edges[draw]
    unsound = np.setdiff1d(np.arange(len(n_edges)), sound)
    auprc[unsound] = auroc[unsound] = np.nan
    return auprc, auroc, at_recall, at_rate
