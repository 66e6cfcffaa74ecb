"""Measures of a table: each with its universe, of each TF, over seeds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grn_core.benchmark.metrics import measures as metrics
from grn_core.translator.pairs import Pairs
from tests.benchmark.metrics.rankings import rankings, slow_average_precision


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


@given(rankings(), st.randoms())
def test_a_tf_is_measured_on_its_own_pairs_whatever_their_order(ranking, random):
    label, score = ranking
    source = np.array([random.randrange(3) for _ in label])
    table = metrics.per_source(Pairs(source, np.arange(len(label)), label, "tf-restricted"), score)
    expected = []
    for one in range(3):
        own = source == one
        if 0 < label[own].sum() < own.sum():
            expected.append((one, own.sum(), label[own].sum(), slow_average_precision(label[own], score[own])))
    assert table["source"].tolist() == [one for one, *_ in expected]
    assert table["n_pairs"].tolist() == [n for _, n, _, _ in expected]
    assert table["n_positives"].tolist() == [n for _, _, n, _ in expected]
    assert table["auprc"].tolist() == pytest.approx([auprc for *_, auprc in expected])
    assert table["prevalence"].tolist() == pytest.approx([n / total for _, total, n, _ in expected])
    assert table["auprc_ratio"].tolist() == pytest.approx((table["auprc"] / table["prevalence"]).tolist())


@given(rankings(), st.floats(0.01, 0.9))
def test_at_the_natural_prevalence_a_guess_gets_that_prevalence(ranking, prevalence):
    """Scores that are all level: AUPRC is the prevalence, and ratio and early precision are 1."""
    label, score = ranking
    pairs = Pairs(np.zeros(len(label), dtype=int), np.arange(len(label)), label, "tf-restricted")
    found = metrics.measure(pairs, np.zeros(len(score)), natural_prevalence=prevalence).values
    assert found["natural_prevalence"] == prevalence
    assert found["auprc_natural"] == pytest.approx(prevalence)
    assert found["auprc_ratio_natural"] == pytest.approx(1.0)
    assert found["epr_natural"] == pytest.approx(1.0)
    assert found["auprc"] == pytest.approx(found["prevalence_per_tf"])
    assert found["auprc_ratio"] == pytest.approx(1.0)


def test_without_a_tf_of_both_kinds_the_mean_over_tfs_is_not_a_number():
    pairs = Pairs(np.array([0, 1]), np.array([2, 3]), np.array([1, 0], dtype=np.float32), "all-pairs")
    found = metrics.measure(pairs, np.array([1.0, 0.0])).values
    assert found["n_tfs"] == 0
    assert np.isnan(found["auprc_per_tf"])
    assert np.isnan(found["prevalence_per_tf"])
    assert "auprc_natural" not in found


def test_a_seed_without_a_value_is_left_out_of_the_mean():
    """Not every draw has a TF with both edges and negatives: the mean is over the draws that have."""
    pairs = toy_pairs()
    whole = metrics.measure(pairs, np.array([6.0, 5.0, 4.0, 3.0, 2.0, 1.0]))
    lacking = metrics.Measured({**whole.values, "auprc_per_tf": float("nan")}, whole.universe)
    row = metrics.summarise([lacking, whole, whole])
    assert row["auprc_per_tf"] == whole.values["auprc_per_tf"]
    assert row["auprc_per_tf_sd"] == 0.0
    assert row["n_seeds"] == 3
    assert np.isnan(metrics.summarise([lacking])["auprc_per_tf_sd"])


def test_what_is_at_hand_of_each_tf_is_not_worked_out_again():
    pairs, score = toy_pairs(), np.array([6.0, 5.0, 4.0, 3.0, 2.0, 1.0])
    own = metrics.per_source(pairs, score).iloc[:1]
    found = metrics.measure(pairs, score, own=own).values
    assert (found["n_tfs"], found["auprc_per_tf"]) == (1, 1.0)
