"""The measures of BEELINE, worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from grn_core.benchmark.metrics import beeline as metrics
from grn_core.benchmark.metrics.measures import Universe


def beeline_truth():
    return pd.DataFrame([("A", "B"), ("B", "C"), ("C", "C"), ("A", "B")], columns=["source", "target"])


def test_beeline_by_hand():
    """Six ordered pairs of A, B, C, two of them true; A->C is wrong, what is not predicted scores 0."""
    predicted = pd.DataFrame(
        [("A", "B", -0.9), ("A", "C", 0.8), ("B", "C", 0.5), ("D", "A", 5.0), ("C", "C", 1.0), ("B", "C", 0.99)],
        columns=["source", "target", "score"],
    )
    found = metrics.beeline(beeline_truth(), predicted)
    assert found.universe == Universe("all ordered pairs", 3, 3, 2, 6, 1 / 3)
    assert found.values["auprc"] == pytest.approx(0.5 * 1 + 0.5 * (1 / 2 + 2 / 3) / 2)
    assert found.values["auroc"] == pytest.approx(7 / 8)
    assert found.values["epr"] == pytest.approx((1 / 2) / (1 / 3))


@pytest.mark.parametrize(
    ("scores", "epr"),
    [
        ([("A", "B", 0.9), ("A", "C", 0.8), ("B", "C", 0.8)], (2 / 3) * 3),  # a tie at the k-th place counts whole
        ([("A", "B", 0.9)], 3.0),  # fewer predictions than edges: those there are
        ([("C", "A", 0.0)], 0.0),  # a score of 0 predicts nothing
    ],
)
def test_beeline_early_precision(scores, epr):
    predicted = pd.DataFrame(scores, columns=["source", "target", "score"])
    assert metrics.beeline(beeline_truth(), predicted).values["epr"] == pytest.approx(epr)


def test_scores_level_to_six_digits_are_level():
    """Two edges: the second place is shared by an edge and a negative that differ in the seventh digit only."""
    label, score = np.array([1.0, 1.0, 0.0, 0.0]), np.array([0.9, 0.5000001, 0.5000004, 0.1])
    assert metrics.beeline_early_precision(label, score) == pytest.approx(2 / 3)
    assert metrics.beeline_early_precision(label, score + np.array([0, 0, 1e-5, 0])) == pytest.approx(1 / 2)
