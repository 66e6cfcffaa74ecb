"""When a response has a sign: what is flat or cancels has none, and turning it upside down turns the sign alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from grn_core.networks.signs import ROUNDING, noise, score_signs, slope_signs

LEVELS = np.linspace(-2.0, 4.0, 8)
SPAN = 6.0
NUMBERS = st.floats(-50, 50, width=32)


def signs(*rows, levels=LEVELS, reach=SPAN):
    sign, agreement = slope_signs(np.array(rows, dtype=np.float32), levels, reach=reach)
    return sign.tolist(), agreement.tolist()


def test_flat_and_cancelling_curves_have_no_sign():
    hump = [1, 1, 1, 1, -1, -1, -1, -1]
    assert signs([0] * 8, hump, [0.1] * 8, [-0.1] * 8) == ([0, 0, 1, -1], [0, 0, 1, 1])


def test_a_still_point_agrees_with_neither_direction():
    late = [0, 0, 0, 0, 0, 0, 1, 1]
    assert signs(late, [-slope for slope in late]) == ([1, -1], [0.25, 0.25])


def test_rounding_is_no_response():
    """Below, on and above what moves the target by the noise over the whole grid."""
    least = noise(LEVELS) / SPAN
    assert noise(LEVELS) == ROUNDING * 4
    assert slope_signs(np.full((1, 8), least), LEVELS, reach=SPAN)[0] == [0]
    assert slope_signs(np.full((1, 8), 1.001 * least), LEVELS, reach=SPAN)[0] == [1]
    assert slope_signs(np.full((1, 8), -1.001 * least), LEVELS, reach=SPAN)[0] == [-1]
    bins = np.linspace(0, 50, 8)  # a model whose outputs reach 50 leaves more
    assert slope_signs(np.full((1, 8), 1.001 * least), bins, reach=50.0)[0] == [0]


def test_parts_that_cancel_but_for_rounding_have_no_sign():
    almost = [1, 1, 1, 1, -1, -1, -1, -1 + 1e-7]
    clearly = [1, 1, 1, 1, -1, -1, -1, -1 + 1e-4]
    assert slope_signs(np.array([almost, clearly]), LEVELS, reach=SPAN)[0].tolist() == [0, 1]


def test_a_pair_has_the_sign_that_it_has_alone():
    """However strong the others are."""
    slopes = np.array([[1e-2] * 8, [-100.0] * 8, [1e-2] * 4 + [-1e-2] * 4, [0.0] * 7 + [1e-3]])
    together = slope_signs(slopes, LEVELS, reach=SPAN)
    alone = [slope_signs(one[None], LEVELS, reach=SPAN) for one in slopes]
    assert together[0].tolist() == [int(sign[0]) for sign, _ in alone] == [1, -1, 0, 1]
    assert together[1].tolist() == [float(agreement[0]) for _, agreement in alone]


def test_float32_loses_nothing():
    """Squares of these are beyond float32 on either side."""
    large = np.array([[3e30, -2e30], [-3e30, 2e30]], dtype=np.float32)
    assert slope_signs(large, (0.0, 1.0), reach=1.0)[0].tolist() == [1, -1]
    small = np.array([[3e-30, -2e-30]], dtype=np.float32)
    assert slope_signs(small, (0.0, 1e-30), reach=1.0)[0].tolist() == [1]


def test_signs_are_kept_in_small_numbers():
    sign, agreement = slope_signs(np.ones((2, 8), dtype=np.float32), LEVELS, reach=SPAN)
    assert (sign.dtype, agreement.dtype) == (np.int8, np.float32)
    assert score_signs(np.array([0.5, 0.0])).dtype == np.int8


@given(arrays(np.float32, (4, 8), elements=NUMBERS), st.permutations(range(8)))
def test_laws(slopes, order):
    sign, agreement = slope_signs(slopes, LEVELS, reach=SPAN)
    turned, same = slope_signs(-slopes, LEVELS, reach=SPAN)
    np.testing.assert_array_equal(turned, -sign)
    np.testing.assert_array_equal(same, agreement)
    assert (agreement[sign == 0] == 0).all()
    assert (agreement[sign != 0] >= 1 / 8).all()
    moved = slope_signs(slopes[:, order], LEVELS, reach=SPAN)
    weighted = (slopes.astype(float) * np.abs(slopes)).sum(axis=1)
    clear = np.abs(weighted) > 1e-3
    np.testing.assert_array_equal(sign[clear], np.sign(weighted)[clear])
    np.testing.assert_array_equal(moved[0][clear], sign[clear])


@pytest.mark.parametrize(("score", "sign"), [(0.0, 0), (1e-9, 0), (-1e-9, 0), (2e-9, 1), (-2e-9, -1), (0.3, 1)])
def test_a_correlation_that_is_rounding_has_no_sign(score, sign):
    assert score_signs(np.array([score])).tolist() == [sign]
