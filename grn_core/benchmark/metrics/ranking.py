"""How well one list of scores ranks edges above negatives; ties count as one step, so that order never matters."""

from __future__ import annotations

import numpy as np

from grn_core.translator.precision import average_precision_of_steps, steps


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


def area_under_roc_of_steps(true: np.ndarray, false: np.ndarray) -> float:
    """`area_under_roc` from `steps`."""
    return float((np.diff(false, prepend=0.0) * (true - np.diff(true, prepend=0.0) / 2)).sum() / (true[-1] * false[-1]))


def early_precision_of_steps(true: np.ndarray, false: np.ndarray, *, k: float | None = None) -> float:
    """`early_precision` from `steps`."""
    k = float(true[-1]) if k is None else k
    return float(np.interp(k, np.append(0.0, true + false), np.append(0.0, true)) / k)
