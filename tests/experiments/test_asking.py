"""Laws of what a model is asked when TFs are changed, on every kind of model of values."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import grn_core as grn
from grn_core.datasets.panel import GenePanel
from grn_core.errors import DataError, GrnError, ModelError, RequestError
from grn_core.experiments import asking
from grn_core.experiments.change import CHANGES, Change, positions_of
from grn_core.experiments.draws import Means, group_means
from grn_core.experiments.predicting import predicted
from grn_core.experiments.unmoved import CLIPPED, HIGHEST, NOT_EXPRESSED, NOTHING_TAKEN, SAME, unmoved
from grn_core.extractors.engine import extract_features, network_digest
from grn_core.runs import WhatIfRequest
from tests.extractors.test_laws import RANKS
from tests.models.published import FIXTURES, model_of
from tests.models.tiny import tiny_model

N_GENES, TFS = 8, ("G1", "G4", "G6")
CLOSE = {"rtol": 1e-4, "atol": 1e-5}


MODELS = ("tiny", "scgpt_flash_pad", "scgpt_inproj", "scfoundation_small")
"""One of each way to take an uncertainty, and one that reads whole cells."""


@pytest.fixture(scope="module", params=MODELS)
def model(request):
    return tiny_model() if request.param == "tiny" else model_of(FIXTURES / request.param)


def panel_of(model, order=None) -> GenePanel:
    """The first genes of a model, called G0 to G7, in an order; G1, G4 and G6 are TFs."""
    order = list(range(N_GENES)) if order is None else list(order)
    genes = sorted(model.vocabulary)[:N_GENES]
    mean = np.random.default_rng(5).uniform(0.3, 1.4, N_GENES).astype(np.float32)
    mean[0] = 1.7  # models that read ranks see the highest at the end of their range, and that is no TF
    labels = tuple(f"G{one}" for one in order)
    sources = tuple(sorted(labels.index(tf) for tf in TFS))
    return GenePanel(tuple(genes[one] for one in order), labels, sources, mean[order])


def means_of(panel: GenePanel) -> Means:
    """A group whose draws differ by gene, whatever the order of the panel."""
    part = np.array([int(label[1:]) for label in panel.labels])
    factors = 1 + 0.1 * np.sin(np.arange(1, 5)[:, None] * part)
    return Means(panel.mean.astype(float), panel.mean * factors, "cells", 40)


def by_gene(table: pd.DataFrame) -> pd.DataFrame:
    return table.set_index("gene")[["change", "uncertainty", "agree"]].sort_index()


def same(a: pd.DataFrame, b: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(by_gene(a), by_gene(b), rtol=1e-4, atol=1e-5)


def asked(model, tfs=TFS[:1], *, panel=None, group=False, change="knock-out", left=0.25, **options):
    panel = panel_of(model) if panel is None else panel
    means = means_of(panel) if group else None
    return predicted(model, panel, tfs, change=Change(change, left), means=means, **options)


@pytest.mark.parametrize("group", [False, True])
def test_orders_batches_and_weights_change_nothing(model, group):
    before = network_digest(model)
    straight = asked(model, TFS[:2], group=group)
    shuffled = panel_of(model, np.random.default_rng(2).permutation(N_GENES))
    same(asked(model, TFS[:2], panel=shuffled, group=group), straight)
    same(asked(model, TFS[1::-1], group=group), straight)
    same(asked(model, TFS[:2], group=group, batch=1), straight)
    assert network_digest(model) == before
    assert not model.network.training
    assert list(straight["rank"]) == list(range(1, N_GENES - 1))
    assert straight["change"].abs().is_monotonic_decreasing
    assert set(straight["gene"]).isdisjoint(TFS[:2])
    assert (straight["uncertainty"] >= 0).all()
    assert straight["agree"].between(0, 1).all()
    assert straight["change"].abs().max() > 0


@pytest.mark.parametrize("group", [False, True])
def test_no_change_changes_nothing(model, group):
    found = asked(model, TFS, group=group, change="knock-down", left=1.0)
    assert (found["change"] == 0).all()
    assert (found["uncertainty"] == 0).all()
    assert all(tf in found.attrs["notes"][-1] for tf in TFS)
    assert found.attrs["notes"][-1].endswith(f"{NOTHING_TAKEN}.")


@pytest.mark.parametrize("group", [False, True])
def test_a_knock_down_that_leaves_nothing_is_a_knock_out(model, group):
    same(asked(model, group=group, change="knock-down", left=0.0), asked(model, group=group))


@pytest.mark.parametrize(("change", "level"), [("knock-out", 0), ("over-expression", -1)])
def test_one_tf_in_a_generic_cell_is_the_response_curve_at_that_level(model, change, level):
    panel = panel_of(model)
    curve = extract_features(model, panel.genes, panel.sources[:1], extractors="vvp")["vvp"][0, :, level]
    found = asked(model, change=change).set_index("gene")["change"]
    np.testing.assert_allclose(found, curve[[int(gene[1:]) for gene in found.index]], **CLOSE)


def test_a_long_panel_is_asked_as_the_response_curve_is():
    model = tiny_model()
    object.__setattr__(model.record, "max_genes", 5)
    panel = panel_of(model)
    curve = extract_features(model, panel.genes, panel.sources[:1], extractors="vvp", readout="plain")["vvp"]
    found = asked(model, readout="plain").set_index("gene")["change"]
    np.testing.assert_allclose(found, curve[0, [int(gene[1:]) for gene in found.index], 0], **CLOSE)
    assert asked(model, TFS, readout="plain")["change"].notna().all()


def test_what_the_uncertainty_is_taken_over_is_said(model):
    generic, group = asked(model), asked(model, group=True)
    assert generic.attrs["over"] in ("conditions", "backgrounds", "strengths")
    assert group.attrs["over"] == "cells"
    assert group.attrs["draws"] == 4
    for one in (generic, group):
        assert str(one.attrs["draws"]) in one.attrs["covers"]
        assert ("Uncertainty is" in one.attrs["covers"]) is (one.attrs["over"] != "strengths")
        assert "laboratory" in one.attrs["covers"]


@pytest.mark.parametrize(
    ("change", "level", "mean", "why"),
    [
        (Change("knock-down", 1.0), 0.0, 2.0, NOTHING_TAKEN),
        (Change("knock-down", 1.0), 0.0, None, NOTHING_TAKEN),
        (Change("knock-down", 0.5), 5.0, 6.0, CLIPPED.format(end="upper")),
        (Change("knock-down", 0.5), -3.0, 0.1, CLIPPED.format(end="lower")),
        (Change("knock-out"), -1.0, 0.0, NOT_EXPRESSED),
        (Change("knock-out"), -1.0, 1e-9, SAME),
        (Change("over-expression"), 5.0, 6.0, HIGHEST),
    ],
)
def test_why_a_tf_does_not_move_is_told_from_means_and_levels(change, level, mean, why):
    means = None if mean is None else np.array([mean, mean])
    told = {"change": change, "record": tiny_model().record, "means": means}
    (said,) = unmoved(["A", "B"], np.array([level, level]), np.array([level, level + 1]), **told)
    assert said.endswith(f" moves A by nothing: {why}.")


def test_an_uncertainty_that_is_drawn_is_decided_by_its_seed():
    model = model_of(FIXTURES / "scgpt_inproj")
    first, again, other = (asked(model, seed=seed)["uncertainty"] for seed in (1, 1, 2))
    pd.testing.assert_series_equal(first, again)
    assert not np.allclose(first, other)


def means_of_cells(cells: np.ndarray, rng: np.random.Generator, n_draws: int = 20) -> Means:
    """The mean of cells (n, genes) and of draws of them, as `group_means` takes them."""
    draws = np.stack([cells[rng.integers(len(cells), size=len(cells))].mean(axis=0) for _ in range(n_draws)])
    return Means(cells.mean(axis=0), draws, "cells", len(cells))


def test_halves_of_a_group_differ_by_what_the_uncertainty_says():
    """Law: over groups, TFs and splits, two halves differ by less than twice their joint uncertainty in some 95 %."""
    model, rng = tiny_model(), np.random.default_rng(0)
    panel = panel_of(model)
    held = []
    for size in (60, 150, 300):
        typical = rng.uniform(0.4, 1.2, N_GENES)
        for _ in range(4):
            halves = [means_of_cells(rng.gamma(2.0, typical / 2, (size, N_GENES)), rng) for _ in range(2)]
            for tf in TFS[:2]:
                one, other = (by_gene(predicted(model, panel, [tf], change=Change(), means=half)) for half in halves)
                joint = np.hypot(one["uncertainty"], other["uncertainty"])
                held += ((one["change"] - other["change"]).abs() < 2 * joint).tolist()
    assert 0.85 <= np.mean(held) <= 0.995


@pytest.mark.parametrize(("end", "mean"), [("upper", 2.5), ("lower", 0.1)])
def test_beyond_what_the_model_reads_no_uncertainty_is_stated(end, mean):
    """Draws of the cells do not move a TF there, so that they would say that the answer is sure."""
    model = tiny_model()
    object.__setattr__(model.record, "value_range", (-1.0, 5.0))
    panel = panel_of(model)
    rng = np.random.default_rng(0)
    means = means_of_cells(rng.gamma(8.0, 0.1, (50, N_GENES)), rng)
    at = panel.labels.index("G4")
    means.mean[at], means.draws[:, at] = mean, mean
    found = predicted(model, panel, ["G1", "G4"], change=Change("knock-down"), means=means)
    if end == "upper":  # what is left may be beyond it too: the model sees no change, and the cells have one
        still = predicted(model, panel, ["G4"], change=Change("knock-down", left=0.99), means=means)
        assert "by nothing: before and after, it is beyond the upper end" in still.attrs["notes"][0]
        assert still["uncertainty"].isna().all()
        assert (
            predicted(model, panel, ["G4"], change=Change("knock-down", left=1), means=means)["uncertainty"].eq(0).all()
        )
    if end == "lower":
        assert found["uncertainty"].gt(0).any(), "it does not move, so that its end decides nothing"
        found = predicted(model, panel, ["G1", "G4"], change=Change("over-expression"), means=means)
    assert found[["uncertainty", "agree"]].isna().all(axis=None)
    assert found["change"].notna().all()
    assert found.attrs["over"] == "cut"
    assert f"at the {end} end of what the model reads, for G4." in found.attrs["covers"]
    assert predicted(model, panel, ["G1"], change=Change(), means=means)["uncertainty"].gt(0).any()


@pytest.mark.geneformer
def test_a_model_without_values_is_refused_in_words():
    model = model_of(FIXTURES / RANKS[0])
    with pytest.raises(ModelError, match=r"cannot be asked what if.*model of gene values"):
        asked(model)


@pytest.mark.parametrize("tfs", [("G0",), ("nobody",), ()])
def test_what_is_no_tf_is_refused(tfs):
    with pytest.raises(RequestError, match=r"G1, G4, G6|no TF was named"):
        asked(tiny_model(), tfs)


def test_why_a_name_is_no_tf_is_said_and_what_helps_then(demo):
    few = demo.cells_where("bulk_labels", ["CD56+ NK"])
    panel = demo.panel(cells=few)
    rare = next(one for one in panel.lost_tfs if one.reason == "few")
    gene = next(label for place, label in enumerate(panel.labels) if place not in panel.sources)

    def refused(*names: str) -> RequestError:
        with pytest.raises(RequestError) as error:
            positions_of(panel, names)
        return error.value

    alone = refused(rare.name)
    assert alone.found.startswith(f"{rare.name} (fewer than 3, or than 1%, of the chosen cells show it) is no TF")
    assert "one of your own TFs" in alone.todo
    assert "TF list" not in alone.todo
    assert demo.panel(cells=few, tfs=[rare.name]).source_names == (rare.name,), "which helps"
    assert refused(gene).todo == "put a gene that is asked and no TF on the TF list"
    assert refused("nobody").todo.startswith("correct it")
    every = refused(rare.name, gene, "nobody")
    assert all(one.todo in every.todo for one in (alone, refused(gene), refused("nobody")))


@pytest.mark.parametrize("options", [{"change": "none"}, {"change": "knock-down", "left": 1.5}])
def test_what_is_no_change_is_refused(options):
    with pytest.raises(RequestError):
        asked(tiny_model(), **options)


@pytest.mark.parametrize("draws", [{"n_draws": 0}, {"n_draws": 1}, {"n_draws": 1001}, {"seed": -1}])
def test_draws_that_give_no_uncertainty_are_refused_wherever_they_are_asked_for(draws, demo):
    for ask in (
        lambda: asked(tiny_model(), **draws),
        lambda: grn.what_if(demo, ["SPI1"], background="context", **draws),
    ):
        with pytest.raises(RequestError, match=r"number of draws is \d+; needed: 2 to 1,000|seed is -1"):
            ask()
    with pytest.raises(RequestError, match=r"draws|seed"):
        WhatIfRequest(dataset_ref="a", dataset_sha="b", changed=("SPI1",), **draws)


def test_a_share_that_is_left_lies_between_and_moves_down(model):
    record = model.record
    levels = [Change("knock-down", left).generic_level(record) for left in (0.0, 0.3, 1.0)]
    assert levels[0] == record.grid[0]
    assert levels[2] == record.background
    assert levels == sorted(levels)
    assert [Change(name).lowers for name in CHANGES] == [True, True, False]


@pytest.fixture(scope="module")
def demo():
    return grn.demo("pbmc68k")


def test_the_mean_of_a_group_is_that_of_its_panel_and_draws_lie_around_it(demo):
    cells = (demo.obs["bulk_labels"].astype(str) == "CD19+ B").to_numpy()
    panel = demo.panel(cells=cells, n_variable=40)
    found = group_means(demo, cells, panel.genes, n_draws=200, seed=3)
    np.testing.assert_allclose(found.mean, panel.mean, rtol=1e-5, atol=1e-6)
    assert found.n_cells == cells.sum()
    expected = found.draws.mean(axis=0)
    np.testing.assert_allclose(expected, found.mean, atol=0.1)
    again = group_means(demo, cells, panel.genes[::-1], n_draws=200, seed=3)
    np.testing.assert_allclose(again.draws[:, ::-1], found.draws, rtol=1e-5, atol=1e-6)


def test_donors_are_drawn_whole(demo):
    column = next(name for name in demo.obs if demo.obs[name].nunique() > 3)
    donors = demo.obs[column].astype(str)
    panel = demo.panel(n_variable=10)
    found = group_means(demo, None, panel.genes, donor=column, n_draws=30)
    assert (found.over, found.n_donors) == ("donors", donors.nunique())
    one = next(iter(donors.unique()))
    with pytest.raises(GrnError, match="1 donor in the column"):
        group_means(demo, (donors == one).to_numpy(), panel.genes, donor=column)


def test_cells_that_name_no_donor_are_told(demo):
    column = next(name for name in demo.obs if demo.obs[name].nunique() > 3)
    donors = demo.obs[column].astype(object).where(np.arange(demo.n_cells) >= 7)
    found = group_means(replace(demo, obs=demo.obs.assign(donor=donors)), None, ("SPI1",), donor="donor", n_draws=2)
    assert found.unnamed == 7
    assert group_means(demo, None, ("SPI1",), n_draws=2).unnamed == 0
    model = tiny_model()
    panel = panel_of(model)
    for n, are in ((7, "7 cells name no donor and are"), (1, "1 cell names no donor and is")):
        table = predicted(model, panel, TFS[:1], change=Change(), means=replace(means_of(panel), unnamed=n))
        assert table.attrs["notes"][0] == f"{are} in the mean of the group, and in no draw."


@pytest.mark.parametrize("content", [None, "nothing of a table"])
def test_a_measurement_that_cannot_be_read_shows_before_anything_is_computed(content, tmp_path, monkeypatch):
    def computes(*_: object, **__: object) -> None:
        pytest.fail("it was computed first")

    monkeypatch.setattr(asking, "predicted", computes)
    table = tmp_path / "measured.csv"
    if content is not None:
        table.write_text(content, encoding="utf-8")
    model = tiny_model()
    with pytest.raises(DataError):
        grn.what_if(panel_of(model), TFS[:1], model=model, measured=table)


def test_the_demo_is_asked_in_both_cells(demo):
    generic = grn.what_if(demo, ["SPI1"])
    cells = (demo.obs["bulk_labels"].astype(str) == "CD14+ Monocyte").to_numpy()
    group = grn.what_if(demo, ["SPI1"], background="context", group=cells, change="over-expression")
    assert generic.attrs["over"] == "conditions"
    assert group.attrs["readout"] == "plain"
    assert group.attrs["levels"][0][0] > 0, "monocytes have more SPI1 than other cells"
    assert set(group["gene"]) == set(generic["gene"]), "the group chooses no genes"
    with pytest.raises(RequestError, match="for a generic cell"):
        grn.what_if(demo, ["SPI1"], group=cells)
    with pytest.raises(RequestError, match="without cells"):
        grn.what_if(demo.panel(), ["SPI1"], background="context")


@pytest.mark.parametrize("n_cells", [0, 1, 9])
def test_a_group_of_hardly_any_cells_is_refused(demo, n_cells):
    """The draws of a single cell are all alike, which looked like no uncertainty at all."""
    few = np.arange(demo.n_cells) < n_cells
    with pytest.raises(DataError, match=f"{n_cells or 'no'} cells? (is|are) in the group; needed: at least 10"):
        group_means(demo, few, ("SPI1",))


def test_a_group_of_other_cells_is_refused_before_a_model_is_asked(demo):
    for short in (np.ones(5, dtype=bool), np.ones(demo.n_cells)):
        with pytest.raises(DataError, match="the choice of cells has shape"):
            group_means(demo, short, ("SPI1",))


def test_donors_are_named_of_a_group_alone(demo):
    with pytest.raises(RequestError, match="donors were named for a generic cell"):
        grn.what_if(demo, ["SPI1"], donor="phase")
