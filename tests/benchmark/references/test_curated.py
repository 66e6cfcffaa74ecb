"""The four Boolean models: exact truth, signs, and co-expression beside virtual cells."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from grn_core import coexpression
from grn_core.benchmark.features.expression import simulated_cells
from grn_core.benchmark.metrics.beeline import beeline
from grn_core.benchmark.protocol import protocol as module
from grn_core.benchmark.protocol.protocol import Protocol
from grn_core.benchmark.protocol.runner import run_protocol
from grn_core.benchmark.references.curated import truth_of
from grn_core.coexpression import METHODS
from grn_core.datasets import catalog
from grn_core.errors import RequestError
from grn_core.translator.train import TrainingOptions
from tests.benchmark.toy_references import GENES, tiny_handle, unloadable

MCAD = ("EMX2", "FGF8", "NR2F1", "PAX6", "SP8")
SIGNED = {("EMX2", "FGF8"): -1, ("FGF8", "EMX2"): -1, ("FGF8", "SP8"): 1, ("SP8", "FGF8"): 1, ("NR2F1", "EMX2"): 1}
VOCABULARY = tuple(sorted({*MCAD, *GENES}))
MODEL, UNTRAINED = tiny_handle(0, genes=VOCABULARY), tiny_handle(1, genes=VOCABULARY)
SUITE = Protocol("omnipath", ("curated:mCAD",), negatives="beeline", n_seeds=2, coexpression=("pearson",))


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """A single epoch: what is learnt does not matter here."""
    init = TrainingOptions.__init__
    monkeypatch.setattr(TrainingOptions, "__init__", lambda self, **options: init(self, **{"epochs": 1, **options}))


def test_the_truth_of_mcad():
    """Thirteen edges between five genes, read off the published rules."""
    truth = truth_of("mCAD")
    assert truth.genes == MCAD
    assert len(truth.edges) == 13
    assert (truth.dataset, truth.network) == ("mCAD", "truth")
    sign = {(s, t): sign for s, t, sign in truth.edges.itertuples(index=False)}
    for edge, expected in SIGNED.items():
        assert sign[edge] == expected


def test_a_truth_that_is_not_there():
    with pytest.raises(RequestError, match="no curated model 'XYZ'; needed: one of GSD, HSC"):
        truth_of("XYZ")


def test_a_table_of_cells_and_virtual_cells(tmp_path):
    found = run_protocol(SUITE, MODEL, UNTRAINED, home=tmp_path)
    table = found.table.set_index("method")
    assert {"VVP", "GDT", "Ensemble", "Emb (translator)", "Pert (origin)", "VVP + GDT"} <= set(table.index)
    assert {"Random weights", "Shuffled labels", "Degree only", "Pearson correlation"} <= set(table.index)
    assert set(table["suite"]) == {"curated"}
    assert set(table["genes"]) == {"all"}
    assert (table["n_pairs"] == 20).all(), "no pair was among the training pairs"
    assert (table["n_positives"] == 13).all()
    assert table["sign_accuracy"].notna()[["VVP", "GDT", "Ensemble", "Pert (origin)", "Pearson correlation"]].all()
    assert table["sign_accuracy"].isna()[["Emb (translator)", "Random weights", "Degree only"]].all()
    assert table["sign_majority"].nunique() == 1
    assert any("no pair of its genes was among the training pairs" in note for note in found.notes)
    assert not len(found.curves)


def test_pearson_against_another_road(tmp_path):
    """Sign accuracy and BEELINE's measures from the edge table of `coexpression.run`."""
    table = run_protocol(SUITE, MODEL, home=tmp_path).table.set_index("method")
    data = catalog.load("mCAD")
    edges = coexpression.run(data.matrix, data.genes, range(5), method="pearson")
    truth = {(s, t): sign for s, t, sign in data.truth.itertuples(index=False)}
    right = [
        row.sign == truth[row.source, row.target] for row in edges.itertuples() if (row.source, row.target) in truth
    ]
    own = table.loc["Pearson correlation"]
    assert own["sign_accuracy"] == pytest.approx(np.mean(right))
    expected = beeline(data.truth, edges)
    assert own["auprc_beeline"] == pytest.approx(expected.values["auprc"])
    assert own["auroc"] == pytest.approx(expected.values["auroc"])
    assert own["epr_beeline"] == pytest.approx(expected.values["epr"])
    assert own["auprc_beeline_sd"] == 0.0, "all pairs, no draw"


def test_pairs_of_the_truth_are_withheld_from_training(tmp_path, monkeypatch):
    """An edge of mCAD in the training network: the test is whole all the same."""
    listed = module.read_reference("omnipath")
    more = pd.DataFrame([("PAX6", "EMX2"), ("PAX6", "SOX2")], columns=["source", "target"])
    changed = replace(listed, edges=pd.concat([listed.edges[["source", "target"]], more]).drop_duplicates())
    monkeypatch.setattr(module, "read_reference", lambda text: changed)
    assert ("PAX6", "EMX2") in SUITE.withheld()
    found = run_protocol(SUITE, MODEL, home=tmp_path).table
    assert (found["n_pairs"] == 20).all()
    assert (found["n_positives"] == 13).all()


def test_genes_that_the_model_lacks_are_left_out(tmp_path):
    smaller = tiny_handle(0, genes=tuple(gene for gene in VOCABULARY if gene != "SP8"))
    found = run_protocol(SUITE, smaller, home=tmp_path)
    assert (found.table["n_pairs"] == 4 * 3).all()
    assert any("4 of 5 genes are in the model's vocabulary" in note for note in found.notes)
    none = run_protocol(SUITE, tiny_handle(0), home=tmp_path)
    assert not len(none.table)
    assert any("mCAD Boolean model, split all, is left out" in note for note in none.notes)


def test_a_second_run_computes_nothing(tmp_path):
    first = run_protocol(SUITE, MODEL, UNTRAINED, home=tmp_path)
    again = run_protocol(SUITE, unloadable(MODEL), unloadable(UNTRAINED), home=tmp_path)
    assert again.n_computed == 0
    pd.testing.assert_frame_equal(again.table, first.table)


def test_random_methods_take_every_seed(tmp_path, monkeypatch):
    seeds = []

    def score(expression, genes, sources, *, method, seed, folder, progress, executor):
        seeds.append((method, seed))
        return np.random.default_rng(seed).normal(size=(len(sources), len(genes)))

    monkeypatch.setattr(coexpression, "score_pairs", score)
    run_protocol(replace(SUITE, coexpression=tuple(METHODS), n_seeds=3), MODEL, home=tmp_path)
    for name, record in METHODS.items():
        expected = [0, 1, 2] if record.seeded else [0]
        assert [seed for method, seed in seeds if method == name] == expected


def test_simulated_cells_have_no_library_to_count_against():
    cells = simulated_cells("mCAD")
    assert cells.genes == MCAD
    assert cells.mean is None
