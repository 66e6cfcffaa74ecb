"""Intervals: a draw is the measure of the pairs that it repeats, and draws are of whole TFs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grn_core.benchmark.metrics.curves import precision_at_recalls
from grn_core.benchmark.metrics.ranking import area_under_roc, average_precision
from grn_core.benchmark.metrics.resampled import GRID, draws_of, interval, resampled
from grn_core.translator.pairs import Pairs


def pairs_of(source, label) -> Pairs:
    return Pairs(np.asarray(source), np.arange(len(source)), np.asarray(label, dtype=np.float32), "natural")


@st.composite
def drawn(draw):
    """Pairs of up to four TFs, scores with ties, and how often each TF counts."""
    source = draw(st.lists(st.integers(0, 3), min_size=6, max_size=30))
    source = np.array([0, 1, 2, 3, *source])
    label = np.array(draw(st.lists(st.integers(0, 1), min_size=len(source), max_size=len(source))))
    score = np.array(draw(st.lists(st.integers(-3, 3), min_size=len(source), max_size=len(source))), dtype=float)
    times = np.array(draw(st.lists(st.integers(0, 3), min_size=4, max_size=4)))
    return source, label, score, times


@given(drawn())
def test_a_draw_is_the_measure_of_the_pairs_that_it_repeats(case):
    source, label, score, times = case
    if not 0 < label.sum() < len(label):
        return
    found = resampled(pairs_of(source, label), score, np.array([times, [1, 1, 1, 1]]))
    assert found.auprc[1] == pytest.approx(average_precision(label, score))
    assert found.auroc[1] == pytest.approx(area_under_roc(label, score))
    again = np.repeat(np.arange(len(source)), times[source])
    own, ranked = label[again], score[again]
    if 0 < own.sum() < len(own):
        assert found.auprc[0] == pytest.approx(average_precision(own, ranked))
        assert found.auroc[0] == pytest.approx(area_under_roc(own, ranked))
        assert found.precision[0] == pytest.approx(precision_at_recalls(own, ranked)[1:])
        assert found.recall[0][-1] == pytest.approx(1.0)
        assert (np.diff(found.recall[0]) >= -1e-12).all()
    else:
        assert np.isnan(found.auprc[0])
        assert np.isnan(found.recall[0]).all()


def of_a_population(rng, *, n_tfs: int, n_targets: int = 40):
    """TFs that differ in how well their edges are ranked, and how many they have."""
    source = np.repeat(np.arange(n_tfs), n_targets)
    share, lead = rng.uniform(0.05, 0.3, n_tfs), rng.normal(1.0, 0.7, n_tfs)
    label = rng.random(len(source)) < share[source]
    label[0] = True
    return pairs_of(source, label), rng.normal(size=len(source)) + lead[source] * label


def test_intervals_hold_what_many_other_tfs_give():
    """Law: of 60 samples of TFs, about 95 % of intervals hold the AUROC and the AUPRC of the whole population."""
    rng = np.random.default_rng(0)
    pairs, score = of_a_population(rng, n_tfs=1500)
    truth = average_precision(pairs.label, score), area_under_roc(pairs.label, score)
    held = np.zeros((2, 60))
    width = np.zeros(60)
    for trial in range(60):
        own, ranked = of_a_population(rng, n_tfs=25)
        found = resampled(own, ranked, draws_of(25, n_draws=100, seed=trial))
        for place, values in enumerate((found.auprc, found.auroc)):
            low, high = interval(values)
            held[place, trial] = low <= truth[place] <= high
            width[trial] = high - low
    assert 0.83 <= held[0].mean() <= 1.0
    assert 0.83 <= held[1].mean() <= 1.0
    assert width.mean() < 0.25


def test_pairs_alone_would_be_too_sure():
    """The same pairs, each a TF of its own: the interval that draws of pairs would give, much too narrow."""
    pairs, score = of_a_population(np.random.default_rng(1), n_tfs=25)
    whole = interval(resampled(pairs, score, draws_of(25, n_draws=300)).auroc)
    alone = Pairs(np.arange(len(pairs)), pairs.target, pairs.label, "natural")
    apart = interval(resampled(alone, score, draws_of(len(pairs), n_draws=300)).auroc)
    assert whole[1] - whole[0] > 1.3 * (apart[1] - apart[0])


def test_the_order_of_pairs_changes_nothing_and_the_seed_decides():
    rng = np.random.default_rng(2)
    pairs, score = of_a_population(rng, n_tfs=12)
    order = rng.permutation(len(pairs))
    mixed = Pairs(pairs.source[order], pairs.target[order], pairs.label[order], "natural")
    times = draws_of(12, n_draws=20, seed=3)
    one, other = resampled(pairs, score, times), resampled(mixed, score[order], times)
    assert one.auprc == pytest.approx(other.auprc, abs=1e-12)
    assert one.recall == pytest.approx(other.recall, abs=1e-12)
    assert one.recall.shape == one.precision.shape == (20, len(GRID))
    assert (draws_of(12, n_draws=20, seed=3) == times).all()
    assert (draws_of(12, n_draws=20, seed=4) != times).any()
    assert (times.sum(axis=1) == 12).all()
