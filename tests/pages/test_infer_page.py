from __future__ import annotations

from dataclasses import replace

import pytest

from grn_core.benchmark.results.better import in_short
from grn_core.datasets.panel import LACKS
from grn_core.models import registry as models
from grn_core.models.record import WITHOUT_VALUES
from grn_core.runs import RanksRequest, RunStatus, RunStore
from grn_core.translator import cells_worth
from grn_core.translator import registry as translators
from pages.components.models import train
from tests.pages.app import open_page, text_of
from tests.pages.fabricated_run import fabricate_run

PAGE = "pages/explore/infer.py"
pytestmark = pytest.mark.usefixtures("paper_models")


def metrics(app) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def test_first_visit_offers_the_demo_cells():
    app = open_page(PAGE)
    assert "PBMC" in text_of(app)
    assert int(metrics(app)["TFs"]) > 10
    assert "about" in text_of(app)
    assert not app.button(key="infer").disabled
    assert "run" not in app.query_params


def test_the_button_submits_once_and_the_address_finds_the_run_again(no_worker):
    app = open_page(PAGE, dataset="GSD")
    app.button(key="infer").click().run()
    assert not app.exception
    run_id = app.query_params["run"]
    assert no_worker == [run_id]
    assert app.button(key="infer").disabled

    again = open_page(PAGE, run=run_id)
    assert again.progress
    assert again.button(key=f"cancel_{run_id}")
    assert again.query_params["dataset"] == "GSD"
    assert no_worker == [run_id]


@pytest.fixture
def showing(monkeypatch):
    """A third translator, of the readout in which the model sees the other genes."""
    known = translators.records()
    card = {**known[0].card, "readout": "plain"}
    third = replace(known[0], name="seen", title="Trained on seen", readout="plain", card=card, seeds=(0, 1, 2))
    monkeypatch.setattr(translators, "records", lambda: (*known, third))
    monkeypatch.setattr(translators, "located", lambda name: name)
    return third


def test_every_choice_reaches_the_request(no_worker, showing):
    app = open_page(
        PAGE,
        dataset="pbmc68k",
        n_variable="120",
        tfs="own",
        own_tfs="SPI1 GATA1 CEBPA IRF8",
        cells_by="bulk_labels",
        cells_in="Dendritic,CD19+ B",
        translator="seen",
        methods="gdt",
        seeds="2",
        background="context",
    )
    app.button(key="infer").click().run()
    asked = RunStore().request(no_worker[0])
    assert asked.n_variable == 120
    assert set(asked.tfs) == {"SPI1", "GATA1", "CEBPA", "IRF8"}
    assert asked.cells == ("bulk_labels", ("CD19+ B", "Dendritic"))
    assert (asked.translator, asked.extractors, asked.seeds) == ("seen", ("gdt",), (0, 1))
    assert (asked.background, asked.readout) == ("context", None)
    command = app.code[0].value
    for word in ("infer pbmc68k", "--n-variable=120", "--extractors=gdt", "--seeds=0,1", "--background=context"):
        assert word in command


def test_a_change_goes_into_the_url():
    app = open_page(PAGE)
    app.segmented_control(key="methods").set_value("vvp").run()
    assert app.query_params["methods"] == "vvp"
    app.selectbox(key="translator").set_value("string-hesc").run()
    assert app.query_params["translator"] == "string-hesc"


def test_a_finished_run_shows_its_best_edges_and_the_ways_on():
    run_id = fabricate_run()
    app = open_page(PAGE, run=run_id, dataset="GSD")
    assert "Finished" in app.success[0].value
    table = app.dataframe[0].value
    assert list(table["probability"]) == sorted(table["probability"], reverse=True)
    assert {link.value for link in app.page_link} >= {"TF targets", "Compare"}
    assert run_id in str(app.json[0].value)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (RunStatus("failed", error={"found": "no cell left", "needed": "10 cells", "todo": "widen"}), "No cell left"),
        (RunStatus("cancelled"), "was cancelled"),
        (RunStatus("interrupted", attempts=3, message="the worker stopped"), "stopped"),
    ],
)
def test_a_run_that_did_not_end_well_can_go_on(status, words, no_worker, monkeypatch):
    run_id = fabricate_run()
    RunStore().write_status(run_id, status)
    resumed = []
    monkeypatch.setattr("grn_core.runs.resume", resumed.append)
    app = open_page(PAGE, run=run_id, dataset="GSD")
    assert words in text_of(app)
    app.button(key=f"resume_{run_id}").click().run()
    assert resumed == [run_id]


def test_an_unknown_run_is_said_and_the_form_stays():
    app = open_page(PAGE, run="ffffffffffffffff")
    assert "names a run that is not on this machine" in app.warning[0].value
    assert app.button(key="infer")


def test_an_unknown_dataset_is_said_with_the_way_out():
    app = open_page(PAGE, dataset="nothing")
    assert "nothing" in app.error[0].value
    assert [link.value for link in app.page_link] == ["Choose another dataset"]


def test_choices_that_do_not_fit_the_dataset_are_passed_over():
    app = open_page(PAGE, dataset="GSD", cells_by="bulk_labels", cells_in="Dendritic", n_variable="99999", seeds="0")
    assert not app.error
    assert metrics(app)["Genes"] == "17"


# --- which translators the background needs -------------------------------------------------------------------------


def ways_of(app) -> list[str]:
    return [words.partition(":")[0] for words in app.radio(key="background").options]


def captions_of(app) -> str:
    return " ".join(app.radio(key="background").proto.captions).replace("\\", "")


@pytest.fixture
def measured(monkeypatch, showing):
    """Model and translators on paper stand for those that were measured."""
    told = {**cells_worth._measured(), "model_sha": models.weights_sha("compact")}
    monkeypatch.setattr(cells_worth, "_measured", lambda: told)
    for way, name in {"virtual": "omnipath", "context": "seen", "both": "omnipath"}.items():
        monkeypatch.setitem(cells_worth.MEASURED_WITH, way, name)


def test_the_worth_of_a_way_is_said_only_where_all_else_is_as_measured(measured):
    assert captions_of(open_page(PAGE)).count("AUPRC") == 3
    assert captions_of(open_page(PAGE, background="context")).count("AUPRC") == 3
    for others in {"translator": "string-hesc"}, {"methods": "vvp"}, {"adapt": "1"}:
        assert "AUPRC" not in captions_of(open_page(PAGE, **others)), others
    of_cells = captions_of(open_page(PAGE, translator="seen"))
    assert of_cells.count("AUPRC") == 1
    assert cells_worth.in_words("compact", "context", translator="seen") in of_cells


def test_what_was_tested_in_a_generic_cell_is_not_said_of_the_users_cells(showing):
    said = in_short(next(one.card for one in translators.records() if one.name == "seen"))
    assert "reference set" in said
    assert said in text_of(open_page(PAGE, translator="seen"))
    assert said not in text_of(open_page(PAGE, translator="seen", background="context"))


def test_both_together_is_a_choice_with_its_worth_and_one_run(no_worker, measured):
    app = open_page(PAGE)
    app.radio(key="background").set_value("both").run()
    assert app.query_params["background"] == "both"
    translator = app.selectbox(key="translator").value
    worth = cells_worth.in_words("compact", "both", translator=translator)
    assert worth
    assert worth in captions_of(app)
    app.button(key="infer").click().run()
    asked = RunStore().request(no_worker[0])
    assert (asked.background, asked.with_coexpression, asked.translator) == ("virtual", True, translator)
    assert "--with-coexpression" in app.code[0].value
    again = open_page(PAGE, run=no_worker[0])
    assert again.query_params["background"] == "both"
    assert again.radio(key="background").value == "both"


def test_the_cells_as_background_take_a_translator_that_shows_them(no_worker, showing):
    app = open_page(PAGE)
    assert 'every gene but the TF is hidden. With your cells, "Trained on seen" is taken' in text_of(app)
    app.radio(key="background").set_value("context").run()
    assert app.query_params["background"] == "context"
    translator = app.selectbox(key="translator")
    assert (translator.value, translator.options) == ("seen", ["Trained on seen"])
    assert "only translators that were trained with cells in" in text_of(app)
    app.radio(key="background").set_value("virtual").run()
    assert app.selectbox(key="translator").value == "omnipath"
    app.radio(key="background").set_value("context").run()
    app.button(key="infer").click().run()
    asked = RunStore().request(no_worker[0])
    assert (asked.background, asked.translator, asked.seeds) == ("context", "seen", (0, 1, 2))


def test_a_translator_that_hides_the_cells_closes_that_background_and_says_why(showing):
    app = open_page(PAGE, translator="string-hesc")
    assert ways_of(app) == ["Generic cell", "Both"]
    assert "The translator below learnt where every gene but the TF is hidden" in text_of(app)
    assert 'choose the translator "Trained on seen"' in text_of(app)
    app.selectbox(key="translator").set_value("seen").run()
    assert ways_of(app) == ["Generic cell", "Your cells", "Both"]
    assert "every gene but the TF" not in text_of(app)


def test_without_a_translator_that_shows_the_cells_the_page_says_how_to_train_one(no_worker):
    app = open_page(PAGE, background="context")
    assert (app.radio(key="background").value, ways_of(app)) == ("virtual", ["Generic cell", "Both"])
    assert "has to be trained first" in text_of(app)
    assert "train-translator --model compact --readout plain" in app.code[0].value
    app.button(key="infer").click().run()
    assert RunStore().request(no_worker[0]).background == "virtual"


def test_an_old_address_with_a_readout_is_read_without_it(no_worker):
    app = open_page(PAGE, readout="plain")
    assert not [box for box in app.selectbox if box.label == "Readout"]
    app.button(key="infer").click().run()
    assert RunStore().request(no_worker[0]).readout is None


# --- models beside the bundled one ---------------------------------------------------------------------------------


@pytest.fixture
def checkpoint(monkeypatch):
    """A second model in the menu, for which there is no translator, and a third that reads no values."""
    (compact,) = models.records()
    own = replace(compact, name="blood", title="Blood checkpoint", family="scgpt")
    ranks = replace(compact, name="ranks", title="Rank model", offers=WITHOUT_VALUES, unavailable="It reads no values")
    monkeypatch.setattr(models, "records", lambda: (compact, own, ranks))
    monkeypatch.setattr(models, "network_sha", {"compact": models.network_sha("compact"), "blood": "0123"}.get)
    monkeypatch.setattr(train, "foretell_training", lambda request: f"about a minute for {request.model}")


def test_a_model_without_a_translator_says_how_to_train_one(checkpoint):
    app = open_page(PAGE, model="blood")
    assert app.selectbox(key="model").value == "blood"
    assert not app.error
    assert "no translator for Blood checkpoint yet" in app.info[0].value
    assert "train-translator --model blood --name mine" in app.code[0].value
    assert "about a minute for blood" in text_of(app)
    assert "Blood checkpoint knows" in text_of(app)
    assert not [button for button in app.button if button.key == "infer"]


def test_a_model_that_reads_no_values_is_no_choice_and_the_reason_is_given(checkpoint):
    app = open_page(PAGE, model="ranks")
    assert app.selectbox(key="model").value == "compact"
    assert set(app.selectbox(key="model").options) == {"Compact", "Blood checkpoint"}
    assert "Rank model is not offered here. It reads no values." in text_of(app)


def test_what_the_model_knows_is_told_before_the_run():
    app = open_page(PAGE)
    labels = [expander.label for expander in app.expander]
    assert any(label.startswith("Genes that the model knows: ") for label in labels)
    assert "Compact knows" in text_of(app)
    assert "Computes on: " in text_of(app)


def test_a_method_that_asks_no_model_is_not_told_what_a_model_knows():
    said = text_of(open_page(PAGE))
    assert " knows " in said
    app = open_page(PAGE, approach="coexpression")
    labels = " ".join(expander.label for expander in app.expander)
    shown = " ".join(one.value for one in app.caption)
    assert "Genes that can take part: " in labels
    assert "model knows" not in labels
    assert LACKS not in shown
    assert "so that its network has the same pairs" in text_of(app)


def test_a_link_to_a_run_of_a_rank_model_brings_its_data_and_panel():
    chosen = {"n_variable": 120, "tfs": ("IRF8", "SPI1"), "cells": ("bulk_labels", ("Dendritic",))}
    run_id = fabricate_run(seed=3, kind=RanksRequest, model="geneformer:0123", readout="delete", **chosen)
    path = RunStore().path(run_id) / "run.json"
    path.write_text(path.read_text().replace('"fabricated"', '"pbmc68k"'))
    app = open_page(PAGE, run=run_id)
    found = {
        name: app.query_params[name] for name in ("dataset", "n_variable", "tfs", "own_tfs", "cells_by", "cells_in")
    }
    assert found == {
        "dataset": "pbmc68k",
        "n_variable": "120",
        "tfs": "own",
        "own_tfs": "IRF8 SPI1",
        "cells_by": "bulk_labels",
        "cells_in": "Dendritic",
    }
    assert {"model", "readout", "approach"}.isdisjoint(app.query_params)
