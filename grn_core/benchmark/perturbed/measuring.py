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
DRAWS = 2000


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


def one_way(changes: Changes) -> tuple[np.ndarray, np.ndarray]:
    """Return pairs of TFs that were seen in one direction: places (N,) in `Changes.tfs`, the TF that changed second.

    Of these the second changed with the first, and not the other way round, though it could have: each is asked of the
    other, that is, changed with a further TF. A table says nothing of a gene that it did not measure, and which of two
    TFs was measured is no direction.
    """
    among = changes.label[:, changes.tfs] == 1
    asked = changes.asked[:, changes.tfs]
    first, second = np.nonzero(among & ~among.T & asked & asked.T)
    return first, second


def told_right(seen: np.ndarray, reverse: np.ndarray) -> np.ndarray:
    """Return for each pair 1 where the score of the seen direction is higher, and a half for a tie.

    Parameters
    ----------
    seen, reverse
        Scores of any one shape. What rounding alone tells apart, as it does in a correlation, is a tie.
    """
    tied = np.isclose(seen, reverse, rtol=ROUNDING, atol=ROUNDING)
    return np.where(tied, 0.5, seen > reverse)


def direction(changes: Changes, score: np.ndarray) -> float:
    """Share of the pairs of `one_way` whose edge has the higher score as seen; NaN for fewer than `FEWEST` pairs."""
    first, second = one_way(changes)
    if len(first) < FEWEST:
        return float("nan")
    scores = score[:, changes.tfs]
    return float(told_right(scores[first, second], scores[second, first]).mean())


def error_over_tfs(right: np.ndarray, first: np.ndarray, second: np.ndarray) -> float:
    """Standard error of a share of pairs of TFs: its deviation over `DRAWS` draws of as many TFs, with replacement.

    Pairs of one TF stand and fall together, which an error over pairs would hide, and one over seeds does not see. A
    pair counts as often as both its TFs were drawn. The draws are the same each time. Of pairs that share no TF it is
    up to twice the error over pairs: rather too wide than too narrow.

    Parameters
    ----------
    right
        (N,): the share is its mean.
    first, second
        (N,): which TFs, as numbers.
    """
    _, place = np.unique(np.concatenate([first, second]), return_inverse=True)
    n = int(place.max()) + 1
    drawn = np.random.default_rng(0).integers(n, size=(DRAWS, n))
    times = np.stack([np.bincount(one, minlength=n) for one in drawn])
    weight = times[:, place[: len(first)]] * times[:, place[len(first) :]]
    total = weight.sum(axis=1)
    return float((weight[total > 0] @ right / total[total > 0]).std(ddof=1))


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
