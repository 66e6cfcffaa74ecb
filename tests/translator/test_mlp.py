"""The ensemble of MLPs."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from grn_core.translator.mlp import TranslatorMLP
from tests.translator.toy_features import random_network, slow_logit


@pytest.fixture
def two_seeds():
    network = TranslatorMLP(2, 2, (1,))
    with torch.no_grad():
        network.mean.copy_(torch.tensor([1.0, 0.0]))
        network.sd.copy_(torch.tensor([2.0, 1.0]))
        network.weights[0].copy_(torch.tensor([[[1.0], [1.0]], [[1.0], [-1.0]]]))
        network.biases[0].copy_(torch.tensor([[[0.0]], [[1.0]]]))
        network.weights[1].copy_(torch.tensor([[[2.0]], [[-3.0]]]))
        network.biases[1].copy_(torch.tensor([[[0.5]], [[0.25]]]))
    return network


def test_forward_by_hand(two_seeds):
    """(3, 2) standardises to (1, 2). Seed 0: gelu(3) = 2.99595, times 2, plus 0.5. Seed 1: gelu(1 - 2 + 1) = 0."""
    logits = two_seeds(torch.tensor([[[3.0, 2.0]]]))
    torch.testing.assert_close(logits, torch.tensor([[6.4919006], [0.25]]))


def test_far_features_are_clipped(two_seeds):
    """(1e9, 0) counts as (8, 0) after standardisation: gelu(8) = 8 and gelu(9) = 9 but for 1e-15."""
    logits = two_seeds(torch.tensor([[[1e9, 0.0]]]))
    torch.testing.assert_close(logits, torch.tensor([[16.5], [-26.75]]))


@pytest.mark.parametrize("hidden", [(), (3,), (7, 4)])
def test_equals_one_linear_network_per_seed(hidden):
    network = random_network(3, 5, hidden, seed=1)
    features = np.random.default_rng(0).normal(size=(6, 5)).astype(np.float32) * 3
    logits = network(torch.from_numpy(features)[None]).numpy()
    slow = [[slow_logit(network, seed, feature) for feature in features] for seed in range(3)]
    np.testing.assert_allclose(logits, slow, rtol=1e-5, atol=1e-5)


def test_each_seed_may_have_pairs_of_its_own():
    network = random_network(2, 3, (4,), seed=2)
    own = torch.randn(2, 5, 3, generator=torch.Generator().manual_seed(0))
    logits = network(own)
    assert logits.shape == (2, 5)
    for seed in range(2):
        torch.testing.assert_close(logits[seed], network(own[seed][None])[seed])


def test_seeds_start_from_different_weights():
    network = TranslatorMLP(2, 4)
    assert not torch.equal(network.weights[0][0], network.weights[0][1])
    assert [tuple(weight.shape) for weight in network.weights] == [(2, 4, 32), (2, 32, 32), (2, 32, 1)]
    assert [tuple(bias.shape) for bias in network.biases] == [(2, 1, 32), (2, 1, 32), (2, 1, 1)]


def test_statistics_by_hand():
    network = TranslatorMLP(1, 2)
    network.set_statistics(torch.tensor([[1.0, 7.0], [3.0, 7.0], [5.0, 7.0]]))
    torch.testing.assert_close(network.mean, torch.tensor([3.0, 7.0]))
    torch.testing.assert_close(network.sd, torch.tensor([2.0, 1e-8]))
    network.set_statistics(torch.tensor([[[1.0, 7.0]], [[3.0, 7.0]], [[5.0, 7.0]]]))
    torch.testing.assert_close(network.mean, torch.tensor([3.0, 7.0]))


def test_statistics_travel_with_the_weights():
    assert {"mean", "sd"} <= TranslatorMLP(1, 2).state_dict().keys()
