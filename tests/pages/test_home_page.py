from __future__ import annotations

import pytest

from grn_core.runs import RunStatus, RunStore
from tests.pages.app import open_page, text_of
from tests.pages.fabricated_run import fabricate_run

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
    assert "newest 6 of 8 runs" in text_of(open_page())
