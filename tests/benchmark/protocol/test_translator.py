"""A translator with its card: trained and measured on the road of every benchmark."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import groupby

import numpy as np
import pytest
import torch

from grn_core.assets import asset
from grn_core.benchmark.features import handle
from grn_core.benchmark.features.degree import degree_score
from grn_core.benchmark.protocol.held_out import HeldOut
from grn_core.benchmark.protocol.methods import Method
from grn_core.benchmark.protocol.protocol import Protocol
from grn_core.benchmark.protocol.runner import run_protocol
from grn_core.benchmark.protocol.scores import scores_of
from grn_core.benchmark.protocol.training import Training
from grn_core.benchmark.protocol.translator import TranslatorOptions, train_and_measure
from grn_core.benchmark.references.leakage import removed_pairs
from grn_core.benchmark.results.card import translator_card
from grn_core.datasets import GenePanel
from grn_core.errors import DataError, RequestError
from grn_core.extractors.engine import extract, network_digest
from grn_core.translator.apply import score_edges
from grn_core.translator.beside import KnownEnd
from grn_core.translator.calibration import shift
from grn_core.translator.mlp import TranslatorMLP
from grn_core.translator.translator import Translator
from tests.benchmark.protocol.toy_training import GENES, MadeUpBench, reference_of, some_edges
from tests.benchmark.toy_references import tiny_handle, write_toy
from tests.models.tiny import GRID, tiny_model

OPTIONS = TranslatorOptions(name="toy", title="Toy", model="tiny", n_seeds=2)


@pytest.fixture
def loaded(monkeypatch):
    """A tiny model in place of the named one; returns what was loaded."""
    found = []

    def load(name, weights="pretrained"):
        found.append((name, weights))
        return tiny_model(dtype=torch.float32, seed=0 if weights == "pretrained" else 1)

    monkeypatch.setattr(handle, "load_model", load)
    return found


def test_a_translator_is_written_with_its_card_and_loads(loaded, tmp_path):
    """The whole road: the control with random weights comes from a network of its own."""
    learnt, asked = some_edges(12, sources=GENES[:4]), some_edges(20, seed=1, sources=GENES[2:7])
    train, test = reference_of(learnt, name="train"), reference_of(asked, name="test")
    translator = train_and_measure(OPTIONS, [train], [test])
    assert loaded == [("tiny", "pretrained"), ("tiny", "random")]

    card = translator.card
    assert (card["model"], card["readout"], card["seeds"], card["grid"]) == ("tiny", "masked", [0, 1], list(GRID))
    assert card["model_sha"] == network_digest(tiny_model(dtype=torch.float32))
    assert card["training"][0]["n_positives"] == 12
    assert card["calibrated_to"] == 0.5
    assert card["prior"] == pytest.approx(12 / (len({source for source, _ in learnt}) * (len(train.genes) - 1)))
    assert sorted(card["temperature"]) == ["gdt", "gdt+vvp", "vvp"]
    assert all(0.05 <= one <= 20 for one in card["temperature"].values())
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
    first = card["evaluation"][0]
    assert (first["dataset"], first["network"], first["reference"]) == ("set", "net", "test")
    assert (first["n_seeds"], first["universe"]) == (2, "tf-restricted")
    assert "pairs of the training set left out" in first["split"]

    text = translator_card(card)
    assert f"tensors sha256 {card['model_sha'][:12]}" in text, "other than the checksum of the file"
    assert "- train: 12 edges of " in text
    assert text.count("| test | ") == 2 + len(card["evaluation"]), "the heading, and what train and test share"
    assert text.count("(control)") == 3

    translator.save(tmp_path)
    again = Translator.load(tmp_path)
    assert again.card == card
    assert all(isinstance(network, TranslatorMLP) for network in again.networks.values())


@pytest.mark.parametrize("n_tests", [0, 1])
def test_training_is_not_said_to_be_done_before_its_last_translator_is(loaded, n_tests):
    """A bar that stands at its end for most of the time says nothing."""
    told = []

    def listen(stage, done, total):
        if stage == "train translator":
            told.append((done, total))

    options = replace(OPTIONS, extractors=("vvp", "gdt", "target"))
    tests = [reference_of(some_edges(20, seed=1), name="test")][:n_tests]
    train_and_measure(options, [reference_of(some_edges(24, sources=GENES[:4]))], tests, progress=listen)
    n = 9 if n_tests else 3
    assert [one for one, _ in groupby(told)] == [(done, n) for done in range(n + 1)]


def test_gene_terms_are_added_with_weights_that_the_card_says(loaded, tmp_path):
    """Trained, saved, loaded and used on features on disk, where a term is kept once a gene."""
    learnt, asked = some_edges(24), some_edges(20, seed=1, sources=GENES[2:7])
    options = replace(OPTIONS, extractors=("vvp", "gdt", "source", "target"))
    card = train_and_measure(options, [reference_of(learnt)], [reference_of(asked, name="test")]).card
    assert sorted(card["weights"]) == ["source", "target"]
    assert card["ensemble"] == sorted(["gdt", "vvp", *(name for name, weight in card["weights"].items() if weight)])
    names = [row["method"] for row in card["evaluation"]]
    ours = ["VVP", "GDT", "TF term", "Target term", "Ensemble", "Ensemble + gene terms"]
    assert names[:7] == [*ours, "Random weights: Ensemble"]
    train_and_measure(options, [reference_of(learnt)], []).save(tmp_path / "mine")
    translator = Translator.load(tmp_path / "mine")
    translator.card["weights"] = {"source": 0.25, "target": 1.0}

    model = tiny_model(dtype=torch.float32)
    panel = GenePanel(model.vocabulary, model.vocabulary, (2, 5), np.zeros(11, dtype=np.float32))
    features = extract(model, panel, extractors=("vvp", "gdt", "source", "target"), folder=tmp_path / "features")
    sizes = {name: np.load(tmp_path / "features" / f"{name}.npy").shape for name in ("source", "target")}
    assert sizes == {"source": (2, 1, 16), "target": (1, 11, 16)}
    edges = score_edges(features, translator, extractors=("vvp", "gdt", "source", "target"))
    one = edges[(edges["source_symbol"] == model.vocabulary[5]) & (edges["target_symbol"] == model.vocabulary[8])].iloc[
        0
    ]
    parts = {
        name: network(torch.from_numpy(np.array(features[name][1, 8]))[None, None]).mean().item()
        for name, network in translator.networks.items()
    }
    wanted = (parts["vvp"] + parts["gdt"]) / 2 + 0.25 * parts["source"] + parts["target"]
    assert one["score"] == pytest.approx(wanted, abs=1e-5)
    assert one["probability"] == pytest.approx(
        1 / (1 + np.exp(-wanted / card["temperature"]["gdt+source+target+vvp"] - shift(card))), abs=1e-5
    )


def test_pairs_of_another_network_are_left_out_of_the_training(loaded):
    learnt = some_edges(24)
    later = reference_of(learnt[::2], name="later")
    card = train_and_measure(OPTIONS, [reference_of(learnt, name="train")], [later], without=[later]).card
    assert card["training"][0]["n_positives"] == 12
    assert card["without"] == [{"reference": "later", "edges": 12}]
    assert card["evaluation"][0]["n_positives"] == 12, "all of them may be asked"
    text = translator_card(card)
    assert "- Without the pairs of later: 12 edges were left out." in text
    assert "| train | later | 12 | 50.0% | 100.0% |" in text


def test_what_is_known_beside_counts_in_the_terms_alone_and_is_never_asked(loaded, tmp_path):
    learnt, more = some_edges(24, sources=GENES[:4]), some_edges(24, seed=2, sources=GENES[3:7])
    references, test = [reference_of(learnt, name="train")], reference_of(some_edges(20, seed=1), name="test")
    known, gone = reference_of(more, name="known"), reference_of(more[::3], name="gone")
    options = replace(OPTIONS, extractors=("vvp", "source", "neighbours"))
    alone = train_and_measure(options, references, [], without=[gone])
    both = train_and_measure(options, references, [test], beside=[known], without=[gone])
    own, its = both.card["training"]
    assert [own] == alone.card["training"]
    assert (its["reference"], its["beside"], its["n_positives"]) == ("known", True, 24 - len(set(more[::3])))
    assert both.card["prior"] == alone.card["prior"]
    assert both.card["weights"] == alone.card["weights"], "chosen without it"
    assert both.card["without"][0]["edges"] == len(set(more[::3]))
    assert isinstance(both.networks["source"], KnownEnd)
    n_new = len(set(some_edges(20, seed=1)) - set(learnt) - set(more))
    assert all(row["n_positives"] <= n_new for row in both.card["evaluation"])
    assert "- known: 16 edges of " in translator_card(both.card)
    assert "Known beside: they count in the terms alone." in translator_card(both.card)

    tensors = both.networks["vvp"].state_dict()
    assert all(torch.equal(one, tensors[name]) for name, one in alone.networks["vvp"].state_dict().items())
    both.save(tmp_path)
    again = Translator.load(tmp_path)
    assert again.networks["source"].effect.abs().sum() > 0
    assert both.networks["neighbours"].weight.shape[1] > alone.networks["neighbours"].weight.shape[1]


def test_what_is_known_beside_needs_an_extractor_that_reads_it(loaded):
    references = [reference_of(some_edges(24), name="train")]
    with pytest.raises(RequestError, match="none of the extractors reads what is known beside; needed: one of source"):
        train_and_measure(OPTIONS, references, [], beside=references)
    gathered = [reference_of(some_edges(24), name="RegNetwork")]
    judged = replace(reference_of(some_edges(24), name="test"), network="Non-Specific")
    with pytest.raises(RequestError, match="holds much of the networks Non-Specific"):
        train_and_measure(OPTIONS, references, [judged], beside=gathered)


def test_degree_knows_the_edges_beside():
    edges, more = some_edges(8), some_edges(8, seed=2)
    train, known, asked = reference_of(edges), reference_of(more), reference_of(some_edges(24, seed=3))
    training = Training([train], MadeUpBench(edges), n_seeds=1, beside=[known])
    test = HeldOut(training, training.known(asked))
    (found,), _ = scores_of(test, Method("Degree only", "control", score="degree"))
    of_both = degree_score([train, known], test.reference.genes)
    assert found.tolist() == of_both(test.pairs[0].source, test.pairs[0].target).tolist()


def test_the_card_has_the_scores_of_the_benchmark(monkeypatch, tmp_path):
    """One road: what a benchmark measures after the same training stands on the card."""
    made = {"pretrained": tiny_handle(0), "random": tiny_handle(1)}
    monkeypatch.setattr(handle, "load_model", lambda name, weights="pretrained": made[weights].load())
    folder = tmp_path / "references"
    folder.mkdir()
    toy = Protocol("hONE:NET", ("hTWO:NET", "hFAR:NET"), write_toy(folder), n_seeds=2)
    table = run_protocol(toy, made["pretrained"], made["random"], home=tmp_path / "home").table
    references = [toy.read(name) for name in ("hONE:NET", "hTWO:NET", "hFAR:NET")]
    card = train_and_measure(OPTIONS, references[:1], references[1:], home=tmp_path / "home").card
    assert len(card["evaluation"]) == 12
    for row in card["evaluation"]:
        own = table[(table["dataset"] == row["dataset"]) & (table["method"] == row["method"].partition(":")[0])].iloc[0]
        assert row["mean"] == pytest.approx(own["auprc"], abs=1e-4)
        assert row["sd"] == pytest.approx(own["auprc_sd"], abs=1e-4)
        assert row["is_control"] == own["is_control"]
        assert row["n_positives"] == own["n_positives"]


def test_a_test_that_has_nothing_to_ask_shows_before_anything_is_trained(loaded, monkeypatch):
    monkeypatch.setattr("grn_core.translator.train.train_translator", lambda *_, **__: pytest.fail("trained"))
    with pytest.raises(DataError, match="every edge of the reference is among the pairs seen before"):
        train_and_measure(OPTIONS, [reference_of(some_edges())], [reference_of(some_edges())])


def test_degree_score_by_hand():
    """Out-degree of the source times in-degree of the target in training, each half a step up from zero."""
    train = reference_of([("A", "B"), ("A", "C"), ("D", "B")], genes=("A", "B", "C", "D"))
    more = reference_of([("A", "B")], genes=("A", "B"))
    score = degree_score([train, more], ("A", "B", "D", "Z"))
    source, target = np.array([0, 2, 0, 3]), np.array([1, 1, 3, 3])
    assert score(source, target).tolist() == [3.5 * 3.5, 1.5 * 3.5, 3.5 * 0.5, 0.5 * 0.5]


def test_edges_that_were_withheld_from_the_training_count_for_no_degree():
    edges = some_edges(24)
    train, later, left = (reference_of(own) for own in (edges, edges[::2], edges[1::2]))
    training = Training([train], MadeUpBench(edges), n_seeds=1, withheld=removed_pairs([later]))
    test = HeldOut(training, training.known(later))
    (found,), _ = scores_of(test, Method("Degree only", "control", score="degree"))
    of_left = degree_score([left], test.reference.genes)
    assert found.tolist() == of_left(test.pairs[0].source, test.pairs[0].target).tolist()


@pytest.mark.parametrize("folder", sorted(asset("translators").iterdir()), ids=lambda folder: folder.name)
def test_what_ships_has_the_text_of_its_card(folder):
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    assert (folder / "README.md").read_text(encoding="utf-8") == translator_card(card)
