"""Measures of one ranking: worked out by hand, and as loops that follow their definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from grn_core.benchmark.metrics.beeline import beeline_early_precision, trapezoid_auprc
from grn_core.benchmark.metrics.ranking import area_under_roc, average_precision, early_precision
from grn_core.errors import DataError
from grn_core.translator.precision import steps
from tests.benchmark.metrics.rankings import (
    rankings,
    slow_area_under_roc,
    slow_average_precision,
    slow_beeline_early_precision,
    slow_early_precision,
    slow_trapezoid,
)

EVERY = (average_precision, area_under_roc, early_precision, trapezoid_auprc, beeline_early_precision)
WEIGHTS = st.sampled_from([0.25, 1.0, 2.5, 7.0, 40.0])


def test_a_ranking_by_hand():
    """Edge, negative, edge, negative from the best down."""
    label, score = np.array([1, 0, 1, 0]), np.array([4.0, 3.0, 2.0, 1.0])
    assert average_precision(label, score) == pytest.approx((1 + 2 / 3) / 2)
    assert area_under_roc(label, score) == pytest.approx(3 / 4)
    assert early_precision(label, score) == pytest.approx(1 / 2)
    assert trapezoid_auprc(label, score) == pytest.approx(0.5 * 1 + 0.5 * (1 / 2 + 2 / 3) / 2)


def test_weights_by_hand():
    """The same, a negative standing for three: precision 1 and 2/5; two places hold the edge and one third of one."""
    label, score = np.array([1, 0, 1, 0]), np.array([4.0, 3.0, 2.0, 1.0])
    assert average_precision(label, score, negative_weight=3.0) == pytest.approx((1 + 2 / 5) / 2)
    assert early_precision(label, score, negative_weight=3.0) == pytest.approx(1 / 2)
    true, false = steps(label, score, 3.0)
    assert true.tolist() == [1, 1, 2, 2]
    assert false.tolist() == [0, 3, 3, 6]


def test_a_tie_of_unequal_weights_is_shared_out_by_weight():
    """k = 2: one edge on top, then a tie of one edge and a negative that stands for three: a quarter of one place."""
    label, score = np.array([1, 1, 0]), np.array([2.0, 1.0, 1.0])
    assert early_precision(label, score, negative_weight=3.0) == pytest.approx((1 + 1 / 4) / 2)
    assert average_precision(label, score, negative_weight=3.0) == pytest.approx((1 + 2 / 5) / 2)


def test_ties_are_shared_out():
    """k = 2: one edge on top, then a tie of one edge and two negatives, of which one place is left."""
    label, score = np.array([1, 1, 0, 0]), np.array([2.0, 1.0, 1.0, 1.0])
    assert early_precision(label, score) == pytest.approx((1 + 1 / 3) / 2)
    same = np.ones(4)
    assert average_precision(label, same) == pytest.approx(0.5)
    assert area_under_roc(label, same) == pytest.approx(0.5)
    assert early_precision(label, same) == pytest.approx(0.5)


@given(rankings(), WEIGHTS)
def test_average_precision_and_early_precision_are_those_of_their_definitions(ranking, weight):
    label, score = ranking
    expected = slow_average_precision(label, score, weight)
    assert average_precision(label, score, negative_weight=weight) == pytest.approx(expected)
    found = early_precision(label, score, negative_weight=weight)
    assert found == pytest.approx(slow_early_precision(label, score, weight))


@given(rankings())
def test_the_other_measures_are_those_of_their_definitions(ranking):
    label, score = ranking
    assert area_under_roc(label, score) == pytest.approx(slow_area_under_roc(label, score))
    assert trapezoid_auprc(label, score) == pytest.approx(slow_trapezoid(label, score))
    assert beeline_early_precision(label, score) == pytest.approx(slow_beeline_early_precision(label, score))


@given(rankings(), WEIGHTS)
def test_they_are_those_of_scikit_learn(ranking, weight):
    label, score = ranking
    weights = np.where(label > 0, 1.0, weight)
    assert average_precision(label, score, negative_weight=weight) == pytest.approx(
        average_precision_score(label, score, sample_weight=weights)
    )
    assert area_under_roc(label, score) == pytest.approx(roc_auc_score(label, score))


@given(rankings(), st.integers(1, 4))
def test_a_weight_is_as_many_copies_of_every_negative(ranking, weight):
    label, score = ranking
    copies = np.repeat(np.arange(len(label)), np.where(label > 0, 1, weight))
    for one in (average_precision, early_precision):
        assert one(label, score, negative_weight=weight) == pytest.approx(one(label[copies], score[copies]))


@given(rankings(), st.randoms())
def test_the_order_of_pairs_changes_nothing(ranking, random):
    label, score = ranking
    order = list(range(len(label)))
    random.shuffle(order)
    for one in EVERY:
        assert one(label[order], score[order]) == pytest.approx(one(label, score))


@given(rankings())
def test_only_the_order_of_scores_counts(ranking):
    """Any rising function of the scores gives the same, but to BEELINE's cut at 0."""
    label, score = ranking
    for one in EVERY[:-1]:
        assert one(label, np.exp(score) * 3.0 - 50.0) == pytest.approx(one(label, score))


@given(rankings())
def test_scores_turned_round_turn_the_roc_round(ranking):
    label, score = ranking
    assert area_under_roc(label, -score) == pytest.approx(1.0 - area_under_roc(label, score))


@pytest.mark.parametrize("measure", [average_precision, area_under_roc, early_precision, trapezoid_auprc])
@pytest.mark.parametrize(
    ("label", "score", "said"),
    [
        ([1, 1], [1.0, 2.0], "2 of 2 pairs are edges; needed: at least one edge and one negative; what to do: measure"),
        ([0, 0], [1.0, 2.0], "0 of 2 pairs are edges; needed: at least one edge and one negative; what to do: measure"),
        ([1, 0], [1.0, np.nan], "1 of 2 scores are not numbers; needed: a finite score for every pair"),
        ([1, 0, 1], [np.inf, np.nan, 1.0], "2 of 3 scores are not numbers"),
    ],
)
def test_rankings_that_say_nothing(measure, label, score, said):
    with pytest.raises(DataError, match=said):
        measure(np.array(label), np.array(score))
