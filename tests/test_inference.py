"""The whole road on a gene list and on cells, with the bundled model and translators."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import grn_core as grn
from grn_core import inference
from grn_core.coexpression import infer as coexpression_infer
from grn_core.errors import GeneError, GrnError, RequestError, TranslatorError
from grn_core.genes import human_symbols
from grn_core.models.registry import vocabulary
from grn_core.networks import COLUMNS
from grn_core.runs.kinds.infer import InferRequest
from grn_core.runs.kinds.panel import content_of
from grn_core.translator.calibration import NO_CONTEXT
from grn_core.translator.sign_worth import in_words

GENES = ["SPI1", "CEBPA", "GATA1", "GATA2", "KLF1", "CD14", "LYZ", "HBB", "CD3E", "ACTB", "S100A9", "MS4A1"]


@pytest.fixture(scope="module")
def model():
    return grn.load_model("compact", device="cpu")


@pytest.fixture(scope="module")
def edges(model):
    return grn.infer(grn.genes_only(GENES), model=model)


def test_the_table_is_what_it_promises(edges):
    sources = {"SPI1", "CEBPA", "GATA1", "GATA2", "KLF1"}
    assert list(edges.columns) == [name for name in COLUMNS if name != "sign_agreement"]
    assert len(edges) == len(sources) * (len(GENES) - 1)
    assert set(edges["source"]) == sources
    assert not (edges["source"] == edges["target"]).any()
    assert edges["score"].is_monotonic_decreasing
    assert edges["rank"].tolist() == list(range(1, len(edges) + 1))
    assert edges["percentile"].iloc[[0, -1]].tolist() == [100.0, 0.0]
    assert edges["probability"].between(0, 1).all()
    assert edges["probability"].is_monotonic_decreasing
    assert set(edges["sign"]) == {0}
    assert (edges["uncertainty"] >= 0).all()
    assert edges["uncertainty"].max() > 0


def test_signs_are_a_choice_that_comes_with_its_worth_and_changes_nothing_else(model, edges):
    signed = grn.infer(grn.genes_only(GENES), model=model, signs="slope")
    assert set(signed["sign"]) <= {-1, 1}
    assert signed["sign_agreement"].between(0, 1).all()
    assert in_words("compact") in signed.attrs["notes"]
    unsigned = signed.drop(columns="sign_agreement").assign(sign=edges["sign"])
    pd.testing.assert_frame_equal(unsigned, edges)
    with pytest.raises(RequestError, match="unknown signs 'gdt'; needed: none or slope"):
        grn.infer(grn.genes_only(GENES), model=model, signs="gdt")


def test_the_same_request_gives_the_same_table(model, edges):
    pd.testing.assert_frame_equal(grn.infer(grn.genes_only(GENES), model=model), edges)


def test_the_order_of_the_genes_decides_nothing(model, edges):
    pd.testing.assert_frame_equal(grn.infer(grn.genes_only(GENES[::-1]), model=model), edges)


def test_no_cell_takes_part_in_the_virtual_background(model):
    data = grn.demo("pbmc68k")
    some = np.arange(data.n_cells) < 200
    genes = [g for g in GENES if g in data.genes]
    one, other = (grn.infer(data.panel(genes=genes, cells=cells, n_variable=0), model=model) for cells in (None, some))
    pd.testing.assert_frame_equal(one, other)


def test_labels_are_the_users(model):
    edges = grn.infer(grn.genes_only(["Spi1", "Cebpa", "Lyz1", "Actb", "Gata1"]), model=model)
    assert {"Spi1", "Actb"} <= set(edges["source"]) | set(edges["target"])


def test_the_ensemble_is_the_mean_of_what_reads_pairs_and_the_terms_are_added_as_the_card_says(model, edges):
    from grn_core.translator.registry import DEFAULT, load_translator

    def score(*names: str) -> pd.Series:
        found = grn.infer(grn.genes_only(GENES), model=model, methods=names).set_index(["source", "target"])["score"]
        return found.loc[whole.index]

    whole = edges.set_index(["source", "target"])["score"]
    pairs = (score("vvp") + score("gdt")) / 2
    np.testing.assert_allclose(score("vvp", "gdt"), pairs, atol=1e-5)
    weights = load_translator(DEFAULT).card["weights"]
    assert set(weights) == {"neighbours", "source", "target"}
    terms = sum(weight * score(name) for name, weight in weights.items())
    np.testing.assert_allclose(whole, pairs + terms, atol=1e-5)


def test_one_method_may_be_named_without_a_sequence(model):
    panel = grn.genes_only(GENES)
    pd.testing.assert_frame_equal(
        grn.infer(panel, model=model, methods="vvp"), grn.infer(panel, model=model, methods=("vvp",))
    )
    alone, one = grn.extract(model, panel, extractors="vvp"), grn.extract(model, panel, extractors=("vvp",))
    np.testing.assert_array_equal(alone["vvp"], one["vvp"])
    every = "vvp, gdt, pert, attn, emb, source, target, neighbours"
    with pytest.raises(RequestError, match=f"no extractor 'vpp'; needed: one or more of {every}; what to do"):
        grn.infer(panel, model=model, methods="vpp")


def test_fewer_seeds_are_a_part_of_all_seeds(model, edges):
    panel, key = grn.genes_only(GENES), ["source", "target"]
    single = [grn.infer(panel, model=model, seeds=(seed,)).set_index(key)["score"] for seed in range(5)]
    whole = edges.set_index(key)["score"]
    np.testing.assert_allclose(whole, sum(one.loc[whole.index] for one in single) / 5, atol=1e-5)
    pd.testing.assert_series_equal(
        grn.infer(panel, model=model, seed=0).set_index(key)["score"], single[0], check_exact=True
    )
    with pytest.raises(TranslatorError, match="no seed 77"):
        grn.infer(panel, model=model, seeds=(77,))
    with pytest.raises(RequestError, match=r"seed=0 and seeds=\[0, 1\] were given; needed: one of the two"):
        grn.infer(panel, model=model, seed=0, seeds=range(2))


def test_the_bundled_model_answers_by_itself(model):
    values = model.to_units(GENES, np.zeros((1, len(GENES))))
    assert model.predict(GENES, values).shape == (1, len(GENES))
    value, tangent = model.value_and_tangent(GENES, values, np.eye(1, len(GENES)))
    assert value.shape == tangent.shape == (1, len(GENES))


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"seeds": (7,)}, "no seed 7"),
        ({"methods": ("vvp", "foo")}, "no extractor 'foo'"),
        ({"readout": "nope"}, "no readout 'nope'"),
        ({"readout": "plain", "translator": "omnipath"}, "reads the model's readout 'masked'"),
        ({"background": "context", "translator": "omnipath"}, "hides every gene but the TF"),
        ({"background": "context", "readout": "masked"}, "hides every gene but the TF"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_the_extraction(model, options, match, monkeypatch):
    monkeypatch.setattr("grn_core.extractors.engine.extract", lambda *_, **__: pytest.fail("it was extracted"))
    panel = grn.demo("GSD").panel(vocabulary=frozenset(model.vocabulary))
    with pytest.raises(GrnError, match=match):
        grn.infer(panel, model=model, **options)


def test_a_context_background_without_cells_or_translator_is_refused(model, monkeypatch):
    from grn_core.translator import registry

    (hiding,) = (record for record in registry.records() if record.name == "omnipath")
    monkeypatch.setattr(registry, "records", lambda: (hiding,))
    with pytest.raises(TranslatorError, match="train-translator --model compact --readout plain --name mine"):
        grn.infer(grn.demo("GSD"), model="compact", background="context", device="cpu")
    showing = replace(hiding, name="seen", readout="plain")
    monkeypatch.setattr(registry, "records", lambda: (hiding, showing))
    with pytest.raises(RequestError, match="'context' was asked for without cells"):
        grn.infer(grn.genes_only(GENES), model=model, background="context")


def test_the_context_background_takes_a_translator_that_shows_the_cells(model):
    from grn_core.models.weights import network_digest
    from grn_core.translator.registry import own_folder
    from tests.translator.toy_features import make_spec, random_translator

    made_for = {"model": "compact", "model_sha": network_digest(model), "readout": "plain"}
    random_translator(make_spec(("A", "B"), (0,), model.record.grid, **made_for)).save(own_folder("seen"))
    told = []
    panel = grn.demo("GSD").panel(vocabulary=frozenset(model.vocabulary))
    edges = grn.infer(panel, model=model, background="context", note=told.append)
    assert list(edges.columns) == [name for name in COLUMNS if name not in ("probability", "sign_agreement")]
    assert told == [NO_CONTEXT]
    assert edges["uncertainty"].max() > 0


def test_features_of_another_model_are_refused(model):
    blank = grn.load_model("compact", device="cpu", weights="random")
    with pytest.raises(TranslatorError, match="no translator for the model"):
        grn.infer(grn.genes_only(GENES), model=blank)


def test_every_bundled_translator_serves_the_bundled_model(model):
    from grn_core.translator.registry import DEFAULT, records

    panel = grn.genes_only(GENES)
    tables = {record.name: grn.infer(panel, model=model, translator=record.name) for record in records()}
    assert {"omnipath", "beeline-hesc-string", DEFAULT} <= tables.keys()
    with pytest.raises(TranslatorError, match="no translator 'mine'"):
        grn.infer(panel, model=model, translator="mine")


def test_cards_state_what_was_measured_beside_the_controls():
    from grn_core.translator.registry import records

    for record in records():
        rows = pd.DataFrame(record.card["evaluation"])
        assert {"VVP", "GDT", "Ensemble", "Random weights: Ensemble", "Shuffled labels: Ensemble"} <= set(
            rows["method"]
        )
        assert (rows["n_seeds"] >= 5).all()
        assert rows[["n_sources", "n_targets", "n_positives"]].gt(0).all().all()
        shuffled = rows[rows["method"] == "Shuffled labels: Ensemble"]
        if any(one.get("beside") for one in record.card["training"]):
            continue  # which genes the pairs are of is known even where their labels are not
        assert (shuffled["mean"] - shuffled["prevalence"]).abs().max() < 0.1
        assert record.card["training"]
        assert record.card["limits"]


def test_progress_tells_every_stage(model):
    seen = []
    grn.infer(grn.genes_only(GENES), model=model, progress=lambda stage, done, total: seen.append((stage, done, total)))
    assert list(dict.fromkeys(stage for stage, _, _ in seen)) == ["load", "extract", "score"]
    for stage in ("load", "extract", "score"):
        last = [entry for entry in seen if entry[0] == stage][-1]
        assert last[1] == last[2]


@pytest.mark.parametrize(
    ("names", "lost"),
    [
        ([*GENES, "NKX1-1", "ZNF735", "OR4F5", "KRTAP5-1"], ("NKX1-1",)),
        (["ENSG00000066336", "ENSG00000102145", "ENSG00000090382", "ENSG00000235608"], ("NKX1-1",)),
        (["Spi1", "Gata1", "Cd14", "Actb", "Nkx1-1"], ("Nkx1-1",)),
    ],
)
def test_genes_that_the_model_does_not_know_are_left_out_and_named(model, names, lost):
    panel, told = grn.genes_only(names), []
    known = [symbol in set(model.vocabulary) for symbol in panel.genes]
    assert not all(known)
    edges = grn.infer(panel, model=model, note=told.append)
    assert len(edges) == sum(known[place] for place in panel.sources) * (sum(known) - 1)
    (note,) = told
    assert f"does not know {known.count(False)} of the {len(known)} genes" in note
    assert all(label in note for label in (panel.labels[panel.genes.index(name.upper())] for name in lost))
    assert edges.attrs["notes"] == told
    pd.testing.assert_frame_equal(edges, grn.infer(panel.known_to(model.vocabulary, model=""), model=model))


def test_a_dataset_with_genes_that_the_model_does_not_know_says_so(model, tmp_path):
    genes, rng = [*GENES, "NKX1-1", "OR4F5"], np.random.default_rng(0)
    cells = pd.DataFrame(rng.poisson(3.0, (30, len(genes))), index=[f"c{i}" for i in range(30)], columns=genes)
    cells.to_csv(tmp_path / "cells.csv")
    data, told = grn.read(tmp_path / "cells.csv"), []
    whole = grn.infer(data, model=model, note=told.append)
    assert any("2 of the 14 genes" in text for text in told)
    pd.testing.assert_frame_equal(whole, grn.infer(data.panel(), model=model))
    found = coexpression_infer(data, data.panel(), None, method="pearson")  # needs no model: every gene takes part
    assert {"NKX1-1", "OR4F5"} <= set(found["source"]) | set(found["target"])


def test_a_dataset_is_asked_about_the_genes_that_a_run_of_it_asks_about(model):
    data = grn.demo("pbmc68k")
    asked = inference._asked(data, model, tell=lambda _: None)
    request = InferRequest(dataset_ref=data.ref, dataset_sha=data.sha256, title=data.title)
    assert content_of(asked) == content_of(request.panel(data))
    assert len(data.panel().genes) == len(asked.genes), "what the model does not know takes no place of another gene"
    assert data.panel().genes != asked.genes


def test_a_panel_of_which_the_model_knows_too_little_is_refused(model):
    with pytest.raises(GeneError, match="knows no TF of the panel"):
        grn.infer(grn.genes_only(["NKX1-1", "LYZ", "HBB"]), model=model)
    with pytest.raises(GeneError, match="knows 1 of the 2 genes of the panel"):
        grn.infer(grn.genes_only(["SPI1", "OR4F5"]), model=model)


def test_a_panel_with_genes_outside_of_the_vocabulary_is_asked_without_them():
    heard = []
    outside = sorted(human_symbols() - frozenset(vocabulary("compact")))[:40]
    panel = grn.genes_only(["SPI1", "GATA1", "LYZ", "HBB", *outside], tfs=["SPI1", "GATA1", outside[0]])
    edges = grn.infer(panel, note=heard.append)
    assert set(edges["source"]) == {"SPI1", "GATA1"}
    assert set(edges["source"]) | set(edges["target"]) == {"SPI1", "GATA1", "LYZ", "HBB"}
    assert any("40 of the 44 genes" in text for text in heard)
    assert any(f"{outside[0]} (not in the model's vocabulary)" in text for text in heard)


def test_a_gene_that_the_model_does_not_move_has_no_sign(model):
    """Outputs of some genes are clipped to one value: nothing moves them, which is no activation."""
    panel = grn.genes_only(["SPI1", "GATA1", "KLF1", "IFNL3", "HBB", "IL9"])
    features = grn.extract(model, panel)
    still = {
        (panel.labels[source], panel.labels[target])
        for row, source in enumerate(panel.sources)
        for target in range(len(panel.genes))
        if source != target and not np.any(features["gdt"][row, target]) and not np.any(features["vvp"][row, target])
    }
    edges = grn.infer(panel, model=model, signs="slope")
    flat = {(row.source, row.target): (row.sign, row.sign_agreement) for row in edges.itertuples()}
    assert (
        {pair for pair, (sign, _) in flat.items() if sign == 0}
        == still
        == {(source, target) for source in ("SPI1", "GATA1", "KLF1") for target in ("IFNL3", "IL9")}
    )
    assert {flat[pair] for pair in still} == {(0, 0.0)}
