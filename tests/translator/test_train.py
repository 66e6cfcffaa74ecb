"""Training and calibration of translators."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.metrics import average_precision_score

from grn_core.translator.pairs import Pairs
from grn_core.translator.train import (
    TrainingOptions,
    TrainingSet,
    ensemble_logits,
    fit_temperature,
    gather,
    split_held_back,
    train_translator,
)
from tests.translator.toy_features import linear_network

SHORT = TrainingOptions(hidden=(8,), epochs=12, batch=64, learning_rate=1e-2)


def toy(n=500, *, seed=0):
    """The label is the sign of the first feature; the second kind knows nothing of it."""
    rng = np.random.default_rng([seed, 99])
    x = rng.normal(size=(n, 3)).astype(np.float32)
    features = {"gdt": torch.from_numpy(x), "vvp": torch.from_numpy(rng.normal(size=(n, 3)).astype(np.float32))}
    return features, torch.from_numpy((x[:, 0] > 0).astype(np.float32))


def sets_of(n_seeds=2, *, shuffled=False, n=500):
    sets = []
    for seed in range(n_seeds):
        features, label = toy(n, seed=seed)
        if shuffled:
            label = label[torch.from_numpy(np.random.default_rng(seed).permutation(n))]
        sets.append(TrainingSet(features, label, split_held_back(n, 0.15, seed=seed)))
    return sets


def states(networks):
    return {f"{kind}.{name}": v for kind, net in networks.items() for name, v in net.state_dict().items()}


@pytest.fixture(scope="module")
def trained():
    return train_translator(sets_of(), options=SHORT)


@pytest.fixture(scope="module")
def fresh_pairs():
    return toy(800, seed=50)


def precision(networks, kind, pairs):
    features, label = pairs
    logits = ensemble_logits({kind: networks[kind]}, {kind: features[kind]})
    return [average_precision_score(label, one) for one in logits.numpy()]


def test_learns_what_can_be_learnt_and_nothing_else(trained, fresh_pairs):
    assert min(precision(trained, "gdt", fresh_pairs)) > 0.97
    assert all(0.42 < one < 0.58 for one in precision(trained, "vvp", fresh_pairs))


def test_shuffled_labels_end_at_chance(fresh_pairs):
    networks = train_translator(sets_of(shuffled=True), options=SHORT)
    assert all(0.35 < one < 0.68 for one in precision(networks, "gdt", fresh_pairs))


def test_seeds_differ(trained, fresh_pairs):
    features, _ = fresh_pairs
    logits = trained["gdt"](features["gdt"][None])
    assert float((logits[0] - logits[1]).abs().max()) > 1e-3


def test_what_comes_back_is_frozen(trained):
    assert sorted(trained) == ["gdt", "vvp"]
    for network in trained.values():
        assert not network.training
        assert not any(parameter.requires_grad for parameter in network.parameters())


def test_training_is_deterministic_and_leaves_the_random_state_alone(trained):
    torch.manual_seed(5)
    before = torch.get_rng_state()
    again = train_translator(sets_of(), options=SHORT)
    assert torch.equal(before, torch.get_rng_state())
    for name, value in states(trained).items():
        assert torch.equal(value, states(again)[name]), name


def test_the_seed_decides(trained):
    short = TrainingOptions(hidden=(8,), epochs=1, batch=64)
    one, other = (train_translator(sets_of(), options=short, seed=seed) for seed in (0, 1))
    assert not torch.equal(one["gdt"].weights[0], other["gdt"].weights[0])


def test_kinds_are_trained_apart():
    """Leaving a kind out changes nothing in the other."""
    both = sets_of()
    alone = [TrainingSet({"gdt": one.features["gdt"]}, one.label, one.held) for one in both]
    short = TrainingOptions(hidden=(4,), epochs=2)
    first, second = (train_translator(sets, options=short) for sets in (both, alone))
    torch.testing.assert_close(first["gdt"].state_dict(), second["gdt"].state_dict(), rtol=0, atol=0)


def test_statistics_are_those_of_the_pairs_that_are_not_held_back(trained):
    x = torch.cat([one.features["gdt"][~one.held] for one in sets_of()]).double()
    torch.testing.assert_close(trained["gdt"].mean.double(), x.mean(0), rtol=0, atol=1e-5)
    torch.testing.assert_close(trained["gdt"].sd.double(), x.std(0), rtol=1e-5, atol=0)


@pytest.mark.parametrize("batch", [64, 10_000])
def test_no_weight_is_learnt_from_pairs_that_are_held_back(batch):
    """After one epoch, which is kept whatever its loss: other features and turned labels of held-back pairs are one."""
    sets = sets_of()
    changed = []
    for one in sets:
        label = torch.where(one.held, 1.0 - one.label, one.label)
        features = {kind: torch.where(one.held[:, None], 7.0 - own, own) for kind, own in one.features.items()}
        changed.append(TrainingSet(features, label, one.held))
    options = TrainingOptions(hidden=(8,), epochs=1, batch=batch, learning_rate=1e-2)
    first, second = (states(train_translator(own, options=options)) for own in (sets, changed))
    torch.testing.assert_close(first, second, rtol=0, atol=0)


def test_every_pair_that_is_not_held_back_teaches():
    """One epoch, which is kept: turning the label of any one pair changes the weights."""
    features, label = toy(8)
    held = torch.arange(8) >= 6
    options = TrainingOptions(hidden=(4,), epochs=1, batch=3, learning_rate=1e-2)

    def weights(label):
        return train_translator([TrainingSet({"gdt": features["gdt"]}, label, held)], options=options)["gdt"].weights[0]

    usual = weights(label)
    for pair in range(6):
        turned = torch.where(torch.arange(8) == pair, 1.0 - label, label)
        assert not torch.equal(weights(turned), usual)


def test_weight_decay_is_that_of_the_options():
    """With a step of 0.01 and a decay of 20, weights shrink by a fifth a step but for the step of the loss itself."""
    one, other = (
        train_translator(
            sets_of(1), options=TrainingOptions(hidden=(4,), epochs=1, batch=10_000, learning_rate=1e-2, weight_decay=d)
        )["gdt"].weights[0]
        for d in (0.0, 20.0)
    )
    start = train_translator(sets_of(1), options=TrainingOptions(hidden=(4,), epochs=0))["gdt"].weights[0]
    torch.testing.assert_close(one - other, 0.2 * start, rtol=1e-4, atol=1e-6)


def test_patience_is_with_epochs_in_a_row():
    """A course that gets better in every epoch is not ended by it."""
    options = {"hidden": (8,), "epochs": 6, "batch": 10_000, "learning_rate": 1e-3}
    short, long = (train_translator(sets_of(1), options=TrainingOptions(patience=p, **options)) for p in (1, 100))
    torch.testing.assert_close(short["gdt"].state_dict(), long["gdt"].state_dict(), rtol=0, atol=0)
    fewer = train_translator(sets_of(1), options=TrainingOptions(**options | {"epochs": 5}))
    assert not torch.equal(fewer["gdt"].weights[0], long["gdt"].weights[0])


def test_each_seed_keeps_its_best_epoch():
    """More epochs of the same course never make the held-back loss of any seed worse, even when they overfit."""
    sets = sets_of(2, shuffled=True, n=120)
    losses = []
    for epochs in (1, 3, 6, 15):
        options = TrainingOptions(hidden=(32,), epochs=epochs, batch=16, learning_rate=3e-2, patience=100)
        networks = train_translator(sets, options=options)
        losses.append(
            [
                float(
                    torch.nn.functional.binary_cross_entropy_with_logits(
                        networks["gdt"](one.features["gdt"][one.held][None])[seed], one.label[one.held]
                    )
                )
                for seed, one in enumerate(sets)
            ]
        )
    assert (np.diff(np.array(losses), axis=0) <= 1e-6).all()


def test_patience_ends_training_early():
    """After it has run out, further epochs change nothing."""
    sets = sets_of(1, shuffled=True, n=120)
    options = {"hidden": (32,), "batch": 16, "learning_rate": 3e-2, "patience": 2}
    short, long = (train_translator(sets, options=TrainingOptions(epochs=e, **options)) for e in (25, 400))
    torch.testing.assert_close(short["gdt"].state_dict(), long["gdt"].state_dict(), rtol=0, atol=0)


def test_the_ensemble_is_the_mean_of_the_logits():
    networks = {"gdt": linear_network([[1.0, 0.0], [0.0, 1.0]]), "vvp": linear_network([[3.0, 0.0], [0.0, -1.0]])}
    features = {"gdt": torch.tensor([[2.0, 5.0]]), "vvp": torch.tensor([[4.0, 1.0]])}
    assert ensemble_logits(networks, features).tolist() == [[7.0], [2.0]]
    assert ensemble_logits({"gdt": networks["gdt"]}, features).tolist() == [[2.0], [5.0]]


def test_gather_by_hand():
    array = np.arange(2 * 3 * 2, dtype=np.float32).reshape(2, 3, 2)
    pairs = Pairs(np.array([7, 4, 7]), np.array([0, 2, 1]), np.zeros(3, dtype=np.float32), "tf-restricted")
    found = gather({"gdt": array}, {4: 0, 7: 1}, pairs)
    assert found["gdt"].tolist() == [[6.0, 7.0], [4.0, 5.0], [8.0, 9.0]]


def test_held_back_pairs():
    held = split_held_back(10_000, 0.15, seed=0)
    assert held.dtype == torch.bool
    assert 0.13 < float(held.float().mean()) < 0.17
    assert torch.equal(held, split_held_back(10_000, 0.15, seed=0))
    assert not torch.equal(held, split_held_back(10_000, 0.15, seed=1))


@pytest.mark.parametrize("seed", range(10))
def test_a_few_pairs_hold_at_least_one_back(seed):
    assert int(split_held_back(2, 0.0, seed=seed).sum()) == 1


@pytest.mark.parametrize("temperature", [0.2, 1.0, 2.5, 9.0])
def test_a_known_temperature_is_found(temperature):
    rng = np.random.default_rng(0)
    logits = rng.normal(size=40_000) * 2
    label = (rng.random(40_000) < 1 / (1 + np.exp(-logits))).astype(np.float32)
    found = fit_temperature(torch.from_numpy(logits * temperature).float(), torch.from_numpy(label))
    assert found == pytest.approx(temperature, rel=0.04)


@pytest.mark.parametrize(("factor", "end"), [(0.01, 0.05), (100.0, 0.05), (-1.0, 20.0)])
def test_the_temperature_of_perfect_or_hopeless_logits_stays_in_its_range(factor, end):
    logits = torch.linspace(-3, 3, 50)
    label = (logits > 0).float()
    low, high = 0.05, 20.0
    found = fit_temperature(logits * factor, label)
    assert low <= found <= high
    if factor != 100.0:
        assert found == pytest.approx(end, rel=0.01)
