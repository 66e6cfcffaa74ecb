"""Training on one reference and measuring on another, with a model small enough for a test."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.metrics import average_precision_score

from grn_core.assets import asset
from grn_core.benchmark.features.degree import degree_score
from grn_core.benchmark.protocol import bundle
from grn_core.benchmark.protocol import evaluate as ev
from grn_core.benchmark.references.reference import Reference
from grn_core.benchmark.results.card import translator_card
from grn_core.errors import DataError
from grn_core.extractors.engine import extract_features, network_digest
from grn_core.translator.apply import Translator
from grn_core.translator.mlp import TranslatorMLP
from grn_core.translator.pairs import Pairs
from tests.models.tiny import GRID, tiny_model

GENES = tuple(f"G{number:02d}" for number in range(11))


def reference_of(edges, *, genes=GENES, name="toy"):
    return Reference(name, "set", "net", tuple(genes), pd.DataFrame(edges, columns=["source", "target"]))


def some_edges(n=24, *, seed=0, sources=GENES[:5]):
    cells = [(s, t) for s in sources for t in GENES if s != t]
    chosen = np.random.default_rng(seed).permutation(len(cells))[:n]
    return [cells[index] for index in sorted(chosen)]


@pytest.fixture(scope="module")
def model():
    return tiny_model(dtype=torch.float32)


@pytest.fixture(scope="module")
def data(model):
    return ev.prepare(model, reference_of(some_edges()), (0, 1))


def names_of(one, number, label):
    pairs, genes = one.pairs[number], one.reference.genes
    rows = np.flatnonzero(pairs.label == label)
    return {(genes[pairs.source[row]], genes[pairs.target[row]]) for row in rows}


def test_prepare_takes_every_edge_and_as_many_others(data):
    for number in range(2):
        assert names_of(data, number, 1) == set(some_edges())
        assert len(names_of(data, number, 0)) == 24
        assert not names_of(data, number, 0) & set(some_edges())
    assert names_of(data, 0, 0) != names_of(data, 1, 0)


@pytest.mark.parametrize("readout", ["masked", "plain"])
def test_prepared_features_are_those_of_the_whole_extraction(model, tmp_path, readout):
    data = ev.prepare(model, reference_of(some_edges()), (0, 1), readout=readout)
    whole = extract_features(model, GENES, range(11), readout=readout, folder=tmp_path)
    for pairs, features in zip(data.pairs, data.features, strict=True):
        for kind in ("gdt", "vvp"):
            assert features[kind].shape == (len(pairs), len(GRID))
            expected = whole[kind][pairs.source, pairs.target]
            np.testing.assert_allclose(features[kind], expected, rtol=1e-4, atol=1e-5)


def test_prepare_leaves_out_genes_that_the_model_lacks(model):
    edges = [*some_edges(), ("G00", "unknown"), ("unknown", "G01")]
    data = ev.prepare(model, reference_of(edges, genes=(*GENES, "unknown")), (0,))
    assert data.reference.genes == GENES
    assert names_of(data, 0, 1) == set(some_edges())


def test_excluded_pairs_are_in_no_draw(model, data):
    seen = frozenset(some_edges()[:10]) | frozenset(sorted(names_of(data, 0, 0))[:5]) | {("G00", "unknown")}
    rest = ev.prepare(model, reference_of(some_edges()), (0, 1), exclude=seen)
    for number in range(2):
        assert names_of(rest, number, 1) == set(some_edges()[10:])
        assert not names_of(rest, number, 0) & (seen | set(some_edges()))
        assert len(names_of(rest, number, 0)) == 14, "as many as edges are left"
        assert len(rest.features[number]["gdt"]) == len(rest.pairs[number])


def test_a_test_that_was_wholly_seen_is_an_error(model):
    with pytest.raises(
        DataError, match="every edge of the reference is among the pairs seen before; needed: at least one"
    ):
        ev.prepare(model, reference_of(some_edges()), (0,), exclude=frozenset(some_edges()))


def test_a_reference_without_known_edges_is_an_error(model):
    with pytest.raises(DataError, match="no edge between genes of the list"):
        ev.prepare(model, reference_of([("x", "y")], genes=("x", "y")), (0,))


@pytest.fixture(scope="module")
def learnable():
    """Features made up: the first level of gdt tells the label, vvp is noise."""

    def make(seed):
        rng = np.random.default_rng(seed)
        sets = []
        for _ in range(2):
            label = np.repeat([1.0, 0.0], 150).astype(np.float32)
            pairs = Pairs(rng.integers(0, 5, 300), rng.integers(5, 11, 300), label, "tf-restricted")
            gdt = rng.normal(size=(300, 4)).astype(np.float32)
            gdt[:, 0] += 3 * label
            vvp = rng.normal(size=(300, 4)).astype(np.float32)
            sets.append((pairs, {"gdt": torch.from_numpy(gdt), "vvp": torch.from_numpy(vvp)}))
        pairs, features = zip(*sets, strict=True)
        return ev.LabelledPairs(reference_of(some_edges()), pairs, features)

    return make(0), make(1)


def test_fit_and_measure(learnable):
    train, test = learnable
    networks, temperature = ev.fit([train])
    assert sorted(networks) == ["gdt", "vvp"]
    assert sorted(temperature) == ["gdt", "gdt+vvp", "vvp"]
    assert all(0.05 <= one <= 20 for one in temperature.values())
    rows = {row["method"]: row for row in ev.measure(networks, test, split="other pairs")}
    assert list(rows) == ["VVP", "GDT", "Ensemble"]
    assert rows["GDT"]["mean"] > 0.95
    assert 0.4 < rows["VVP"]["mean"] < 0.62
    assert rows["VVP"]["mean"] < rows["Ensemble"]["mean"]

    for name, kinds in ev.methods_of(["gdt", "vvp"]).items():
        scores = []
        for number, pairs in enumerate(test.pairs):
            logits = [networks[kind](test.features[number][kind][None])[number] for kind in kinds]
            scores.append(average_precision_score(pairs.label, torch.stack(logits).mean(0)))
        assert rows[name]["mean"] == pytest.approx(np.mean(scores), abs=1e-4)
        assert rows[name]["sd"] == pytest.approx(np.std(scores, ddof=1), abs=1e-4)


def test_shuffled_labels_end_at_chance(learnable):
    train, test = learnable
    networks, _ = ev.fit([train], shuffled=True)
    rows = ev.measure(networks, test, split="s", prefix="Shuffled labels: ", is_control=True)
    assert [(row["method"], row["is_control"]) for row in rows] == [("Shuffled labels: Ensemble", True)]
    assert 0.3 < rows[0]["mean"] < 0.75


def test_fit_is_deterministic_and_puts_references_together(learnable):
    train, test = learnable
    one, again = ev.fit([train, test]), ev.fit([train, test])
    assert one[1] == again[1]
    assert torch.equal(one[0]["gdt"].weights[0], again[0]["gdt"].weights[0])
    alone, _ = ev.fit([train])
    assert not torch.equal(one[0]["gdt"].mean, alone["gdt"].mean)


def test_a_row_carries_its_universe(learnable):
    _, test = learnable
    row = ev.row("GDT", test, [0.5, 0.75], split="s", is_control=False)
    assert {key: row[key] for key in ("dataset", "network", "reference", "split", "method", "is_control")} == {
        "dataset": "set",
        "network": "net",
        "reference": "toy",
        "split": "s",
        "method": "GDT",
        "is_control": False,
    }
    assert (row["mean"], row["sd"], row["n_seeds"]) == (0.625, 0.1768, 2)
    assert (row["universe"], row["n_positives"], row["prevalence"]) == ("tf-restricted", 150, 0.5)
    assert ev.row("GDT", test, [0.5], split="s", is_control=False)["sd"] == 0.0


def test_a_control_is_measured_by_its_score(learnable):
    _, test = learnable
    row = ev.measure_score("Degree only", lambda source, target: source * 10.0 - target, test, split="s")
    scores = [average_precision_score(pairs.label, pairs.source * 10.0 - pairs.target) for pairs in test.pairs]
    assert row["mean"] == pytest.approx(np.mean(scores), abs=1e-4)
    assert row["is_control"]


def test_degree_score_by_hand():
    """Out-degree of the source times in-degree of the target in training, each half a step up from zero."""
    train = reference_of([("A", "B"), ("A", "C"), ("D", "B")], genes=("A", "B", "C", "D"))
    more = reference_of([("A", "B")], genes=("A", "B"))
    score = degree_score([train, more], ("A", "B", "D", "Z"))
    source, target = np.array([0, 2, 0, 3]), np.array([1, 1, 3, 3])
    assert score(source, target).tolist() == [3.5 * 3.5, 1.5 * 3.5, 3.5 * 0.5, 0.5 * 0.5]


def test_train_and_measure_writes_a_translator_that_loads(monkeypatch, tmp_path):
    """The whole road: the control with random weights comes from a network of its own."""
    loaded = []

    def load(name, weights="pretrained"):
        loaded.append((name, weights))
        return tiny_model(dtype=torch.float32, seed=0 if weights == "pretrained" else 1)

    monkeypatch.setattr(bundle, "load_model", load)
    learnt, asked = some_edges(12, sources=GENES[:4]), some_edges(20, seed=1, sources=GENES[2:7])
    train, test = reference_of(learnt, name="train"), reference_of(asked, name="test")
    options = bundle.BundleOptions(name="toy", title="Toy", model="tiny", n_seeds=2)
    translator = bundle.train_and_measure(options, [train], [test])
    assert loaded == [("tiny", "pretrained"), ("tiny", "random")]

    card = translator.card
    assert (card["model"], card["readout"], card["seeds"], card["grid"]) == ("tiny", "masked", [0, 1], list(GRID))
    assert card["model_sha"] == network_digest(tiny_model(dtype=torch.float32))
    assert card["training"][0]["n_positives"] == 12
    assert [(row["method"], row["is_control"]) for row in card["evaluation"]] == [
        ("VVP", False),
        ("GDT", False),
        ("Ensemble", False),
        ("Random weights: Ensemble", True),
        ("Shuffled labels: Ensemble", True),
        ("Degree only", True),
    ]
    n_new = len(set(asked) - set(learnt))
    assert all(0 < row["n_positives"] <= n_new for row in card["evaluation"]), "training pairs are left out"
    assert len({row["n_positives"] for row in card["evaluation"]}) == 1, "all methods see the same pairs"

    text = translator_card(card)
    assert f"tensors sha256 {card['model_sha'][:12]}" in text, "other than the checksum of the file"
    assert "- train: 12 edges of " in text
    assert text.count("| test | ") == 1 + len(card["evaluation"])
    assert text.count("(control)") == 3

    translator.save(tmp_path)
    again = Translator.load(tmp_path)
    assert again.card == card
    assert all(isinstance(network, TranslatorMLP) for network in again.networks.values())


@pytest.mark.parametrize("folder", sorted(asset("translators").iterdir()), ids=lambda folder: folder.name)
def test_what_ships_has_the_text_of_its_card(folder):
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    assert (folder / "README.md").read_text(encoding="utf-8") == translator_card(card)
