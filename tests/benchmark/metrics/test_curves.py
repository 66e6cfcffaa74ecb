"""Curves and reliability by hand."""

from __future__ import annotations

import numpy as np
import pytest

from grn_core.benchmark.metrics.curves import RECALLS, precision_at_recalls, reliability


def test_a_curve_by_hand():
    """Edge, negative, edge, negative: half of the edges at precision 1, all of them at 2/3."""
    curve = precision_at_recalls(np.array([1, 0, 1, 0]), np.array([4.0, 3.0, 2.0, 1.0]))
    assert len(curve) == len(RECALLS) == 101
    assert (curve[:51] == 1.0).all()
    assert curve[51:] == pytest.approx(2 / 3)


def test_ties_count_as_one_step():
    curve = precision_at_recalls(np.array([1, 0, 1, 0]), np.array([1.0, 1.0, 1.0, 1.0]))
    assert (curve == 0.5).all()


def test_reliability_by_hand():
    label = [np.array([1.0, 0.0]), np.array([1.0, 1.0, 0.0])]
    chance = [np.array([0.95, 0.05]), np.array([1.0, 0.31, 0.39])]
    found = reliability(label, chance)
    assert found["bin_low"].tolist() == pytest.approx([0.0, 0.3, 0.9])
    assert found["bin_high"].tolist() == pytest.approx([0.1, 0.4, 1.0])
    assert found["predicted"].tolist() == pytest.approx([0.05, 0.35, 0.975])
    assert found["observed"].tolist() == pytest.approx([0.0, 0.5, 1.0])
    assert found["pairs"].tolist() == [1, 2, 2]
    assert list(found) == ["bin_low", "bin_high", "predicted", "observed", "pairs"]


def test_reliability_of_float32_is_given_in_float64():
    found = reliability([np.array([1, 0], dtype=np.float32)], [np.array([0.55, 0.52], dtype=np.float32)])
    assert found[["predicted", "observed", "pairs"]].dtypes.tolist() == [np.float64, np.float64, np.int64]
