"""How a ranking of what changed is measured: laws, and numbers worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from grn_core.benchmark.perturbed.measuring import (
    EARLY,
    direction,
    error_over_tfs,
    ranking_measures,
    rankings,
    sign_measures,
)
from grn_core.benchmark.perturbed.tables import Changes, changes_of
from grn_core.genes import human_symbols


def changes(label, *, tfs, sign=None) -> Changes:
    label = np.asarray(label, dtype=np.int8)
    genes = tuple(f"g{number}" for number in range(label.shape[1]))
    sign = np.zeros_like(label) if sign is None else np.asarray(sign, dtype=np.int8)
    gain, asked = np.zeros(len(tfs), dtype=bool), np.ones(label.shape, dtype=bool)
    asked[np.arange(len(tfs)), tfs] = False
    return Changes("toy", genes, np.asarray(tfs), label, sign, gain, asked)


@pytest.fixture
def wide() -> Changes:
    label = np.zeros((2, 400))
    label[:, :40] = 1
    return changes(label, tfs=[399, 398])


def test_a_ranking_is_set_beside_a_guess_without_the_tf_itself(wide):
    best = 1.0 - 0.001 * np.arange(400)[None].repeat(2, axis=0)
    share = 40 / 399
    found = ranking_measures(rankings(wide, best))
    wanted = {"auprc_per_tf": 1.0, "prevalence_per_tf": share, "auprc_ratio_per_tf": 1 / share}
    assert found == pytest.approx({**wanted, "epr_per_tf": 40 / EARLY / share})
    own = np.arange(400)[None] == wide.tfs[:, None]
    assert np.array_equal(rankings(wide, best + 5 * own), rankings(wide, best))
    guess = ranking_measures(rankings(wide, np.random.default_rng(0).random((2, 400))))
    assert guess["auprc_ratio_per_tf"] == pytest.approx(1.0, abs=0.4)


def test_only_the_order_of_scores_matters(wide):
    scores = np.random.default_rng(1).normal(size=(2, 400))
    assert np.array_equal(rankings(wide, scores), rankings(wide, np.exp(3 * scores)))


def test_a_score_without_an_order_is_a_guess(wide):
    """Also of the first genes: ties have their expected value, whatever the genes are called."""
    found = ranking_measures(rankings(wide, np.zeros((2, 400))))
    assert found["auprc_ratio_per_tf"] == pytest.approx(1.0)
    assert found["epr_per_tf"] == pytest.approx(1.0)


@pytest.mark.parametrize("n_tfs", [2, 5, 30])
def test_how_often_a_gene_changes_says_nothing_where_changes_are_independent(n_tfs):
    label = (np.random.default_rng(n_tfs).random((n_tfs, 3000)) < 0.1).astype(np.int8)
    names = sorted(human_symbols())[: 3000 + n_tfs]
    rows = [(names[3000 + row], names[gene], 0, 0) for row in range(n_tfs) for gene in np.flatnonzero(label[row])]
    found = changes_of(pd.DataFrame(rows, columns=["tf", "target", "gain", "sign"]), set(names), title="made up")
    often = found.label.sum(0, dtype=np.int64) - found.label
    assert ranking_measures(rankings(found, often))["auprc_ratio_per_tf"] == pytest.approx(1.0, abs=0.12)


def test_the_direction_is_that_of_pairs_that_were_seen_one_way():
    """Twelve TFs in a ring that change the next three, and the first two each other: every gene changes with three."""
    n = 12
    label = np.array([[(b - a) % n in (1, 2, 3) for b in range(n)] for a in range(n)], dtype=np.int8)
    label[1, 0] = 1
    toy = changes(label, tfs=list(range(n)))
    true = label.astype(float)
    assert direction(toy, true) == 1.0
    assert direction(toy, -true) == 0.0
    assert direction(toy, np.zeros((n, n))) == 0.5, "a tie is a coin"
    vectors = np.random.default_rng(0).normal(size=(n, 128)).astype(np.float32)
    noise = np.float32(1e-7) * np.random.default_rng(1).normal(size=(n, n)).astype(np.float32)
    assert direction(toy, vectors @ vectors.T / 128 + noise) == 0.5, "and what rounding tells apart is a tie"
    last = np.where((np.arange(n) - np.arange(n)[:, None]) % n == 3, true, 0.0)
    assert direction(toy, last) == pytest.approx((12 + 23 / 2) / 35), "12 of 35 pairs are right, the others ties"


def test_a_direction_is_told_only_of_pairs_that_could_have_been_seen_the_other_way_round():
    """Of TFs that are not among the measured genes none can change, so that to be measured would be a direction."""
    draws = np.random.default_rng(0)
    label = draws.random((20, 60)) < 0.5
    label[:, 10:20] = False  # TFs that are measured as TFs alone; of the others, g0 to g9, one in two changes
    label[:10, :20] = False
    names = sorted(human_symbols())[:60]
    rows = [(names[tf], names[gene], 0, 0) for tf, gene in np.argwhere(label)]
    found = changes_of(pd.DataFrame(rows, columns=["tf", "target", "gain", "sign"]), set(names), title="made up")
    assert (found.label[10:, found.tfs[:10]] == 1).sum() > 40
    assert np.isnan(direction(found, draws.random(found.label.shape)))
    assert np.isnan(direction(changes([[0, 0, 0, 1]], tfs=[0]), np.zeros((1, 4))))


def test_the_error_of_a_share_of_pairs_is_that_over_tfs():
    """Pairs of one TF count as one; of pairs that share no TF it is no less than that over pairs, and at most twice."""
    n = 400
    right = np.random.default_rng(0).integers(2, size=n).astype(float)
    apart = error_over_tfs(right, np.arange(n), np.arange(n) + n)
    assert 1 <= apart / (right.std() / np.sqrt(n)) <= 2.2
    hubs = np.repeat(np.arange(8), n // 8)
    by_hub = error_over_tfs((hubs % 2).astype(float), hubs, np.arange(n) + 8)
    assert by_hub == pytest.approx(0.5 / np.sqrt(8), rel=0.35)
    assert error_over_tfs(np.ones(n), hubs, np.arange(n) + 8) == 0.0
    assert error_over_tfs(right, hubs + 90, np.arange(n) + 800) == error_over_tfs(right, hubs, np.arange(n) + 8)


def test_signs_are_balanced_between_activation_and_repression():
    toy = changes([[1, 1, 1, 1, 0]], tfs=[4], sign=[[1, 1, 1, -1, 0]])
    always = sign_measures(toy, np.ones((1, 5), dtype=int))
    assert always == {"sign_accuracy": 0.75, "sign_majority": 0.75, "sign_balanced": 0.5, "n_signed": 4}
    assert sign_measures(toy, toy.sign)["sign_balanced"] == 1.0
    assert sign_measures(toy, None) == {}
    assert sign_measures(changes([[1, 0]], tfs=[1], sign=[[1, 0]]), np.ones((1, 2), dtype=int)) == {}
