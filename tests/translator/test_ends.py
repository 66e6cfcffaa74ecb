"""The gene-level term: what it learns of genes, and that a gene does not tell of itself."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from sklearn.metrics import average_precision_score

from grn_core.translator.ends import _Genes, train_end
from grn_core.translator.terms import WEIGHTS, choose_weights, together
from grn_core.translator.train import TrainingSet, split_held_back

N_GENES, WIDTH = 120, 6


def vectors_of(seed=0):
    found = np.random.default_rng(seed).normal(size=(N_GENES, WIDTH)).astype(np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def set_of(vectors, chance, *, n=3000, seed=0):
    """Pairs whose target is an edge with the chance of that gene."""
    rng = np.random.default_rng([seed, 1])
    gene = rng.integers(0, N_GENES, n)
    label = torch.from_numpy((rng.random(n) < chance[gene]).astype(np.float32))
    return TrainingSet({"target": torch.from_numpy(vectors[gene])}, label, split_held_back(n, 0.2, seed=seed)), gene


def correlation(x, y):
    return float(np.corrcoef(x, y)[0, 1])


def test_the_fit_is_that_of_a_general_optimiser():
    rng = np.random.default_rng(3)
    pairs = rng.integers(0, 9, 30).astype(float)
    genes = _Genes(rng.normal(size=(30, 4)), rng.binomial(pairs.astype(int), 0.4).astype(float), pairs, np.arange(30))
    x = np.column_stack([genes.vectors, np.ones(30)])
    ridge = np.array([2.0] * 4 + [1e-3])

    def loss(weights):
        logits = x @ weights
        return np.sum(pairs * np.logaddexp(0, logits) - genes.edges * logits) + 0.5 * np.sum(ridge * weights**2)

    wanted = minimize(loss, np.zeros(5), tol=1e-12).x
    np.testing.assert_allclose(genes.fit(2.0, np.ones(30, dtype=bool)), wanted, atol=1e-4)


def test_what_the_vector_says_of_a_gene_is_learnt():
    vectors = vectors_of()
    truth = 4.0 * vectors[:, 0]
    sets = [set_of(vectors, 1 / (1 + np.exp(-truth)), seed=seed) for seed in (0, 1)]
    network, logits = train_end([one for one, _ in sets], "target")
    assert len(network.weights) == 1
    with torch.no_grad():
        found = network(torch.from_numpy(vectors)[None]).numpy()
    assert found.shape == (2, N_GENES)
    assert min(correlation(row, truth) for row in found) > 0.95
    for (one, gene), own in zip(sets, logits, strict=True):
        assert own.shape == one.label.shape
        assert correlation(own.numpy(), truth[gene]) > 0.9


def test_a_gene_does_not_tell_of_itself():
    """Chances that have nothing to do with the vectors: with whole genes left out nothing is found."""
    vectors = vectors_of()
    chance = np.random.default_rng(9).uniform(0.05, 0.95, N_GENES)
    one, gene = set_of(vectors, chance)
    _, (logits,) = train_end([one], "target")
    assert abs(correlation(logits.numpy(), chance[gene])) < 0.3
    both = {"target": logits[one.held], "gdt": torch.from_numpy(chance[gene]).float()[one.held]}
    assert choose_weights(both, one.label[one.held])["target"] <= 0.25


def test_held_back_pairs_are_not_learnt_from():
    vectors = vectors_of()
    one, _ = set_of(vectors, 1 / (1 + np.exp(-4 * vectors[:, 0])))
    changed = torch.where(one.held, 1 - one.label, one.label)
    first, _ = train_end([one], "target")
    second, _ = train_end([TrainingSet(one.features, changed, one.held)], "target")
    assert torch.equal(first.weights[0], second.weights[0])


def test_together_by_hand():
    logits = {"vvp": torch.tensor([1.0, 2.0]), "gdt": torch.tensor([3.0, 0.0]), "target": torch.tensor([10.0, -10.0])}
    assert together(logits, {"target": 0.5}).tolist() == [7.0, -4.0]
    assert together({name: logits[name] for name in ("vvp", "gdt")}, {}).tolist() == [2.0, 1.0]
    assert together({"target": logits["target"]}, {}).tolist() == [10.0, -10.0]
    ends = {"target": logits["target"], "source": torch.tensor([2.0, 2.0])}
    assert together(ends, {}).tolist() == [6.0, -4.0]
    assert together(dict(reversed(logits.items())), {"target": 0.5}).tolist() == [7.0, -4.0]


def test_a_weight_is_chosen_for_what_helps_and_none_for_noise():
    rng = np.random.default_rng(4)
    label = torch.from_numpy((rng.random(2000) < 0.5).astype(np.float32))
    noise = torch.from_numpy(rng.normal(size=(3, 2000)).astype(np.float32))
    logits = {"gdt": label + noise[0], "source": 2 * noise[1], "target": label + noise[2]}
    found = choose_weights(logits, label)
    assert found["target"] == max(WEIGHTS)
    assert found["source"] == 0.0


@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.sampled_from([0, 1, 8]))
def test_weights_are_those_of_the_best_average_precision(seed, n_pairs, digits):
    """As scikit-learn measures it, weights one after the other; also where scores are level, or no pair is an edge."""
    rng = np.random.default_rng(seed)
    label = torch.from_numpy((rng.random(n_pairs) < rng.random()).astype(np.float32))
    logits = {name: torch.from_numpy(rng.normal(size=n_pairs).round(digits)) for name in ("gdt", "source", "target")}
    score = {}
    for source, target in itertools.product(WEIGHTS, WEIGHTS):
        said = together(logits, {"source": source, "target": target})
        score[source, target] = round(average_precision_score(label, said), 6) if label.any() else 0.0
    best = max(score, key=score.get)  # the first of several
    found = choose_weights(logits, label)
    assert found == dict(zip(("source", "target"), best, strict=True))


@pytest.mark.parametrize("seed", [0, 1])
def test_the_same_seed_gives_the_same_bytes(seed):
    one, _ = set_of(vectors_of(), np.full(N_GENES, 0.5))
    first, second = (train_end([one], "target", seed=seed) for _ in range(2))
    assert torch.equal(first[0].weights[0], second[0].weights[0])
    assert torch.equal(first[1][0], second[1][0])
