"""Logistic regression of the terms: that of a library, and what pairs that are counted together change."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from grn_core.translator.logistic import cross_entropy, logistic


@pytest.fixture
def drawn() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 3))
    return np.column_stack([x, np.ones(60)]), (x @ [1.0, -2.0, 0.0] + rng.logistic(size=60) > 0).astype(float)


def test_weights_are_those_of_another_solver(drawn):
    x, label = drawn
    found = logistic(x, label, 1.0, np.full(4, 2.0))
    other = LogisticRegression(C=0.5, fit_intercept=False, tol=1e-10, max_iter=10_000).fit(x, label)
    assert found == pytest.approx(other.coef_[0], abs=1e-5)


def test_pairs_may_be_counted_together(drawn):
    x, label = drawn
    ridge = np.array([3.0, 3.0, 3.0, 1e-3])
    twice = logistic(np.repeat(x, 2, axis=0), np.column_stack([label, 1 - label]).ravel(), 1.0, ridge)
    assert logistic(x, np.ones(60), np.full(60, 2.0), ridge) == pytest.approx(twice, abs=1e-6)


def test_no_weights_lose_less_than_those_found(drawn):
    x, label = drawn
    ridge = np.full(4, 0.7)

    def loss(weights: np.ndarray) -> float:
        return cross_entropy(x @ weights, label) + 0.5 * float(ridge @ weights**2)

    found = logistic(x, label, 1.0, ridge)
    for step in np.vstack([np.eye(4), -np.eye(4)]) * 0.01:
        assert loss(found) < loss(found + step)
