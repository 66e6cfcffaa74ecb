"""How sure AUPRC, AUROC and their curves are: measured again in draws of whole TFs.

The pairs of one TF depend on each other, so that drawing pairs would make every interval too narrow. Drawn are TFs,
each with all its pairs, with replacement (a bootstrap of clusters); networks are measured in the same draws.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from grn_core.translator.pairs import Pairs

N_DRAWS = 500
FEWEST_TFS = 5
"""With fewer TFs, draws of them say nothing of others."""
LEVEL = 0.95
GRID = np.linspace(0.0, 1.0, 101)[1:]
"""Recalls, and false positive rates, at which bands are drawn."""
AT_ONCE = 4_000_000
"""Numbers of the largest table that is held at once, draws by steps of the ranking."""


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


def draws_of(n_tfs: int, *, n_draws: int = N_DRAWS, seed: int = 0) -> np.ndarray:
    """Return how often each TF is in each draw of as many TFs with replacement, (n_draws, n_tfs)."""
    return np.random.default_rng(seed).multinomial(n_tfs, np.full(n_tfs, 1 / n_tfs), size=n_draws)


def resampled(pairs: Pairs, score: np.ndarray, times: np.ndarray) -> Resampled:
    """Measure a ranking with every TF counted as often as a draw has it.

    Parameters
    ----------
    pairs
        Labelled pairs.
    score
        (N,) the higher, the likelier an edge; ties count as one step.
    times
        (draws, TFs) how often each TF counts; TFs in the order of their positions in `pairs`.
    """
    from scipy import sparse

    tf = np.unique(pairs.source, return_inverse=True)[1]
    edge = pairs.label > 0
    ranked = -np.asarray(score, dtype=np.float64)
    steps = np.unique(ranked[edge])
    # Precision changes a sum over edges only where there are edges: a bin for each such step, and one before each.
    bins = np.searchsorted(steps, ranked, side="left") + np.searchsorted(steps, ranked, side="right")
    shape = (times.shape[1], 2 * len(steps) + 1)

    def counted(chosen: np.ndarray) -> sparse.csr_array:
        ones = np.ones(int(chosen.sum()))
        return sparse.csr_array(sparse.coo_array((ones, (tf[chosen], bins[chosen])), shape=shape))

    edges, others = counted(edge)[:, 1::2], counted(~edge)
    at_once = max(AT_ONCE // shape[1], 1)
    parts = [
        _measured(part @ edges, part @ others)
        for part in (times[start : start + at_once].astype(np.float64) for start in range(0, len(times), at_once))
    ]
    return Resampled(*(np.concatenate(own) for own in zip(*parts, strict=True)))


def interval(values: np.ndarray, *, level: float = LEVEL) -> tuple[np.ndarray, np.ndarray]:
    """Return the lower and upper end of the middle `level` of draws, (draws, ...); NaN where there are none."""
    outside = (1 - level) / 2
    low, high = np.nanquantile(values, [outside, 1 - outside], axis=0)
    return low, high


def _measured(found: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return what `Resampled` holds, of edges (draws, steps) and negatives (draws, bins) counted by their place."""
    true, until = np.cumsum(found, axis=1), np.cumsum(other, axis=1)
    false, level = until[:, 1::2], other[:, 1::2]
    n_edges, n_others = true[:, -1], until[:, -1]
    with np.errstate(invalid="ignore", divide="ignore"):
        precision = np.where(true > 0, true / (true + false), 0.0)
        auprc = (found * precision).sum(axis=1) / n_edges
        auroc = (found * (n_others[:, None] - false + level / 2)).sum(axis=1) / (n_edges * n_others)
    at_recall, at_rate = (np.full((len(true), len(GRID)), np.nan) for _ in range(2))
    for row in np.flatnonzero((n_edges > 0) & (n_others > 0)):
        reached = np.searchsorted(true[row], GRID * n_edges[row] - 1e-9)
        at_recall[row] = precision[row, reached]
        ends = [0.0, *false[row], n_others[row]], [0.0, *true[row], n_edges[row]]
        at_rate[row] = np.interp(GRID * n_others[row], *ends) / n_edges[row]
    sound = (n_edges > 0) & (n_others > 0)
    return np.where(sound, auprc, np.nan), np.where(sound, auroc, np.nan), at_recall, at_rate
