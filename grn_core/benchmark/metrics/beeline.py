"""The measures of BEELINE (Pratapa et al. 2020), so that its published figures can be reproduced."""

from __future__ import annotations

import numpy as np
import pandas as pd

from grn_core.benchmark.metrics.measures import Measured, universe_of
from grn_core.benchmark.metrics.ranking import area_under_roc
from grn_core.translator.pairs import Pairs
from grn_core.translator.precision import steps


def beeline(truth: pd.DataFrame, predicted: pd.DataFrame) -> Measured:
    """Measure an edge table the way BEELINE does (Pratapa et al. 2020), to compare with its published figures.

    The universe is every ordered pair of two different genes of the truth, whether they regulate anything or not; a
    pair that is not predicted scores 0; the sign of a score is ignored.

    Parameters
    ----------
    truth
        ``source``, ``target``.
    predicted
        ``source``, ``target``, ``score``; of a pair that is there twice the first row counts.

    Returns
    -------
    Measured
        ``auprc`` by trapezoids, ``auroc``, and ``epr``: among the edges not below the k-th best (all those tied with
        it, none of score 0), the share of true ones over the prevalence.

    Raises
    ------
    DataError
        As `average_precision`.
    """
    edges = truth[truth["source"] != truth["target"]]
    genes = np.unique(truth[["source", "target"]].to_numpy(dtype=str))
    source, target = np.nonzero(~np.eye(len(genes), dtype=bool))
    every = pd.MultiIndex.from_arrays([genes[source], genes[target]])
    label = every.isin(pd.MultiIndex.from_frame(edges[["source", "target"]])).astype(np.float32)
    named = predicted.drop_duplicates(["source", "target"]).set_index(["source", "target"])["score"]
    score = named.abs().reindex(every).fillna(0.0).to_numpy(dtype=np.float64)
    pairs = Pairs(source, target, label, "all ordered pairs")
    universe = universe_of(pairs)
    values = {"auprc": trapezoid_auprc(label, score), "auroc": area_under_roc(label, score)}
    values["epr"] = beeline_early_precision(label, score) / universe.prevalence
    return Measured(values, universe)


def trapezoid_auprc(label: np.ndarray, score: np.ndarray) -> float:
    """AUPRC by trapezoids between the steps, from (recall 0, precision 1): higher than average precision."""
    true, false = steps(label, score)
    return float(np.trapezoid([1.0, *true / (true + false)], [0.0, *true / true[-1]]))


def beeline_early_precision(label: np.ndarray, score: np.ndarray) -> float:
    """Share of edges among the pairs not below the k-th best, k = number of edges; ties count, scores of 0 do not."""
    rounded = np.round(np.asarray(score, dtype=np.float64), 6)
    kept = (rounded >= np.sort(rounded)[::-1][int(np.sum(label)) - 1]) & (rounded > 0)
    return float(label[kept].mean()) if kept.any() else 0.0
