"""Readings of hand-made curves over the levels 0 .. 7; every expected number is worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from grn_core.errors import DataError
from grn_core.networks import read_edge

GRID = np.arange(8.0)
STEP = np.array([0, 0, 0, 4, 8, 10, 10, 10.0])
STEP_SLOPE = np.array([0, 0, 2, 4, 3, 1, 0, 0.0])


def test_a_step_up():
    reading = read_edge(STEP, STEP_SLOPE, GRID)
    assert reading.response_range == 10
    assert reading.threshold == pytest.approx(2.25)  # band 0 +- 1, crossed a quarter of the way from 2 (0) to 3 (4)
    assert reading.saturation == pytest.approx(4.5)  # band 10 +- 1, entered half way from 4 (8) to 5 (10)
    assert reading.monotonicity == 1
    assert (reading.peak_slope, reading.peak_level) == (4, 3)
    # Steps 1 to 2 and 5 to 6: the response is still, the mean slope is not. The first and the last step do not count.
    assert reading.slope_agreement == pytest.approx(3 / 5)


def test_the_mirror_image_falls():
    reading = read_edge(-STEP, -STEP_SLOPE, GRID)
    assert reading.threshold == pytest.approx(2.25)
    assert reading.saturation == pytest.approx(4.5)
    assert reading.monotonicity == -1
    assert (reading.peak_slope, reading.peak_level) == (-4, 3)


def test_a_straight_line_does_not_saturate():
    reading = read_edge(GRID * 2, np.full(8, 2.0), GRID)
    assert reading.threshold == pytest.approx(0.7)
    assert reading.saturation is None
    assert reading.slope_agreement == 1


def test_a_hump_comes_back():
    hump = np.array([0, 1, 2, 3, 3, 2, 1, 0.0])
    reading = read_edge(hump, np.array([1, 1, 1, 0.5, -0.5, -1, -1, -1.0]), GRID)
    assert reading.monotonicity == 0
    assert reading.threshold == pytest.approx(0.3)
    assert reading.saturation is None
    assert (reading.peak_slope, reading.peak_level) == (1, 0)
    assert reading.slope_agreement == 1


def test_curves_that_contradict_each_other():
    assert read_edge(GRID, -np.ones(8), GRID).slope_agreement == 0


def test_a_flat_response():
    reading = read_edge(np.zeros(8), np.zeros(8), GRID)
    assert reading.response_range == 0
    assert (reading.threshold, reading.saturation, reading.monotonicity, reading.slope_agreement) == (None,) * 4


def test_uneven_levels():
    grid = np.array([-2.0, 0.0, 1.0, 5.0])
    reading = read_edge(np.array([0.0, 0.0, 5.0, 10.0]), np.array([0.0, 5.0, 1.0, 1.0]), grid)
    assert reading.threshold == pytest.approx(0.2)
    assert reading.saturation is None
    assert (reading.peak_slope, reading.peak_level) == (5, 0)


curves = arrays(np.float64, 8, elements=st.floats(-5, 5).map(lambda value: round(value, 3)))


@given(curves, curves)
def test_laws(curve, slope):
    one, turned = read_edge(curve, slope, GRID), read_edge(-curve, -slope, GRID)
    shifted = read_edge(curve, slope, GRID + 10)
    assert one.threshold == turned.threshold
    assert one.saturation == turned.saturation
    assert one.slope_agreement == turned.slope_agreement
    if one.threshold is not None:
        assert 0 <= one.threshold <= 7
        assert -1 - 1e-12 <= one.monotonicity <= 1 + 1e-12
        assert shifted.threshold == pytest.approx(one.threshold + 10)
    if one.saturation is not None:
        assert one.saturation <= 6


@pytest.mark.parametrize(
    ("response", "grid"),
    [(np.zeros(7), GRID), (np.full(8, np.nan), GRID), (np.zeros(8), GRID[::-1])],
    ids=["length", "nan", "falling levels"],
)
def test_bad_curves(response, grid):
    with pytest.raises(DataError):
        read_edge(response, np.zeros(8), grid)
