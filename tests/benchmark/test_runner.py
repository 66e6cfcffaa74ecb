"""The protocol from references to table: what it measures, and what it does not compute twice."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from grn_core.benchmark import controls, handle, runner
from grn_core.benchmark import evaluate as ev
from grn_core.benchmark.protocol import Protocol
from grn_core.benchmark.runner import run_protocol, transfer, transfer_matrix
from grn_core.errors import Cancelled, DataError, RequestError
from grn_core.extractors import engine
from tests.benchmark.toy_references import GENES, tiny_handle, unloadable, write_network, write_toy

MODEL, UNTRAINED = tiny_handle(0), tiny_handle(1)
ALL_METHODS = [
    "VVP",
    "GDT",
    "Ensemble",
    "Random weights: Ensemble",
    "Shuffled labels: Ensemble",
    "Degree only",
]


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """A few epochs: what is learnt does not matter here."""
    monkeypatch.setattr(ev.TrainingOptions, "__init__", _few_epochs(ev.TrainingOptions.__init__))


def _few_epochs(init):
    def short(self, *, epochs=1, **options):
        init(self, epochs=epochs, **options)

    return short


@pytest.fixture
def toy(tmp_path):
    folder = tmp_path / "references"
    folder.mkdir()
    write_toy(folder)
    return Protocol("hONE:NET", ("hTWO:NET",), folder, n_seeds=2)


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home"


def test_a_table_with_every_method_and_its_universe(toy, home):
    outcome = run_protocol(toy, MODEL, UNTRAINED, home=home)
    table = outcome.table
    assert table["method"].tolist() == ALL_METHODS
    assert table["is_control"].tolist() == [False] * 3 + [True] * 3
    assert outcome.n_computed == 6
    for column in ("train", "test", "split", "negatives", "universe", "model", "readout", "size", "n_seeds"):
        assert table[column].nunique() == 1
    assert table["n_positives"].nunique() == 1, "all methods see the same pairs"
    assert (table["prevalence"] == 0.5).all()
    assert table["natural_prevalence"].between(0.1, 0.5).all()
    measures = ["auprc", "auroc", "auprc_ratio", "epr", "auprc_per_tf", "auprc_natural", "epr_natural"]
    assert np.isfinite(table[[*measures, *(f"{name}_sd" for name in measures)]]).all(axis=None)
    per_tf = outcome.per_tf
    assert set(per_tf["source"]) <= set(GENES)
    assert set(per_tf["method"]) == set(ALL_METHODS)
    assert per_tf["auprc"].between(0, 1).all()


def test_scores_are_those_of_the_translator_bench(toy, home):
    """The same pairs, weights and AUPRC as `evaluate`, which measures bundled translators."""
    found = run_protocol(toy, MODEL, home=home).table.set_index("method")
    model = MODEL.load()
    train = ev.prepare(model, toy.read("hONE:NET"), (0, 1))
    genes = train.reference.genes
    seen = frozenset((genes[s], genes[t]) for one in train.pairs for s, t in zip(one.source, one.target, strict=True))
    test = ev.prepare(model, toy.read("hTWO:NET"), (0, 1), exclude=seen)
    networks, _ = ev.fit([train])
    for row in ev.measure(networks, test, split="all"):
        own = found.loc[row["method"]]
        assert own["auprc"] == pytest.approx(row["mean"], abs=2e-4)
        assert own["n_positives"] == row["n_positives"]
        assert own["n_sources"] == row["n_sources"]
    degree = ev.measure_score("Degree only", ev.degree_score([train], test), test, split="all")
    assert found.loc["Degree only", "auprc"] == pytest.approx(degree["mean"], abs=1e-4)


def test_a_second_run_computes_nothing(toy, home):
    first = run_protocol(toy, MODEL, UNTRAINED, home=home)
    again = run_protocol(toy, unloadable(MODEL), unloadable(UNTRAINED), home=home)
    assert again.n_computed == 0
    pd.testing.assert_frame_equal(again.table, first.table)
    pd.testing.assert_frame_equal(again.per_tf, first.per_tf)


def test_other_weights_are_not_taken_from_the_cache(toy, home):
    first = run_protocol(toy, MODEL, UNTRAINED, home=home)
    other = run_protocol(toy, tiny_handle(2), unloadable(UNTRAINED), home=home)
    assert other.n_computed == 4, "VVP, GDT, Ensemble and Shuffled labels; the other controls know no such model"
    both = [one.table.set_index("method")["auroc"] for one in (first, other)]
    assert (both[0][["VVP", "GDT"]] != both[1][["VVP", "GDT"]]).all()
    kept = ["Random weights: Ensemble", "Degree only"]
    assert (both[0][kept] == both[1][kept]).all()


@pytest.mark.parametrize("change", [{"n_seeds": 3}, {"negatives": "all-pairs"}, {"readout": "plain"}])
def test_other_options_are_computed_anew(toy, home, change):
    run_protocol(toy, MODEL, home=home)
    n_without_model = 1 if "readout" in change else 0
    assert run_protocol(replace(toy, **change), MODEL, home=home).n_computed == 5 - n_without_model


def test_an_edge_more_is_computed_anew(toy, home):
    run_protocol(toy, MODEL, home=home)
    path = toy.folder / "NET_hTWO_TFsplus500.tsv.gz"
    edges = pd.read_csv(path, sep="\t")
    edges.iloc[:-1].to_csv(path, sep="\t", index=False)
    assert run_protocol(toy, MODEL, home=home).n_computed == 5


def test_an_interrupted_run_goes_on(toy, home, monkeypatch):
    """Stopped when the second test begins: its cells alone are left."""
    whole = replace(toy, tests=("hTWO:NET", "hFAR:NET"))

    def stop(stage, done, total):
        if (stage, done) == ("measure", 1):
            message = "the user asked to stop"
            raise Cancelled(message)

    with pytest.raises(Cancelled):
        run_protocol(whole, MODEL, UNTRAINED, home=home, progress=stop)
    sources, extract = [], engine.extract_for_pairs

    def counting(model, genes, pairs, **options):
        sources.append(tuple(genes))
        return extract(model, genes, pairs, **options)

    monkeypatch.setattr(engine, "extract_for_pairs", counting)
    outcome = run_protocol(whole, MODEL, UNTRAINED, home=home)
    assert outcome.n_computed == 6
    assert len(set(sources)) == 1, "features of the training and of the first test set were there"
    fresh = run_protocol(whole, MODEL, UNTRAINED, home=home.with_name("fresh"))
    pd.testing.assert_frame_equal(outcome.table, fresh.table, rtol=1e-3)


def test_splits(toy, home):
    """hFAR shares no gene with the training set: every split asks the same; hTWO loses what training has shown."""
    splits = ("all", "unseen-target", "unseen-tf-and-target")
    table = run_protocol(replace(toy, tests=("hTWO:NET", "hFAR:NET"), splits=splits), MODEL, home=home).table
    n_positives = table[table["method"] == "GDT"].set_index(["test", "split"])["n_positives"]
    assert n_positives["hFAR:NET"].tolist() == [12, 12, 12]
    assert n_positives["hTWO:NET"]["unseen-target"] < n_positives["hTWO:NET"]["all"]


def test_a_split_that_leaves_nothing_is_said(toy, home):
    """All sources of hTWO are genes of the training set."""
    asked = replace(toy, splits=("unseen-tf-and-target",))
    outcome = run_protocol(asked, MODEL, home=home)
    assert not len(outcome.table)
    assert "hTWO NET TFs+500, split unseen-tf-and-target, is left out: " in outcome.notes[0]
    assert run_protocol(asked, unloadable(MODEL), home=home).notes == outcome.notes


def test_degree_matched_negatives(toy, home):
    table = run_protocol(replace(toy, negatives="degree-matched"), MODEL, home=home).table
    assert set(table["universe"]) == {"degree-matched"}
    assert (table["prevalence"] == 0.5).all()
    assert "auprc_natural" not in table


def test_corpus_controls(toy, home, tmp_path, monkeypatch):
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "cells.h5ad").write_bytes(b"made up")
    asked = []

    def fake(folder, vocabulary, *, progress):
        asked.append((folder, tuple(vocabulary)))
        score = {"Corpus correlation": lambda s, t: s - t, "SVD cosine": lambda s, t: s * t}
        return {name: lambda genes, one=one: one for name, one in score.items()}

    monkeypatch.setattr(controls, "corpus_controls", fake)
    whole = replace(toy, corpus=corpus)
    table = run_protocol(whole, MODEL, home=home).table
    assert table["method"].tolist()[-2:] == ["Corpus correlation", "SVD cosine"]
    assert asked == [(corpus, GENES)]
    run_protocol(whole, tiny_handle(3), home=home)
    assert len(asked) == 1, "another model, the same corpus"
    (corpus / "cells.h5ad").write_bytes(b"made up of more")
    assert run_protocol(whole, MODEL, home=home).n_computed == 2


def test_transfer_matrix(toy, home):
    names = ("hONE:NET", "hTWO:NET", "hFAR:NET")
    protocols = [replace(toy, train=one, tests=tuple(n for n in names if n != one)) for one in names]
    outcome = transfer(protocols, MODEL, home=home)
    matrix = transfer_matrix(outcome.table)
    assert sorted(matrix.index) == sorted(matrix.columns) == sorted(names)
    assert matrix.isna().to_numpy().sum() == 3
    assert all(np.isnan(matrix.loc[name, name]) for name in names)
    own = outcome.table.query("method == 'Ensemble' and train == 'hONE:NET' and test == 'hFAR:NET'")
    assert matrix.loc["hONE:NET", "hFAR:NET"] == own["auprc"].item()
    by_gdt = transfer_matrix(outcome.table, method="GDT", measure="auroc")
    assert not by_gdt.equals(matrix)


def test_universes_are_never_mixed(toy, home):
    with pytest.raises(RequestError, match="2 kinds of negatives; needed: one kind"):
        transfer([toy, replace(toy, negatives="all-pairs")], MODEL, home=home)
    tables = [run_protocol(replace(toy, negatives=n), MODEL, home=home).table for n in ("tf-restricted", "all-pairs")]
    with pytest.raises(RequestError, match="the table mixes negatives; needed: one universe"):
        transfer_matrix(pd.concat(tables))
    with pytest.raises(RequestError, match="no row of Attn"):
        transfer_matrix(tables[0], method="Attn")


def test_errors_of_a_protocol(toy, home):
    with pytest.raises(DataError, match="no network NET of hNONE"):
        run_protocol(replace(toy, tests=("hNONE:NET",)), MODEL, home=home)
    write_network(toy.folder, "hNEW:NET", [("TP53", "MDM2")])
    with pytest.raises(DataError, match="no edge between genes of the list"):
        run_protocol(replace(toy, train="hNEW:NET"), MODEL, home=home)
    with pytest.raises(RequestError, match="tiny has no readout 'attn'; needed: one of masked, plain"):
        run_protocol(replace(toy, readout="attn"), MODEL, home=home)


def test_methods_are_named_once():
    names = [method.name for method in runner.METHODS]
    assert len(set(names)) == len(names)
    assert [method.name for method in runner.METHODS if not method.is_control] == ["VVP", "GDT", "Ensemble"]


def test_the_handle_of_a_registered_model_loads_nothing(monkeypatch):
    loaded = []
    monkeypatch.setattr(handle.registry, "load_model", lambda name, weights: loaded.append((name, weights)) or "model")
    own, blank = handle.model_handle("compact"), handle.model_handle("compact", weights="random")
    assert not loaded
    assert own.sha == handle.registry.weights_sha("compact") != blank.sha
    assert own.vocabulary == blank.vocabulary
    assert [blank.load(), blank.load(), own.load()] == ["model"] * 3
    assert loaded == [("compact", "random"), ("compact", "pretrained")]


def test_the_handle_of_a_folder_knows_its_weights(monkeypatch, tmp_path):
    model = MODEL.load()
    monkeypatch.setattr(handle.registry, "load_model", lambda name, weights: model)
    found = handle.model_handle(str(tmp_path))
    assert found.sha == engine.network_digest(model) == MODEL.sha
    assert found.vocabulary == GENES
    assert torch.is_tensor(next(found.load().network.parameters()))
