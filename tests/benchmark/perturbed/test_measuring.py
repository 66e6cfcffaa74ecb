"""How a ranking of what changed is measured: laws, and numbers worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from grn_core.benchmark.perturbed.measuring import EARLY, direction, ranking_measures, rankings, sign_measures
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
    label = [[0, 1, 1, 0], [0, 0, 1, 0], [1, 0, 0, 1]]  # g0 and g2 both ways; g0 -> g1 and g1 -> g2 one way
    toy = changes(label, tfs=[0, 1, 2])
    score = np.array([[0, 5, 0, 0], [1, 0, 1, 0], [9, 4, 0, 0]], dtype=float)
    assert direction(toy, score) == 0.5
    assert direction(toy, np.zeros_like(score)) == 0.5, "a tie is a coin"
    assert direction(toy, score.max() - score) == 0.5
    assert direction(toy, np.asarray(label, dtype=float)) == 1.0
    assert np.isnan(direction(changes([[0, 0, 0, 1]], tfs=[0]), score[:1]))


def test_signs_are_balanced_between_activation_and_repression():
    toy = changes([[1, 1, 1, 1, 0]], tfs=[4], sign=[[1, 1, 1, -1, 0]])
    always = sign_measures(toy, np.ones((1, 5), dtype=int))
    assert always == {"sign_accuracy": 0.75, "sign_majority": 0.75, "sign_balanced": 0.5, "n_signed": 4}
    assert sign_measures(toy, toy.sign)["sign_balanced"] == 1.0
    assert sign_measures(toy, None) == {}
    assert sign_measures(changes([[1, 0]], tfs=[1], sign=[[1, 0]]), np.ones((1, 2), dtype=int)) == {}
