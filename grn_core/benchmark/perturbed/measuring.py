"""How a ranking of genes foretells what changed when TFs were perturbed.

Of every TF the genes that changed with another TF are ranked, but itself. The changes are total: what a TF changes
through other genes is among them.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from grn_core.benchmark.metrics.ranking import early_precision
from grn_core.benchmark.perturbed.tables import FEWEST, Changes
from grn_core.translator.precision import average_precision_of_steps, steps

ROUNDING = 1e-6
"""Scores that differ by less, absolutely or in part, are the same."""
EARLY = 100
"""Genes of a TF whose share of changed ones is the early precision."""


def rankings(changes: Changes, score: np.ndarray) -> np.ndarray:
    """Measure how the genes of each TF are ranked.

    Parameters
    ----------
    changes
        What changed.
    score
        (T, G): the higher, the likelier a gene changes with the TF.

    Returns
    -------
    ndarray
        (T, 3): of each TF AUPRC, share of changed genes among the first `EARLY`, and among all: what a guess gets.
    """
    found = []
    for asked, label, own in zip(changes.asked, changes.label, score, strict=True):
        truth, said = label[asked], own[asked].astype(np.float64)
        early = early_precision(truth, said, k=min(EARLY, len(truth)))
        found.append((average_precision_of_steps(*steps(truth, said)), early, truth.mean()))
    return np.array(found)


def ranking_measures(each: np.ndarray) -> dict[str, float]:
    """Means over TFs of `rankings`: AUPRC, the same over what a guess gets, and of the first genes."""
    auprc, early, share = each.T
    return {
        "auprc_per_tf": float(auprc.mean()),
        "prevalence_per_tf": float(share.mean()),
        "auprc_ratio_per_tf": float((auprc / share).mean()),
        "epr_per_tf": float((early / share).mean()),
    }


def direction(changes: Changes, score: np.ndarray) -> float:
    """Share of pairs of TFs whose edge has the higher score in the direction that was seen.

    Pairs of which one TF changed with the other, and not the other way round, though it could have: each is asked of
    the other, that is, changed with a further TF. A table says nothing of a gene that it did not measure, and which of
    two TFs was measured is no direction. A tie counts one half, also where rounding alone tells the two apart, as it
    does in a correlation; NaN if there are fewer than `FEWEST` pairs.
    """
    among = changes.label[:, changes.tfs] == 1
    asked = changes.asked[:, changes.tfs]
    one_way = among & ~among.T & asked & asked.T
    if one_way.sum() < FEWEST:
        return float("nan")
    scores = score[:, changes.tfs]
    tied = np.isclose(scores, scores.T, rtol=ROUNDING, atol=ROUNDING)
    return float(np.where(tied, 0.5, scores > scores.T)[one_way].mean())


def sign_measures(changes: Changes, sign: np.ndarray | None) -> Mapping[str, float]:
    """Shares of genes whose sign is right: of all, mean of activations and repressions; and of the commoner sign."""
    signed = changes.sign != 0
    if sign is None or len(np.unique(changes.sign[signed])) < 2:
        return {}
    right = sign[signed] == changes.sign[signed]
    up = changes.sign[signed] > 0
    return {
        "sign_accuracy": float(right.mean()),
        "sign_majority": float(max(up.mean(), 1 - up.mean())),
        "sign_balanced": float((right[up].mean() + right[~up].mean()) / 2),
        "n_signed": int(signed.sum()),
    }
