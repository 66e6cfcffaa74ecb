"""The switch on the Infer page that adapts the model to the chosen cells first."""

from __future__ import annotations

import pytest

from grn_core.adapt import DEFAULT_STEPS
from grn_core.models import registry as models
from grn_core.runs import RunStore
from tests.pages.app import open_page, text_of

PAGE = "pages/explore/infer.py"
pytestmark = pytest.mark.usefixtures("paper_models")


def test_it_is_off_and_says_what_it_costs(no_worker):
    app = open_page(PAGE, dataset="GSD")
    assert app.toggle(key="adapt").value is False
    assert "Adds about" in text_of(app)
    app.button(key="infer").click().run()
    assert RunStore().request(no_worker[0]).adapt is None


def test_switched_on_it_reaches_url_request_and_command(no_worker):
    app = open_page(PAGE, dataset="GSD")
    app.toggle(key="adapt").set_value(True).run()
    assert app.query_params["adapt"] == "1"
    assert f"--adapt={DEFAULT_STEPS}" in app.code[-1].value
    app.button(key="infer").click().run()
    assert RunStore().request(no_worker[0]).adapt == DEFAULT_STEPS
    again = open_page(PAGE, run=no_worker[0])
    assert again.query_params["adapt"] == "1"


def test_too_few_cells_switch_it_off(no_worker):
    rare = open_page(PAGE, dataset="pbmc68k", cells_by="bulk_labels", cells_in="CD4+/CD45RA+/CD25- Naive T")
    assert rare.toggle(key="adapt").disabled is True
    few = open_page(PAGE, dataset="pbmc68k", cells_by="bulk_labels", cells_in="CD34+,CD19+ B", adapt="1")
    assert few.toggle(key="adapt").disabled is False


def test_a_model_that_cannot_be_adapted_says_so(no_worker, monkeypatch):
    from dataclasses import replace

    record = replace(models.records()[0], family="scgpt")
    monkeypatch.setattr(models, "records", lambda: (record,))
    app = open_page(PAGE, dataset="GSD", adapt="1")
    assert app.toggle(key="adapt").disabled is True
    assert "cannot be adapted" in text_of(app)
    app.button(key="infer").click().run()
    assert RunStore().request(no_worker[0]).adapt is None
