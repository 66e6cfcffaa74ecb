"""How a ranking of genes foretells what changed when TFs were perturbed.

Of every TF the genes that changed with another TF are ranked, but itself. The changes are total: what a TF changes
through other genes is among them.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from grn_core.benchmark.metrics.ranking import early_precision
from grn_core.benchmark.perturbed.tables import Changes
from grn_core.translator.precision import average_precision_of_steps, steps

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
    """Share of pairs of TFs whose edge has the higher score in the direction that was seen; NaN if there is no pair.

    Pairs of which one TF changed with the other, and not the other way round; a tie counts one half.
    """
    among = changes.label[:, changes.tfs] == 1
    one_way = among & ~among.T
    scores = score[:, changes.tfs]
    return float(((scores > scores.T) + 0.5 * (scores == scores.T))[one_way].mean()) if one_way.any() else float("nan")


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
