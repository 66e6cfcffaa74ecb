"""The neighbours' term: what is known of pairs of similar genes, and that a pair does not tell of itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.metrics import average_precision_score

from grn_core.extractors.engine import extract_features
from grn_core.translator import kernel, neighbours
from grn_core.translator.apply import score_edges
from grn_core.translator.kernel import PairKernel
from grn_core.translator.neighbours import _Known, _some, train_neighbours
from grn_core.translator.terms import OF_NEIGHBOURS, choose_weights, network_of
from grn_core.translator.train import TrainingSet, split_held_back
from grn_core.translator.translator import Translator
from tests.models.tiny import tiny_model
from tests.translator.toy_features import make_card, random_network

N_TFS, N_TARGETS, WIDTH = 20, 30, 6


def unit(n, *, seed):
    found = np.random.default_rng(seed).normal(size=(n, WIDTH))
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)


TFS, TARGETS = unit(N_TFS, seed=1), unit(N_TARGETS, seed=2)


def truth_of(tf, target):
    """An edge where both genes point the same way along the first axis."""
    return (TFS[tf, 0] * TARGETS[target, 0] > 0).astype(np.float32)


def set_of(n=300, *, seed=0, truth=truth_of):
    rng = np.random.default_rng([seed, 5])
    tf, target = np.divmod(rng.choice(N_TFS * N_TARGETS, n, replace=False), N_TARGETS)
    features = torch.from_numpy(np.concatenate([TFS[tf], TARGETS[target]], axis=1))
    label = torch.from_numpy(truth(tf, target))
    return TrainingSet({"neighbours": features}, label, split_held_back(n, 0.2, seed=seed)), tf, target


def every_pair():
    tf, target = np.divmod(np.arange(N_TFS * N_TARGETS), N_TARGETS)
    return torch.from_numpy(np.concatenate([TFS[tf], TARGETS[target]], axis=1)), truth_of(tf, target)


@pytest.fixture(scope="module")
def trained():
    return train_neighbours([set_of(seed=seed)[0] for seed in (0, 1)], "neighbours")


def slow(network, seed, feature):
    """One pair against every known pair, one after the other."""
    source, target = np.split(feature.astype(np.float64), 2)
    vectors, total = network.vectors.numpy().astype(np.float64), float(network.bias[seed])
    known = zip(
        network.source[seed].tolist(), network.target[seed].tolist(), network.weight[seed].tolist(), strict=True
    )
    for one, other, weight in known:
        alike = max(0.0, source @ vectors[one]) * max(0.0, target @ vectors[other])
        total += weight * alike**kernel.POWER
    return total


def test_the_sum_is_that_over_known_pairs_one_by_one(trained):
    network, _ = trained
    features = every_pair()[0][::37]
    found = network(features[None]).numpy()
    wanted = [[slow(network, seed, feature) for feature in features.numpy()] for seed in (0, 1)]
    np.testing.assert_allclose(found, wanted, atol=1e-4)


@pytest.mark.parametrize("at_once", [1, 7, 100_000])
def test_neither_the_size_of_a_part_nor_the_order_of_pairs_changes_anything(trained, monkeypatch, at_once):
    network, _ = trained
    features, order = every_pair()[0], np.random.default_rng(3).permutation(N_TFS * N_TARGETS)
    whole = network(features[None])
    monkeypatch.setattr(kernel, "PAIRS_AT_ONCE", at_once)
    torch.testing.assert_close(network(features[None, order]), whole[:, order], rtol=0, atol=1e-5)
    both = network(torch.stack([features, features[order]]))
    torch.testing.assert_close(both, torch.stack([whole[0], whole[1, order]]), rtol=0, atol=1e-5)
    assert network(features[None, :0]).shape == (2, 0)


def dense(known, penalty):
    alike = [kernel.likeness(*2 * (torch.from_numpy(one),)).numpy() for one in (known.sources, known.targets)]
    matrix = alike[0][np.ix_(known.source, known.source)] * alike[1][np.ix_(known.target, known.target)]
    return matrix.astype(np.float64), penalty * np.eye(len(matrix))


def known_of(n=120):
    one, tf, target = set_of(n)
    return _Known(TFS, TARGETS, tf, target, one.label.numpy().astype(np.float64))


@pytest.mark.parametrize("penalty", [0.3, 3.0])
def test_weights_are_those_of_the_whole_system_of_equations(penalty):
    known = known_of()
    matrix, ridge = dense(known, penalty)
    sign = 2 * known.label - 1
    np.testing.assert_allclose(known.fit(penalty), np.linalg.solve(matrix + ridge, sign), atol=2e-4)
    own = known.source % 2 == 0
    wanted = np.zeros(len(own))
    wanted[own] = np.linalg.solve((matrix + ridge)[np.ix_(own, own)], sign[own])
    np.testing.assert_allclose(known.fit(penalty, own), wanted, atol=2e-4)


def test_what_is_said_of_a_pair_has_seen_neither_of_its_genes():
    """Turning round every label of a TF and of a target changes nothing of what is said of their pair."""
    known = known_of(300)
    said = known.left_out(1.0, seed=[0])
    tf, target = known.source[0], known.target[0]
    turned = np.where((known.source == tf) | (known.target == target), 1 - known.label, known.label)
    again = replace(known, label=turned).left_out(1.0, seed=[0])
    here = (known.source == tf) & (known.target == target)
    np.testing.assert_array_equal(said[here], again[here])
    assert np.abs(said - again).max() > 0.1
    assert np.abs(said).min() > 0, "every pair is asked"


def test_edges_of_similar_genes_are_learnt(trained):
    network, logits = trained
    features, label = every_pair()
    for seed in (0, 1):
        one = set_of(seed=seed)[0]
        assert average_precision_score(label, network(features[None])[seed].numpy()) > 0.9
        assert average_precision_score(one.label.numpy(), logits[seed].numpy()) > 0.6
        assert float(torch.sigmoid(logits[seed]).mean()) == pytest.approx(float(one.label.mean()), abs=0.02), "log-odds"


def test_a_pair_does_not_tell_of_itself():
    """Labels that have nothing to do with the genes: the fit has them by heart, what is left out knows nothing."""
    chance = np.random.default_rng(8).integers(0, 2, (N_TFS, N_TARGETS)).astype(np.float32)
    one, _, _ = set_of(truth=lambda tf, target: chance[tf, target])
    _, (logits,) = train_neighbours([one], "neighbours")
    assert abs(average_precision_score(one.label.numpy(), logits.numpy()) - float(one.label.mean())) < 0.12


def test_a_weight_is_chosen_for_what_helps_and_none_for_noise():
    rng = np.random.default_rng(4)
    label = torch.from_numpy((rng.random(2000) < 0.5).astype(np.float32))
    noise = torch.from_numpy(rng.normal(size=(3, 2000)).astype(np.float32))
    assert choose_weights({"gdt": label + noise[0], "neighbours": 2 * noise[1]}, label) == {"neighbours": 0.0}
    helps = choose_weights({"gdt": label + 3 * noise[0], "neighbours": label + noise[2]}, label)
    assert helps == {"neighbours": max(OF_NEIGHBOURS)}


def test_of_more_pairs_than_are_learnt_those_of_whole_tfs_are_taken(monkeypatch):
    one, tf, _ = set_of()
    vectors = one.features["neighbours"].numpy()
    monkeypatch.setattr(neighbours, "MOST_PAIRS", 100)
    taken = [_some(vectors, seed=[seed]) for seed in (0, 1)]
    assert not np.array_equal(*taken), "each seed others"
    for rows in taken:
        assert 100 - np.bincount(tf).max() < len(rows) <= 100
        assert np.array_equal(rows, np.flatnonzero(np.isin(tf, tf[rows])))
    network, (logits,) = train_neighbours([one], "neighbours")
    assert network.weight.shape[1] <= 100
    assert torch.isfinite(logits).all()
    monkeypatch.setattr(neighbours, "MOST_PAIRS", 3)
    assert train_neighbours([one], "neighbours")[0].weight.shape == (1, 3), "fewer than one TF has"


def test_the_same_seed_gives_the_same_bytes(trained):
    again, _ = train_neighbours([set_of(seed=seed)[0] for seed in (0, 1)], "neighbours")
    assert all(torch.equal(one, other) for one, other in zip(again.buffers(), trained[0].buffers(), strict=True))


def test_it_is_made_of_its_tensors_and_of_none_that_do_not_fit(trained):
    network, _ = trained
    tensors = network.state_dict()
    again = network_of("neighbours", tensors, n_seeds=2, length=2 * WIDTH, hidden=())
    assert torch.equal(again(every_pair()[0][None]), network(every_pair()[0][None]))
    with pytest.raises(RuntimeError, match="2 seeds"):
        network_of("neighbours", tensors, n_seeds=3, length=2 * WIDTH, hidden=())
    with pytest.raises(RuntimeError, match="no known pairs"):
        PairKernel.of({name: tensors[name] for name in ("vectors", "bias")})
    beyond = tensors["source"].clone()
    beyond[0, 0] = len(tensors["vectors"])
    with pytest.raises(RuntimeError, match="no vector"):
        PairKernel.of({**tensors, "source": beyond})
    with pytest.raises(RuntimeError, match="Unexpected key"):
        PairKernel.of({**tensors, "more": beyond})


def test_an_edge_table_is_that_of_its_pairs_and_a_saved_translator_gives_it_again(tmp_path):
    """Features on disk hold the vectors of the genes alone."""
    model = tiny_model(dtype=torch.float32)
    extractors = ("gdt", "neighbours")
    features = extract_features(model, model.vocabulary, (1, 4, 7), extractors=extractors, folder=tmp_path / "features")
    assert np.load(tmp_path / "features" / "neighbours.npy").shape == (1, 11, 16)
    assert features["neighbours"].shape == (3, 11, 32)
    pairs = torch.from_numpy(np.asarray(features["neighbours"]).reshape(-1, 32))
    label = torch.from_numpy((np.arange(len(pairs)) % 3 == 0).astype(np.float32))
    own = train_neighbours(
        [TrainingSet({"neighbours": pairs}, label, split_held_back(len(pairs), 0.2, seed=0))], "neighbours"
    )
    spec = features.spec
    card = make_card(spec, extractors=extractors, seeds=(0,), hidden=(5,))
    card["extractors"]["neighbours"] = 32
    card["weights"] = {"neighbours": 1.5}
    gdt = random_network(1, features.lengths["gdt"], (5,), seed=0)
    translator = Translator({"gdt": gdt, "neighbours": own[0]}, card)
    edges = score_edges(features, translator, extractors=extractors)
    translator.save(tmp_path / "saved")
    assert score_edges(features, Translator.load(tmp_path / "saved"), extractors=extractors).equals(edges)
    for row in edges.iloc[::7].itertuples():
        place = [model.vocabulary.index(name) for name in (row.source, row.target)]
        pair = (spec.sources.index(place[0]), place[1])
        parts = {name: torch.from_numpy(np.array(features[name][pair]))[None, None] for name in extractors}
        wanted = gdt(parts["gdt"]).item() + 1.5 * own[0](parts["neighbours"]).item()
        assert row.score == pytest.approx(wanted, abs=1e-4)
