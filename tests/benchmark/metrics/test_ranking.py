"""Measures, worked out by hand and compared with scikit-learn."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import auc, average_precision_score, precision_recall_curve, roc_auc_score

from grn_core.benchmark.metrics import ranking as metrics
from grn_core.errors import DataError
from grn_core.translator.pairs import Pairs


@st.composite
def rankings(draw):
    """Labels of both kinds, and scores with many ties."""
    label = [1, 0, *draw(st.lists(st.integers(0, 1), max_size=30))]
    score = draw(st.lists(st.integers(-4, 4), min_size=len(label), max_size=len(label)))
    return np.array(label, dtype=np.float32), np.array(score, dtype=float)


def test_a_ranking_by_hand():
    """Edge, negative, edge, negative from the best down."""
    label, score = np.array([1, 0, 1, 0]), np.array([4.0, 3.0, 2.0, 1.0])
    assert metrics.average_precision(label, score) == pytest.approx((1 + 2 / 3) / 2)
    assert metrics.area_under_roc(label, score) == pytest.approx(3 / 4)
    assert metrics.early_precision(label, score) == pytest.approx(1 / 2)
    assert metrics.trapezoid_auprc(label, score) == pytest.approx(0.5 * 1 + 0.5 * (1 / 2 + 2 / 3) / 2)


def test_ties_are_shared_out():
    """k = 2: one edge on top, then a tie of one edge and two negatives, of which one place is left."""
    label, score = np.array([1, 1, 0, 0]), np.array([2.0, 1.0, 1.0, 1.0])
    assert metrics.early_precision(label, score) == pytest.approx((1 + 1 / 3) / 2)
    same = np.ones(4)
    assert metrics.average_precision(label, same) == pytest.approx(0.5)
    assert metrics.area_under_roc(label, same) == pytest.approx(0.5)
    assert metrics.early_precision(label, same) == pytest.approx(0.5)


@given(rankings())
def test_measures_agree_with_scikit_learn(ranking):
    label, score = ranking
    assert metrics.average_precision(label, score) == pytest.approx(average_precision_score(label, score))
    assert metrics.area_under_roc(label, score) == pytest.approx(roc_auc_score(label, score))
    precision, recall, _ = precision_recall_curve(label, score)
    assert metrics.trapezoid_auprc(label, score) == pytest.approx(auc(recall, precision))


@given(rankings(), st.integers(1, 4))
def test_a_weight_is_as_many_copies_of_every_non_edge(ranking, weight):
    label, score = ranking
    copies = np.repeat(np.arange(len(label)), np.where(label > 0, 1, weight))
    for one in (metrics.average_precision, metrics.early_precision):
        assert one(label, score, negative_weight=weight) == pytest.approx(one(label[copies], score[copies]))


@given(rankings(), st.randoms())
def test_the_order_of_pairs_changes_nothing(ranking, random):
    label, score = ranking
    order = list(range(len(label)))
    random.shuffle(order)
    for one in (metrics.average_precision, metrics.area_under_roc, metrics.early_precision, metrics.trapezoid_auprc):
        assert one(label[order], score[order]) == pytest.approx(one(label, score))


@pytest.mark.parametrize(
    ("label", "score", "said"),
    [
        ([1, 1], [1.0, 2.0], "2 of 2 pairs are edges; needed: at least one edge and one negative"),
        ([0, 0], [1.0, 2.0], "0 of 2 pairs are edges"),
        ([1, 0], [1.0, np.nan], "1 of 2 scores are not numbers; needed: a finite score"),
    ],
)
def test_rankings_that_say_nothing(label, score, said):
    with pytest.raises(DataError, match=said):
        metrics.average_precision(np.array(label), np.array(score))


def toy_pairs():
    """Source 0: edge, negative, negative; source 1: negative, edge; source 2: one edge only."""
    source, target = np.array([0, 0, 1, 1, 2, 0]), np.array([1, 2, 0, 2, 0, 3])
    return Pairs(source, target, np.array([1, 0, 0, 1, 1, 0], dtype=np.float32), "tf-restricted")


def test_every_measure_carries_its_universe():
    score = np.array([6.0, 5.0, 4.0, 3.0, 2.0, 1.0])
    found = metrics.measure(toy_pairs(), score)
    assert found.universe == metrics.Universe("tf-restricted", 3, 4, 3, 6, 0.5)
    auprc = (1 + 2 / 4 + 3 / 5) / 3
    assert found.values["auprc"] == pytest.approx(auprc)
    assert found.values["auprc_ratio"] == pytest.approx(2 * auprc)
    assert found.values["epr"] == pytest.approx((1 / 3) / 0.5)
    assert found.values["auprc_per_tf"] == pytest.approx((1 + 1 / 2) / 2)
    assert found.values["prevalence_per_tf"] == pytest.approx((1 / 3 + 1 / 2) / 2)
    assert found.values["n_tfs"] == 2
    assert found.row()["universe"] == "tf-restricted"
    assert found.row()["n_positives"] == 3


def test_per_source_by_hand():
    table = metrics.per_source(toy_pairs(), np.array([6.0, 5.0, 4.0, 3.0, 2.0, 1.0]))
    assert table["source"].tolist() == [0, 1]
    assert table["n_pairs"].tolist() == [3, 2]
    assert table["auprc"].tolist() == [1.0, 0.5]
    assert table["auprc_ratio"].tolist() == pytest.approx([3.0, 1.0])


def test_natural_prevalence_counts_each_non_edge_for_those_not_drawn():
    """3 edges and 3 of 12 negatives: each drawn negative stands for 4."""
    score = np.array([6.0, 5.0, 4.0, 3.0, 2.0, 1.0])
    found = metrics.measure(toy_pairs(), score, natural_prevalence=3 / 15).values
    assert found["auprc_natural"] == pytest.approx((1 + 2 / 10 + 3 / 11) / 3)
    assert found["auprc_ratio_natural"] == pytest.approx(found["auprc_natural"] * 5)
    assert found["epr_natural"] == pytest.approx((1 / 3) * 5)


def test_summary_of_seeds():
    pairs = toy_pairs()
    one = metrics.measure(pairs, np.array([6.0, 5.0, 4.0, 3.0, 2.0, 1.0]))
    two = metrics.measure(pairs, pairs.label)
    row = metrics.summarise([one, two])
    assert row["n_seeds"] == 2
    assert row["auprc"] == pytest.approx((one.values["auprc"] + 1) / 2)
    assert row["auprc_sd"] == pytest.approx(np.std([one.values["auprc"], 1.0], ddof=1))
    assert row["prevalence"] == 0.5
    assert "n_tfs_sd" not in row
    assert metrics.summarise([one])["auprc_sd"] == 0.0


def beeline_truth():
    return pd.DataFrame([("A", "B"), ("B", "C"), ("C", "C"), ("A", "B")], columns=["source", "target"])


def test_beeline_by_hand():
    """Six ordered pairs of A, B, C, two of them true; A->C is wrong, what is not predicted scores 0."""
    predicted = pd.DataFrame(
        [("A", "B", -0.9), ("A", "C", 0.8), ("B", "C", 0.5), ("D", "A", 5.0), ("C", "C", 1.0), ("B", "C", 0.99)],
        columns=["source", "target", "score"],
    )
    found = metrics.beeline(beeline_truth(), predicted)
    assert found.universe == metrics.Universe("all ordered pairs", 3, 3, 2, 6, 1 / 3)
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
