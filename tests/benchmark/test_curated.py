"""The four Boolean models: exact truth, signs, and co-expression beside virtual cells."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch

from grn_core import coexpression
from grn_core.benchmark import curated
from grn_core.benchmark.curated import run_curated, sign_scores, truth_of
from grn_core.coexpression import METHODS
from grn_core.datasets import catalog
from grn_core.errors import RequestError, TranslatorError
from grn_core.translator.apply import Translator
from grn_core.translator.mlp import TranslatorMLP
from tests.benchmark.toy_references import tiny_handle, unloadable
from tests.models.tiny import GRID

MCAD = ("EMX2", "FGF8", "NR2F1", "PAX6", "SP8")
SIGNED = {("EMX2", "FGF8"): -1, ("FGF8", "EMX2"): -1, ("FGF8", "SP8"): 1, ("SP8", "FGF8"): 1, ("NR2F1", "EMX2"): 1}


@pytest.fixture
def handle():
    return tiny_handle(genes=(*MCAD, "OTHER"))


@pytest.fixture
def translator(tmp_path, handle):
    """An untrained translator of the handle's model, on disk."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        networks = {kind: TranslatorMLP(2, len(GRID), (4,)) for kind in ("gdt", "vvp")}
    temperature = {"gdt": 1.0, "vvp": 1.0, "gdt+vvp": 1.0}
    card = {"name": "toy", "model": "tiny", "model_sha": handle.sha, "readout": "masked", "grid": list(GRID)}
    card |= {"kinds": ["gdt", "vvp"], "seeds": [0, 1], "hidden": [4], "temperature": temperature}
    Translator(networks, card).save(tmp_path / "translator")
    return tmp_path / "translator"


def test_the_truth_of_mcad():
    """Thirteen edges between five genes, read off the published rules."""
    truth = truth_of("mCAD", frozenset({*MCAD, "OTHER"}))
    assert truth.genes == MCAD
    assert truth.n_lost == 0
    assert len(truth.pairs) == 5 * 4
    assert truth.pairs.label.sum() == 13
    sign = dict(zip(zip(truth.pairs.source, truth.pairs.target, strict=True), truth.sign, strict=True))
    for (source, target), expected in SIGNED.items():
        assert sign[MCAD.index(source), MCAD.index(target)] == expected
    assert (truth.sign[truth.pairs.label == 0] == 0).all()


def test_genes_that_the_model_lacks_are_left_out():
    truth = truth_of("mCAD", frozenset(MCAD) - {"SP8"})
    assert truth.genes == MCAD[:-1]
    assert truth.n_lost == 1
    assert len(truth.pairs) == 4 * 3


@pytest.mark.parametrize(
    ("ref", "vocabulary", "said"),
    [
        ("XYZ", MCAD, "no curated model 'XYZ'; needed: one of GSD, HSC"),
        ("mCAD", ("A",), "the model knows no edge of mCAD"),
    ],
)
def test_truths_that_are_not_there(ref, vocabulary, said):
    with pytest.raises(RequestError, match=said):
        truth_of(ref, frozenset(vocabulary))


def test_sign_accuracy_by_hand():
    truth = truth_of("mCAD", frozenset(MCAD))
    right = truth.sign.copy()
    assert sign_scores(truth, right)["sign_accuracy"] == 1.0
    assert sign_scores(truth, -right)["sign_accuracy"] == 0.0
    n_positive, n_signed = (truth.sign > 0).sum(), (truth.sign != 0).sum()
    always = sign_scores(truth, np.ones(len(right)))
    assert always["sign_accuracy"] == pytest.approx(n_positive / n_signed)
    assert always["sign_majority"] == pytest.approx(max(n_positive, n_signed - n_positive) / n_signed)
    assert np.isnan(sign_scores(truth, None)["sign_accuracy"])


def test_a_table_of_cells_and_virtual_cells(tmp_path, handle, translator):
    found = run_curated(handle, translator, refs=["mCAD"], methods=["pearson", "mutual-information"], home=tmp_path)
    table = found.table.set_index("method")
    assert table.index.tolist() == ["VVP", "GDT", "Ensemble", "Pearson correlation", "Mutual information"]
    assert table["n_seeds"].tolist() == [2, 2, 2, 1, 1]
    assert table["model"].tolist() == ["tiny"] * 3 + [""] * 2
    assert set(table["universe"]) == {"all ordered pairs"}
    assert (table["n_pairs"] == 20).all()
    assert (table["n_positives"] == 13).all()
    assert table["sign_accuracy"].isna().tolist() == [False] * 4 + [True]
    assert found.n_computed == 5
    assert "0 of 5 genes" in found.notes[0]
    assert "0 of 13 true edges are in the bundled OmniPath" in found.notes[0]

    data = catalog.load("mCAD")
    edges = coexpression.run(data.matrix, data.genes, range(5), method="pearson")
    truth = {(s, t): sign for s, t, sign in data.truth.itertuples(index=False)}
    right = [
        row.sign == truth[row.source, row.target] for row in edges.itertuples() if (row.source, row.target) in truth
    ]
    assert table.loc["Pearson correlation", "sign_accuracy"] == pytest.approx(np.mean(right))
    hits = [(row.source, row.target) in truth for row in edges.itertuples()]
    precision = np.cumsum(hits) / np.arange(1, 21)
    assert table.loc["Pearson correlation", "auprc"] == pytest.approx(precision[hits].mean(), abs=0.03), "up to ties"


def test_a_second_run_computes_nothing(tmp_path, handle, translator, monkeypatch):
    options = {"refs": ["mCAD"], "methods": ["spearman"], "home": tmp_path}
    first = run_curated(handle, translator, **options)
    with monkeypatch.context() as patched:
        patched.setattr(curated, "score_pairs", None)
        patched.setattr(catalog, "load", None)
        again = run_curated(unloadable(handle), translator, **options)
    assert again.n_computed == 0
    pd.testing.assert_frame_equal(again.table, first.table)

    card = (translator / "card.json").read_text(encoding="utf-8")
    (translator / "card.json").write_text(card.replace("toy", "toy, changed"), encoding="utf-8")
    assert run_curated(handle, translator, **options).n_computed == 3, "the rows that the translator is part of"


def test_random_methods_take_every_seed(tmp_path, handle, translator, monkeypatch):
    seeds = []

    def score(expression, genes, sources, *, method, seed, progress):
        seeds.append((method, seed))
        return np.random.default_rng(seed).normal(size=(len(sources), len(genes)))

    monkeypatch.setattr(curated, "score_pairs", score)
    found = run_curated(handle, translator, refs=["mCAD"], n_seeds=3, home=tmp_path).table
    assert len(found) == 3 + len(METHODS) == 10
    for name, record in METHODS.items():
        expected = [0, 1, 2] if record.seeded else [0]
        assert [seed for method, seed in seeds if method == name] == expected


def test_a_translator_that_does_not_fit(tmp_path, translator):
    other = tiny_handle(1, genes=(*MCAD, "OTHER"))
    with pytest.raises(TranslatorError, match="weights: "):
        run_curated(other, translator, refs=["mCAD"], methods=[], home=tmp_path)
    with pytest.raises(RequestError, match="no co-expression method 'odd'"):
        run_curated(other, translator, refs=["mCAD"], methods=["odd"], home=tmp_path)
    with pytest.raises(TranslatorError, match=r"nowhere cannot be read .*; needed: card.json"):
        run_curated(other, tmp_path / "nowhere", refs=["mCAD"], home=tmp_path)
