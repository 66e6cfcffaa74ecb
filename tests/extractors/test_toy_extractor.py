"""One module and one registered record are a whole extractor: menus, extraction, translators and laws know it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.metrics import average_precision_score

import grn_core as grn
from grn_core.__main__ import main
from grn_core.benchmark.features import handle
from grn_core.benchmark.features.bench import Bench
from grn_core.benchmark.protocol.protocol import Protocol
from grn_core.benchmark.protocol.runner import run_protocol
from grn_core.benchmark.protocol.table import Table
from grn_core.benchmark.protocol.translator import TranslatorOptions, train_and_measure
from grn_core.benchmark.results.card import translator_card
from grn_core.datasets import GenePanel
from grn_core.errors import RequestError
from grn_core.extractors import EXTRACTORS, extractors_of
from grn_core.extractors.in_memory import extract_for_pairs
from grn_core.extractors.registry import register
from grn_core.models.registry import record_of
from grn_core.translator.apply import score_edges
from grn_core.translator.calibration import shift
from grn_core.translator.record import TranslatorRecord
from grn_core.translator.translator import Translator
from tests.benchmark.protocol.toy_training import GENES, reference_of, some_edges
from tests.benchmark.toy_references import tiny_handle, write_toy
from tests.extractors.laws import LAWS, Case, goes_on_where_it_was_stopped
from tests.extractors.toy_extractor import TOY
from tests.models.tiny import GRID, tiny_model


@pytest.fixture(autouse=True)
def toy():
    register(TOY)
    yield TOY
    del EXTRACTORS["toy"]


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_it_keeps_the_laws(law):
    case = Case(tiny_model())
    assert "toy" in case.names
    law(case)


def test_it_goes_on_where_it_was_stopped(tmp_path):
    goes_on_where_it_was_stopped(Case(tiny_model()), tmp_path)


def test_it_is_extracted_beside_the_others():
    model = tiny_model(dtype=torch.float32)
    panel = GenePanel(model.vocabulary, model.vocabulary, (2, 5), np.zeros(11, dtype=np.float32))
    found = grn.extract(model, panel, extractors=("toy", "vvp"), readout="plain")
    cells = torch.zeros(len(GRID), 11)
    cells[:, 5] = torch.tensor(GRID)
    wanted = model.predict(model.vocabulary, cells, readout="plain").mean(0)
    np.testing.assert_allclose(np.delete(found["toy"][1, :, 0], 5), np.delete(wanted.numpy(), 5), atol=1e-6)


@pytest.mark.parametrize("command", ["infer", "train-translator"])
def test_the_command_line_names_it(command, capsys):
    with pytest.raises(SystemExit):
        main([command, "--help"])
    assert "toy: Mean value" in " ".join(capsys.readouterr().out.split())


def test_the_pages_name_it():
    from tests.pages.app import open_page, text_of

    assert extractors_of(record_of("compact"))[-1] == "toy"
    assert "attention, gene embeddings, TF term, Target term, Neighbours, mean value" in text_of(
        open_page("pages/prepare/models.py")
    )


@pytest.fixture
def loaded(monkeypatch):
    def load(name, weights="pretrained"):
        return tiny_model(dtype=torch.float32, seed=0 if weights == "pretrained" else 1)

    monkeypatch.setattr(handle, "load_model", load)


def trained(extractors, tests=()):
    options = TranslatorOptions(name="mine", title="Mine", model="tiny", n_seeds=2, extractors=extractors)
    return train_and_measure(options, [reference_of(some_edges(24), name="train")], tests)


def test_a_translator_learns_it_and_is_calibrated_for_every_combination(loaded, tmp_path):
    test = reference_of(some_edges(20, seed=1, sources=GENES[2:7]), name="test")
    translator = trained(("toy", "gdt", "emb"), [test])
    card = translator.card
    assert card["extractors"] == {"emb": 16, "gdt": len(GRID), "toy": 1}
    assert list(card["temperature"]) == ["emb", "gdt", "toy", "emb+gdt", "emb+toy", "gdt+toy", "emb+gdt+toy"]
    names = [row["method"] for row in card["evaluation"]]
    assert names[:4] == ["GDT", "Emb", "Toy", "Ensemble"]
    assert "Reads Emb and GDT and Toy features" in translator_card(card)

    translator.save(tmp_path / "mine")
    again = Translator.load(tmp_path / "mine")
    model = tiny_model(dtype=torch.float32)
    panel = GenePanel(model.vocabulary, model.vocabulary, (2, 5), np.zeros(11, dtype=np.float32))
    features = grn.extract(model, panel, extractors=("emb", "gdt", "toy"))
    edges = score_edges(features, again, extractors=("toy", "emb"))
    assert len(edges) == 2 * 10
    assert set(edges["sign"]) == {0}, "neither says anything of signs"
    ratio = edges["score"] / card["temperature"]["emb+toy"] + shift(card)
    np.testing.assert_allclose(edges["probability"], 1 / (1 + np.exp(-ratio)), rtol=1e-5)
    assert set(score_edges(features, again, extractors=("toy", "gdt"))["sign"]) <= {-1, 0, 1}


@pytest.mark.thorough
def test_it_has_rows_of_its_own_in_a_benchmark(tmp_path):
    """One through a translator and, once its record has a score without one, one of that; the others stay."""
    folder = tmp_path / "references"
    folder.mkdir()
    write_toy(folder)
    protocol = Protocol("hONE:NET", ("hTWO:NET",), folder, n_seeds=2)
    model, untrained = tiny_handle(0), tiny_handle(1)
    found = run_protocol(protocol, model, untrained, home=tmp_path / "home").table
    assert [name for name in found["method"] if "Toy" in name] == ["Toy (translator)"]
    register(replace(TOY, origin=lambda features: features[..., 0]))
    table = run_protocol(protocol, model, untrained, home=tmp_path / "home").table
    kinds = dict(zip(table["method"], table["kind"], strict=True))
    assert (kinds["Toy (translator)"], kinds["Toy (origin)"]) == ("method", "method")
    assert list(kinds)[3:8] == [
        "Pert (origin)",
        "Attn (origin)",
        "Toy (origin)",
        "Pert (translator)",
        "Emb (translator)",
    ]
    loaded = model.load()
    reference = protocol.read("hTWO:NET")
    test = Table(protocol, Bench(model, home=tmp_path / "other")).held_out(reference, "all")
    scores = []
    for pairs in test.pairs:
        ends = np.stack([pairs.source, pairs.target], axis=1)
        own = extract_for_pairs(loaded, reference.genes, ends, extractors="toy")["toy"][:, 0]
        scores.append(average_precision_score(pairs.label, own))
    row = table.set_index("method").loc["Toy (origin)"]
    assert row["auprc"] == pytest.approx(np.mean(scores), abs=1e-6)
    del EXTRACTORS["toy"]
    before = run_protocol(protocol, model, untrained, home=tmp_path / "third").table
    register(TOY)
    rest = table[~table["method"].str.startswith("Toy")].reset_index(drop=True)
    pd.testing.assert_frame_equal(rest, before)


def test_what_one_extractor_learns_does_not_depend_on_the_others(loaded):
    alone, beside = trained(("gdt",)), trained(("toy", "gdt", "emb"))
    for name, value in alone.networks["gdt"].state_dict().items():
        assert torch.equal(value, beside.networks["gdt"].state_dict()[name]), name
    assert alone.card["temperature"]["gdt"] == beside.card["temperature"]["gdt"]


def test_measured_cells_are_asked_for_before_anything_is_loaded(loaded):
    with pytest.raises(RequestError, match="Perturbation of the mean cell: read at the mean of measured cells"):
        trained(("gdt", "pert"))


def test_pert_is_learnt_at_the_mean_of_the_cells_that_are_given(loaded, tmp_path):
    from grn_core.genes import human_symbols

    cells = tmp_path / "cells.csv"
    genes = sorted(human_symbols())[:30]
    counts = np.random.default_rng(0).poisson(3, size=(12, len(genes)))
    lines = [",".join(["cell", *genes]), *(",".join([f"c{row}", *map(str, one)]) for row, one in enumerate(counts))]
    cells.write_text("\n".join(lines) + "\n")
    options = TranslatorOptions(name="m", title="M", model="tiny", n_seeds=2, extractors=("pert",), cells=cells)
    card = train_and_measure(options, [reference_of(some_edges(24), name="train")], []).card
    assert card["extractors"] == {"pert": 1}
    assert card["temperature"].keys() == {"pert"}
    assert card["cells"]


def test_the_menu_of_methods_is_what_a_translator_has_learnt():
    from pages.components.infer.form import asked_by, methods_of

    def learnt(*names, **card):
        return TranslatorRecord(
            "a", "A", "", model="m", model_sha="s", readout="r", extractors=names, seeds=(0,), card=card
        )

    assert methods_of(learnt("gdt", "vvp")) == {
        "both": "Ensemble",
        "vvp": "VVP: response curve",
        "gdt": "GDT: gradient trajectory",
    }
    assert methods_of(learnt("toy", "gdt")) == {
        "both": "GDT and Toy",
        "gdt": "GDT: gradient trajectory",
        "toy": "Toy: Mean value",
    }
    with_terms = learnt("gdt", "source", "target", "vvp", ensemble=["gdt", "target", "vvp"])
    assert list(methods_of(with_terms).items())[:2] == [
        ("both", "Ensemble + target term"),
        ("pairs", "Ensemble"),
    ]
    assert asked_by(with_terms, "pairs") == ("vvp", "gdt")
    assert asked_by(with_terms, "source") == ("source",)
