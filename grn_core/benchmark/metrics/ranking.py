"""How well one list of scores ranks edges above negatives; ties count as one step, so that order never matters."""

from __future__ import annotations

import numpy as np

from grn_core.errors import DataError


def average_precision(label: np.ndarray, score: np.ndarray, *, negative_weight: float = 1.0) -> float:
    """AUPRC as average precision: the mean, over the edges, of the precision where each is found.

    Parameters
    ----------
    label
        (N,) 1 = edge, 0 = not.
    score
        (N,) the higher, the more likely an edge.
    negative_weight
        How many negatives each one stands for, where they are a sample: gives the AUPRC at the natural prevalence.

    Raises
    ------
    DataError
        If there are no edges or no negatives, or a score is not a number.
    """
    return average_precision_of_steps(*steps(label, score, negative_weight))


def area_under_roc(label: np.ndarray, score: np.ndarray) -> float:
    """AUROC: the chance that an edge scores above a negative, ties counting half. Parameters as above."""
    return area_under_roc_of_steps(*steps(label, score))


def early_precision(
    label: np.ndarray, score: np.ndarray, *, negative_weight: float = 1.0, k: float | None = None
) -> float:
    """Precision among the best k pairs, the number of edges if None; where k cuts through a tie, its expected value."""
    return early_precision_of_steps(*steps(label, score, negative_weight), k=k)


def average_precision_of_steps(true: np.ndarray, false: np.ndarray) -> float:
    """`average_precision` from `steps`; for thousands of short rankings scikit-learn takes 40 times as long."""
    return float((np.diff(true, prepend=0.0) * true / (true + false)).sum() / true[-1])


def area_under_roc_of_steps(true: np.ndarray, false: np.ndarray) -> float:
    """`area_under_roc` from `steps`."""
    return float((np.diff(false, prepend=0.0) * (true - np.diff(true, prepend=0.0) / 2)).sum() / (true[-1] * false[-1]))


def early_precision_of_steps(true: np.ndarray, false: np.ndarray, *, k: float | None = None) -> float:
    """`early_precision` from `steps`."""
    k = float(true[-1]) if k is None else k
    return float(np.interp(k, np.append(0.0, true + false), np.append(0.0, true)) / k)


def steps(label: np.ndarray, score: np.ndarray, negative_weight: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Edges and negatives found down to each distinct score, best first; parameters as of `average_precision`."""
    check_ranking(label, score)
    label, score = np.asarray(label, dtype=np.float64), np.asarray(score, dtype=np.float64)
    order = np.argsort(-score)  # ties are one step: their order changes nothing
    ends = np.append(np.flatnonzero(np.diff(score[order])), len(score) - 1)
    true = np.cumsum(label[order])[ends]
    return true, negative_weight * (ends + 1 - true)


def check_ranking(label: np.ndarray, score: np.ndarray) -> None:
    """Refuse a ranking that says nothing; `DataError` as of `average_precision`."""
    label, score = np.asarray(label, dtype=np.float64), np.asarray(score, dtype=np.float64)
    if not np.isfinite(score).all():
        message = f"{int((~np.isfinite(score)).sum())} of {len(score)} scores are not numbers"
        raise DataError(message, needed="a finite score for every pair")
    if not 0 < label.sum() < len(label):
        message = f"{int(label.sum())} of {len(label)} pairs are edges"
        raise DataError(message, needed="at least one edge and one negative", todo="measure on other pairs")
