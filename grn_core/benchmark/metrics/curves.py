"""Curves and reliability of one ranking, small enough to be kept for every row of a table."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from grn_core.translator.precision import steps

RECALLS = np.linspace(0.0, 1.0, 101)
BINS = np.linspace(0.0, 1.0, 11)


def precision_at_recalls(label: np.ndarray, score: np.ndarray) -> np.ndarray:
    """Precision at the first step that reaches each of `RECALLS` (101,); at recall 0 that of the best step.

    Parameters
    ----------
    label
        (N,) 1 = edge, 0 = not.
    score
        (N,) the higher, the more likely an edge.
    """
    true, false = steps(label, score)
    reached = np.searchsorted(true / true[-1], RECALLS - 1e-12)
    return np.asarray((true / (true + false))[reached])


def reliability(label: Sequence[np.ndarray], probability: Sequence[np.ndarray]) -> pd.DataFrame:
    """Probabilities in ten bins of equal width, all seeds together.

    Returns
    -------
    DataFrame
        ``bin_low``, ``bin_high``, ``predicted`` (mean probability), ``observed`` (share of edges), ``pairs``; bins
        without a pair are absent. Pairs are counted once a seed.
    """
    truth, predicted = np.concatenate(label), np.concatenate(probability)
    number = np.minimum((predicted * 10).astype(int), 9)
    n_bins = len(BINS) - 1
    pairs = np.bincount(number, minlength=n_bins)
    there = np.flatnonzero(pairs)
    mean = {
        name: np.bincount(number, weights=values, minlength=n_bins)[there] / pairs[there]
        for name, values in (("predicted", predicted), ("observed", truth))
    }
    return pd.DataFrame({"bin_low": BINS[there], "bin_high": BINS[there + 1], **mean, "pairs": pairs[there]})
