from __future__ import annotations

import pytest

from grn_core.runs import RunStatus, RunStore
from tests.pages.app import open_page, text_of
from tests.pages.fabricated_run import fabricate_run
from tests.pages.people import a_run_of_every_kind

INFER = "pages/explore/infer.py"


def links(app) -> dict[str, str]:
    return {link.value: link.proto.query_string for link in app.page_link}


def test_says_what_this_is_and_what_to_do():
    app = open_page()
    assert app.title[0].value == "Which TF regulates which gene?"
    assert app.button(key="demo").label == "Infer the demo network"
    assert "No run yet" in text_of(app)
    for step in ("Dataset", "Genes", "Model", "Features", "Translator", "Network"):
        assert f". {step}**" in text_of(app)
    assert "**Uncertainty** is how much the probability differs" in text_of(app)


def test_a_setting_that_cannot_be_is_said(monkeypatch):
    monkeypatch.setenv("GRN_DEVICE", "foo")
    app = open_page()
    assert app.error[0].value.replace("\\", "").startswith("**GRN_DEVICE is 'foo'.**")
    assert not app.title


@pytest.mark.usefixtures("paper_models")
def test_one_click_starts_the_demo_and_goes_to_its_run(no_worker):
    app = open_page()
    app.button(key="demo").click().run()
    assert not app.exception
    assert no_worker == [app.query_params["run"]]
    assert app.query_params["dataset"] == "pbmc68k"
    assert app.title[0].value == "Infer"


@pytest.mark.usefixtures("paper_models")
def test_the_demo_is_the_demo_whatever_was_chosen_before(no_worker):
    app = open_page("pages/prepare/dataset.py", n_variable="800", dataset="GSD")
    app.switch_page("pages/start/home.py").run()
    app.button(key="demo").click().run()
    assert RunStore().request(no_worker[0]).n_variable == 500
    assert "n_variable" not in app.query_params


def test_lists_runs_with_state_and_ways_on():
    done, stopped = fabricate_run(seed=1), fabricate_run(seed=2)
    RunStore().write_status(stopped, RunStatus("failed", error={"found": "too few cells"}))
    app = open_page()
    shown = text_of(app)
    assert "Fabricated cells" in shown
    assert "Finished" in shown
    assert "Failed" in shown
    assert links(app)["Network"] == f"run={done}"
    assert links(app)["Open"] == f"run={stopped}"


def test_a_long_list_is_cut():
    for seed in range(8):
        fabricate_run(seed=seed, features=False, n_genes=8)
    assert "first 6 of 8 networks" in text_of(open_page())


def test_what_was_asked_of_networks_and_cells_stands_below_them():
    """A TF activity, a comparison of groups or a prediction is no network."""
    a_run_of_every_kind("mine")
    parts = [part for part in open_page().main if part.type in ("page_link", "subheader")]
    words = [part.value for part in parts]
    place = words.index("Analyses")
    analyses = {"Groups", "TF activity", "What if"}
    assert "Open" in words[:place], "networks, of which nothing was written"
    assert analyses.isdisjoint(words[:place])
    assert analyses <= set(words[place:])
    assert "Open" not in words[place:]


def test_a_run_is_named_noted_and_pinned_and_stands_first():
    older, _ = fabricate_run(seed=1), fabricate_run(seed=2)
    app = open_page()
    app.button(key=f"edit_{older}").click().run()
    assert app.text_input(key="run_name").placeholder == "Generic cell · VVP + GDT · signed · Fabricated cells"
    app.text_input(key="run_name").set_value("[old](http://x) donor")
    app.text_area(key="run_note").set_value("see page 3")
    app.toggle(key="run_pinned").set_value(True)
    app.button(key="run_save").click().run()
    assert not app.exception
    shown = text_of(app)
    assert shown.index("donor") < shown.index("Generic cell")
    assert ":material/keep: **\\[old\\](http" in shown, "a name is no link"
    assert "see page 3" in shown
    network = open_page("pages/explore/network.py")
    assert network.selectbox(key="picked_run").options[0].startswith("[old](http://x) donor · ")
    assert network.session_state["picked_run"] != older, "the newest is the one that is shown"


def test_a_run_is_removed_and_comes_back():
    run = fabricate_run(seed=1)
    app = open_page(run=run)
    app.button(key=f"edit_{run}").click().run()
    app.button(key="run_remove").click().run()
    assert not app.exception
    assert RunStore().list_runs() == []
    assert "No run yet" in text_of(app)
    app.button(key="undo_removal").click().run()
    assert [info.run_id for info in RunStore().list_runs()] == [run]
    assert not app.exception
