"""Logistic regression with a ridge penalty: what the terms of an ensemble make log-odds by."""

from __future__ import annotations

import numpy as np

STEPS, SMALL = 25, 1e-8
"""Steps of Newton's method at most, and the step that ends it."""


def logistic(x: np.ndarray, edges: np.ndarray, pairs: np.ndarray | float, ridge: np.ndarray) -> np.ndarray:
    """Fit weights by Newton's method.

    Parameters
    ----------
    x
        (N, D): what is known of each; a column of ones for a constant.
    edges, pairs
        (N,): how many of so many pairs are edges; `pairs` may be one number for all.
    ridge
        (D,) penalties on the squares of the weights.

    Returns
    -------
    ndarray
        Weights (D,): ``x @ weights`` are log-odds.
    """
    weights = np.zeros(x.shape[1])
    for _ in range(STEPS):
        chance = 1.0 / (1.0 + np.exp(-np.clip(x @ weights, -30.0, 30.0)))
        slope = x.T @ (edges - pairs * chance) - ridge * weights
        curve = (x * (pairs * chance * (1.0 - chance))[:, None]).T @ x + np.diag(ridge)
        step = np.linalg.solve(curve, slope)
        weights += step
        if np.abs(step).max() < SMALL:
            break
    return weights


def cross_entropy(logits: np.ndarray, edges: np.ndarray, pairs: np.ndarray | float = 1.0) -> float:
    """Sum over all pairs of the cross-entropy of log-odds (N,), of `edges` edges among `pairs` pairs each."""
    return float(np.sum(pairs * np.logaddexp(0.0, logits) - edges * logits))
