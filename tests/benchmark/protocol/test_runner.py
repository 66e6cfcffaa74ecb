"""The protocol from references to table: what it measures, and what it does not compute twice."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.metrics import average_precision_score

from grn_core import coexpression
from grn_core.benchmark.features import corpus as controls
from grn_core.benchmark.features import handle
from grn_core.benchmark.features.bench import Bench
from grn_core.benchmark.features.expression import read_beeline_cells
from grn_core.benchmark.pairs.negatives import draw_pairs
from grn_core.benchmark.pairs.splits import Seen
from grn_core.benchmark.protocol.measuring import measure_method
from grn_core.benchmark.protocol.methods import methods
from grn_core.benchmark.protocol.protocol import Protocol
from grn_core.benchmark.protocol.runner import join, run_protocol, transfer_matrix
from grn_core.benchmark.protocol.table import Table
from grn_core.benchmark.references.reference import read_panel
from grn_core.errors import Cancelled, DataError, RequestError
from grn_core.extractors import engine, in_memory
from grn_core.translator.measured import WITH_GENES
from grn_core.translator.pairs import positive_pairs
from grn_core.translator.train import TrainingOptions
from tests.benchmark.toy_references import GENES, tiny_handle, unloadable, write_network, write_toy

MODEL, UNTRAINED = tiny_handle(0), tiny_handle(1)
PAPER = ["VVP", "GDT", "Ensemble", "Pert (origin)", "Attn (origin)", "Pert (translator)", "Emb (translator)"]
TERMS = ["TF term (translator)", "Target term (translator)", WITH_GENES]
EXTENSIONS = [*TERMS, "VVP + GDT", "VVP + GDT + product"]
CONTROLS = ["Random weights", "Shuffled labels", f"Random weights, {WITH_GENES}", "Degree only"]
ALL_METHODS = [*PAPER, *EXTENSIONS, *CONTROLS]


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """A few epochs: what is learnt does not matter here."""
    monkeypatch.setattr(TrainingOptions, "__init__", _few_epochs(TrainingOptions.__init__))


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


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """The home in which `toy` was measured once, and what was found."""
    folder, home = (tmp_path_factory.mktemp(name) for name in ("references", "home"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TrainingOptions, "__init__", _few_epochs(TrainingOptions.__init__))
        protocol = Protocol("hONE:NET", ("hTWO:NET",), write_toy(folder), n_seeds=2)
        return home, run_protocol(protocol, MODEL, UNTRAINED, home=home)


@pytest.fixture
def measured(first, tmp_path):
    """A home of the test's own in which `toy` was measured before."""
    return shutil.copytree(first[0], tmp_path / "measured")


def test_a_table_with_every_method_and_its_universe(first):
    _, outcome = first
    table = outcome.table
    assert table["method"].tolist() == ALL_METHODS
    assert table["kind"].tolist() == ["method"] * 7 + ["extension"] * 5 + ["control"] * 4
    assert table["is_control"].tolist() == [False] * 12 + [True] * 4
    assert (outcome.n_computed, outcome.n_measurements) == (16, 16)
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


def test_a_second_run_computes_nothing(toy, first, measured):
    again = run_protocol(toy, unloadable(MODEL), unloadable(UNTRAINED), home=measured)
    assert (again.n_computed, again.n_measurements) == (0, 16)
    pd.testing.assert_frame_equal(again.table, first[1].table)
    pd.testing.assert_frame_equal(again.per_tf, first[1].per_tf)


def test_other_weights_are_not_taken_from_the_cache(toy, first, measured):
    other = run_protocol(toy, tiny_handle(2), unloadable(UNTRAINED), home=measured)
    assert other.n_computed == 13, "all that read the model; the other controls know no such model"
    both = [one.table.set_index("method")["auroc"] for one in (first[1], other)]
    assert (both[0][["VVP", "GDT"]] != both[1][["VVP", "GDT"]]).all()
    kept = ["Random weights", "Degree only"]
    assert (both[0][kept] == both[1][kept]).all()


@pytest.mark.parametrize("change", [{"n_seeds": 3}, {"negatives": "all-pairs"}, {"readout": "plain"}])
def test_other_options_are_computed_anew(toy, measured, change):
    n_without_model = 1 if "readout" in change else 0
    assert run_protocol(replace(toy, **change), MODEL, home=measured).n_computed == 14 - n_without_model


def test_an_edge_more_is_computed_anew(toy, measured):
    path = toy.folder / "NET_hTWO_TFsplus500.tsv.gz"
    edges = pd.read_csv(path, sep="\t")
    edges.iloc[:-1].to_csv(path, sep="\t", index=False)
    assert run_protocol(toy, MODEL, home=measured).n_computed == 14


@pytest.mark.thorough
def test_an_interrupted_run_goes_on(toy, home, monkeypatch):
    """Stopped when the second test begins: its cells alone are left."""
    whole = replace(toy, tests=("hTWO:NET", "hFAR:NET"))

    def stop(stage, done, total):
        if (stage, done) == ("measure", 1):
            message = "the user asked to stop"
            raise Cancelled(message)

    with pytest.raises(Cancelled):
        run_protocol(whole, MODEL, UNTRAINED, home=home, progress=stop)
    sources, extract = [], in_memory.extract_for_pairs

    def counting(model, genes, pairs, **options):
        sources.append(tuple(genes))
        return extract(model, genes, pairs, **options)

    monkeypatch.setattr(in_memory, "extract_for_pairs", counting)
    outcome = run_protocol(whole, MODEL, UNTRAINED, home=home)
    assert outcome.n_computed == 16
    assert len(set(sources)) == 1, "features of the training and of the first test set were there"
    fresh = run_protocol(whole, MODEL, UNTRAINED, home=home.with_name("fresh"))
    pd.testing.assert_frame_equal(outcome.table, fresh.table, rtol=1e-3)


def test_splits(toy, home):
    """hFAR shares no gene with the training set: every split asks the same; hTWO loses what training has shown."""
    splits = ("all", "unseen-target", "unseen-both")
    table = run_protocol(replace(toy, tests=("hTWO:NET", "hFAR:NET"), splits=splits), MODEL, home=home).table
    n_positives = table[table["method"] == "GDT"].set_index(["test", "split"])["n_positives"]
    assert n_positives["hFAR:NET"].tolist() == [12, 12, 12]
    assert n_positives["hTWO:NET"]["unseen-target"] < n_positives["hTWO:NET"]["all"]


def test_a_split_that_leaves_nothing_is_said(toy, home):
    """All sources of hTWO are genes of the training set."""
    asked = replace(toy, splits=("unseen-both",))
    outcome = run_protocol(asked, MODEL, home=home)
    assert not len(outcome.table)
    assert any("hTWO NET TFs+500, split unseen-both, is left out: " in note for note in outcome.notes)
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
    outcome = join(run_protocol(one, MODEL, home=home) for one in protocols)
    matrix = transfer_matrix(outcome.table)
    assert sorted(matrix.index) == sorted(matrix.columns) == sorted(names)
    assert matrix.isna().to_numpy().sum() == 3
    assert all(np.isnan(matrix.loc[name, name]) for name in names)
    own = outcome.table.query("method == 'Ensemble' and train == 'hONE:NET' and test == 'hFAR:NET'")
    assert matrix.loc["hONE:NET", "hFAR:NET"] == own["auprc"].item()
    by_gdt = transfer_matrix(outcome.table, method="GDT", measure="auroc")
    assert not by_gdt.equals(matrix)


def test_universes_are_never_mixed(toy, measured):
    outcomes = [run_protocol(replace(toy, negatives=n), MODEL, home=measured) for n in ("tf-restricted", "all-pairs")]
    with pytest.raises(RequestError, match="2 kinds of negatives: all-pairs, tf-restricted; needed: one kind"):
        join(outcomes)
    tables = [outcome.table for outcome in outcomes]
    with pytest.raises(RequestError, match="the table mixes negatives; needed: one universe"):
        transfer_matrix(pd.concat(tables))
    with pytest.raises(RequestError, match="no row of Rank"):
        transfer_matrix(tables[0], method="Rank")


def test_errors_of_a_protocol(toy, home):
    with pytest.raises(DataError, match="no network NET of hNONE"):
        run_protocol(replace(toy, tests=("hNONE:NET",)), MODEL, home=home)
    write_network(toy.folder, "hNEW:NET", [("TP53", "MDM2")])
    with pytest.raises(DataError, match="no edge between genes of the list"):
        run_protocol(replace(toy, train="hNEW:NET"), MODEL, home=home)
    with pytest.raises(RequestError, match="tiny has no readout 'attn'; needed: one of conditions, masked, plain"):
        run_protocol(replace(toy, readout="attn"), MODEL, home=home)


@pytest.fixture
def expression(tmp_path):
    """Cells of hFAR, which measure all of its genes, and of hTWO, which measure eight of them."""
    folder = tmp_path / "expression"
    for dataset, genes in (("hFAR", GENES[18:]), ("hTWO", GENES[6:14])):
        (folder / dataset).mkdir(parents=True)
        values = np.random.default_rng(0).gamma(2.0, 2.0, size=(len(genes), 20))
        pd.DataFrame(values, index=genes).to_csv(folder / dataset / "ExpressionData.csv")
    return folder


def test_coexpression_and_the_measured_universe(toy, home, expression):
    """Where cells measure a part of the genes, every method is also measured on that part."""
    asked = replace(toy, tests=("hTWO:NET", "hFAR:NET"), expression=expression, coexpression=("pearson", "spearman"))
    outcome = run_protocol(asked, MODEL, UNTRAINED, home=home)
    rows = outcome.table.groupby(["test", "genes"])["method"].apply(list)
    added = ["Pearson correlation", "Spearman correlation"]
    assert rows["hTWO:NET", "TFs+500"] == ALL_METHODS
    assert rows["hTWO:NET", "TFs+500 (measured)"] == ALL_METHODS + added
    assert rows["hFAR:NET", "TFs+500"] == ALL_METHODS + added
    sizes = outcome.table.groupby(["test", "genes"])["n_positives"].agg(["nunique", "first"])
    assert (sizes["nunique"] == 1).all(), "all methods of one universe see the same pairs"
    assert sizes["first"]["hTWO:NET", "TFs+500 (measured)"] < sizes["first"]["hTWO:NET", "TFs+500"]
    part = outcome.per_tf[outcome.per_tf["genes"] == "TFs+500 (measured)"]
    assert set(part["source"]) <= set(GENES[6:14])
    assert any("hTWO, TFs+500: 20 cells measure 8 of" in note for note in outcome.notes)

    cells = read_beeline_cells(expression, "hFAR")
    genes, known = toy.read("hFAR:NET").genes, toy.read("hFAR:NET").edges
    own = outcome.table.query("test == 'hFAR:NET' and method == 'Pearson correlation'").iloc[0]
    correlation = np.round(np.abs(np.corrcoef(cells.values[:, cells.columns(genes)], rowvar=False)), 6)
    positives = positive_pairs(known, genes)
    scores = []
    for seed in range(2):
        pairs = draw_pairs(positives, len(genes), seed=seed, allowed=~np.eye(len(genes), dtype=bool))
        scores.append(average_precision_score(pairs.label, correlation[pairs.source, pairs.target]))
    assert own["auprc"] == pytest.approx(np.mean(scores), abs=1e-6)

    again = run_protocol(asked, unloadable(MODEL), unloadable(UNTRAINED), home=home)
    assert again.n_computed == 0
    pd.testing.assert_frame_equal(again.table, outcome.table)


def test_other_cells_are_computed_anew(toy, home, expression):
    asked = replace(toy, tests=("hFAR:NET",), expression=expression, coexpression=("pearson",))
    run_protocol(asked, MODEL, home=home)
    path = expression / "hFAR" / "ExpressionData.csv"
    (pd.read_csv(path, index_col=0) ** 1.1).to_csv(path)
    assert run_protocol(asked, MODEL, home=home).n_computed == 4, "Pearson, both origins, Pert (translator)"


def test_a_matrix_of_coexpression_serves_every_split(toy, home, expression, monkeypatch):
    calls, score = [], coexpression.score_pairs

    def counting(*given, **options):
        calls.append(options["method"])
        return score(*given, **options)

    monkeypatch.setattr(coexpression, "score_pairs", counting)
    options = {"tests": ("hFAR:NET",), "expression": expression, "coexpression": ("pearson",)}
    run_protocol(replace(toy, **options), MODEL, home=home)
    run_protocol(replace(toy, splits=("unseen-target",), negatives="degree-matched", **options), MODEL, home=home)
    assert calls == ["pearson"]


def test_beeline_on_a_table_worked_out_by_hand(tmp_path, home):
    """Test edges A->B, B->C; training A->B (left out of the test), A->C, D->B. Degree only, per pair asked:

    A: out 2, in 0; B: out 0, in 2; C: out 0, in 1. Scores (out + 0.5)(in + 0.5): A->C 3.75, C->B 1.25, B->C 0.75,
    B->A and C->A 0.25. The one edge left is third of five.
    """
    a, b, c, d = "GATA1", "MYC", "JUN", "FOS"
    folder = tmp_path / "hand"
    folder.mkdir()
    write_network(folder, "hONE:NET", [(a, b), (a, c), (d, b)])
    write_network(folder, "hTWO:NET", [(a, b), (b, c)])
    protocol = Protocol("hONE:NET", ("hTWO:NET",), folder, negatives="beeline", n_seeds=1)
    table = Table(protocol, Bench(MODEL, home=home))
    table.training.seen = Seen(frozenset({(a, b), (a, c), (d, b)}) - {(a, c)})
    (degree,) = [one for one in methods() if one.name == "Degree only"]
    row = measure_method(table.held_out(table.reference("hTWO:NET"), "all"), degree)["row"]
    assert (row["n_pairs"], row["n_positives"], row["universe"]) == (5, 1, "beeline")
    assert row["auprc"] == pytest.approx(1 / 3), "average precision"
    # Trapezoids from (0, 1): to (0, 0) and (0, 0) at the two wrong pairs, then to (1, 1/3).
    assert row["auprc_beeline"] == pytest.approx((0 + 1 / 3) / 2)
    assert row["auroc"] == pytest.approx(2 / 4)
    assert row["epr_beeline"] == 0.0


def test_beeline_asks_every_pair_once(toy, home):
    outcome = run_protocol(replace(toy, negatives="beeline"), MODEL, home=home)
    table = outcome.table.set_index("method")
    assert {"auprc_beeline", "epr_beeline"} <= set(table.columns)
    assert (table["n_pairs"] > 2 * table["n_positives"]).all()
    assert table.loc["Degree only", "auprc_beeline_sd"] == 0.0
    assert table.loc["GDT", "auprc_beeline_sd"] > 0.0, "translators of two seeds"
    assert not len(outcome.curves)


def test_curves_and_calibration(toy, home):
    outcome = run_protocol(replace(toy, splits=("all", "unseen-target")), MODEL, home=home)
    curves, calibration = outcome.curves, outcome.calibration
    assert set(curves["split"]) == {"all"}
    assert (curves.groupby("method").size() == 101).all()
    assert set(curves["method"]) == {name for name in ALL_METHODS if not name.startswith("Random weights")}
    ends = curves[curves["recall"] == 1.0].set_index("method")["precision"]
    assert (ends >= 0.5).all()
    assert "Degree only" not in set(calibration["method"])
    pairs = outcome.table.query("split == 'all' and method == 'GDT'")["n_pairs"].item()
    assert calibration[calibration["method"] == "GDT"]["pairs"].sum() == 2 * pairs, "every pair once a seed"


def test_the_product_needs_embeddings_and_nothing_of_other_features(toy, home, monkeypatch):
    """Features of the extensions are those of their parts, side by side."""
    bench = Bench(MODEL, home=home)
    training = Table(toy, bench).training
    (reference,), (draws,) = training.references, training.draws
    kinds = ("gdt", "vvp", "product", "gdt+vvp+product")
    gdt, vvp, product, whole = (training.features(reference, draws, kind, "own")[0] for kind in kinds)
    assert torch.equal(torch.cat([gdt, vvp, product], dim=1), whole)
    pairs = draws[0]
    vectors = MODEL.load().embed(reference.genes)
    torch.testing.assert_close(product, vectors[pairs.source] * vectors[pairs.target])
    total = training.features(reference, draws, "emb", "own")[0]
    torch.testing.assert_close(total, vectors[pairs.source] + vectors[pairs.target])


def test_models_that_lack_something(toy, home):
    """A model without values keeps the rows that need none; one that hides every gene has no Pert."""
    without = replace(MODEL, record=replace(MODEL.record, offers=("attention", "embedding")))
    outcome = run_protocol(toy, without, home=home)
    assert outcome.table["method"].tolist() == ["Attn (origin)", "Emb (translator)", *TERMS[:2], "Degree only"]
    assert any("VVP is left out: tiny has no vvp" in note for note in outcome.notes)
    hidden = replace(MODEL, record=replace(MODEL.record, hiding_readouts=("conditions", "masked", "plain")))
    names = run_protocol(toy, hidden, home=home).table["method"].tolist()
    assert "Attn (origin)" in names
    assert not {"Pert (origin)", "Pert (translator)"} & set(names)
    short = replace(MODEL, record=replace(MODEL.record, max_genes=5, hiding_readouts=()))
    outcome = run_protocol(toy, replace(short, sha="short"), home=home)
    assert not set(PAPER[3:6]) & set(outcome.table["method"])
    assert any("Attn (origin) is left out, its gene sets are too long" in note for note in outcome.notes)


def own_files(tmp_path):
    edges = [("GATA1", "HBB", "+"), ("GATA1", "HBA1", "+"), ("SPI1", "CSF1R", "activation"), ("GATA1", "KIT", "-")]
    path = tmp_path / "own.tsv"
    lines = ["source\ttarget\tsign", *("\t".join(edge) for edge in [*edges, ("GATA1", "MPO", "")])]
    path.write_text("\n".join(lines), encoding="utf-8")
    panel = tmp_path / "panel.txt"
    panel.write_text("\n".join(["GATA1", "SPI1", "HBB", "HBA1", "KIT", "MPO", "LYZ", "CD14", "no-gene"]), "utf-8")
    return path, panel


def test_a_users_own_reference(toy, home, tmp_path):
    """CSF1R is not in the panel; three of the four edges left have a sign."""
    path, panel = own_files(tmp_path)
    cells = tmp_path / "cells.csv"
    counts = np.random.default_rng(0).integers(0, 30, size=(12, 8))
    pd.DataFrame(counts, columns=["GATA1", "SPI1", "HBB", "HBA1", "KIT", "MPO", "LYZ", "CD14"]).to_csv(cells)
    asked = replace(toy, tests=("own",), own=path, genes=read_panel(panel), cells=cells, coexpression=("spearman",))
    outcome = run_protocol(asked, MODEL, UNTRAINED, home=home)
    table = outcome.table.set_index("method")
    assert table.index.tolist() == [*ALL_METHODS, "Spearman correlation"]
    assert (set(table["suite"]), set(table["genes"]), set(table["test"])) == ({"own"}, {"all"}, {"own:truth"})
    assert (table["n_positives"] == 4).all()
    assert (table["n_sources"] == 1).all()
    assert (table["n_signed"] == 3).all()
    assert table["sign_majority"].tolist() == [pytest.approx(2 / 3)] * len(table)
    assert table["sign_accuracy"].notna()[["GDT", "Pert (origin)", "Spearman correlation"]].all()
    omnipath = run_protocol(replace(asked, train="omnipath"), MODEL, home=home)
    assert (omnipath.table["n_positives"] <= 4).all()
    with pytest.raises(RequestError, match="the user's network was not given; needed: --reference PATH"):
        run_protocol(replace(asked, own=None), MODEL, home=home)


def test_methods_are_named_once():
    names = [method.name for method in methods()]
    assert len(set(names)) == len(names)
    assert [method.name for method in methods() if method.kind == "method"] == PAPER
    extensions = [method.name for method in methods() if method.kind == "extension"]
    assert extensions == [*EXTENSIONS, "VVP, adapted", "GDT, adapted", "Ensemble, adapted"]


def test_a_translator_of_attention_has_a_row_where_it_is_asked_for(toy, measured):
    """Beside the others, which stay as they are; a name that is none is refused."""
    usual = run_protocol(toy, MODEL, home=measured)
    asked = run_protocol(replace(toy, extractors=("attn",)), MODEL, home=measured)
    names = asked.table["method"].tolist()
    assert names[5:8] == ["Pert (translator)", "Attn (translator)", "Emb (translator)"]
    assert asked.n_computed == 1
    rest = asked.table[asked.table["method"] != "Attn (translator)"].reset_index(drop=True)
    pd.testing.assert_frame_equal(rest, usual.table)
    with pytest.raises(RequestError, match="there is no extractor 'atn'; needed: one or more of vvp, gdt, pert, attn"):
        replace(toy, extractors=("atn",))


def test_the_handle_of_a_registered_model_loads_nothing(monkeypatch):
    loaded = []
    monkeypatch.setattr(handle, "load_model", lambda name, weights: loaded.append((name, weights)) or "model")
    own, blank = handle.model_handle("compact"), handle.model_handle("compact", weights="random")
    assert not loaded
    assert own.sha == handle.registry.weights_sha("compact") != blank.sha
    assert own.vocabulary == blank.vocabulary
    assert [blank.load(), blank.load(), own.load()] == ["model"] * 3
    assert loaded == [("compact", "random"), ("compact", "pretrained")]


def test_the_handle_of_a_folder_knows_its_weights(monkeypatch, tmp_path):
    model = MODEL.load()
    monkeypatch.setattr(handle, "load_model", lambda name, weights: model)
    found = handle.model_handle(str(tmp_path))
    assert found.sha == engine.network_digest(model) == MODEL.sha
    assert found.vocabulary == GENES
    assert torch.is_tensor(next(found.load().network.parameters()))


@pytest.mark.thorough
def test_rows_of_a_model_adapted_to_the_cells_of_a_test(toy, home, tmp_path):
    """Only where there are cells, by translators of the base; steps that change nothing give the rows of the base."""
    folder = tmp_path / "cells"
    values = np.random.default_rng(0).poisson(4.0, size=(len(GENES), 90)).astype(float)
    (folder / "hTWO").mkdir(parents=True)
    pd.DataFrame(values, index=GENES, columns=[f"c{n}" for n in range(90)]).to_csv(
        folder / "hTWO" / "ExpressionData.csv"
    )
    asked = replace(toy, tests=("hTWO:NET", "hFAR:NET"), expression=folder, coexpression=(), adapt=2)
    table = run_protocol(asked, MODEL, home=home).table
    adapted = ["VVP, adapted", "GDT, adapted", "Ensemble, adapted"]
    here = table[table["test"] == "hTWO:NET"].set_index("method")["auprc"]
    assert [name for name in here.index if name.endswith("adapted")] == adapted
    assert not table[table["test"] == "hFAR:NET"]["method"].str.endswith("adapted").any()
    base = MODEL.load()
    report = next((home / "adapted").glob("*/report.json")).read_text(encoding="utf-8")
    changed = json.loads(report)["report"]["kept_step"] > 0
    assert (here[adapted].to_numpy() == here[["VVP", "GDT", "Ensemble"]].to_numpy()).all() != changed
    assert MODEL.load() is base
    again = run_protocol(asked, replace(MODEL, load=unloadable), home=home)
    assert again.n_computed == 0
    assert not run_protocol(replace(asked, adapt=0), MODEL, home=home).table["method"].str.endswith("adapted").any()
