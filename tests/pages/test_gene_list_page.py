"""The door for genes alone: from Home and from Dataset to a run, without any cell."""

from __future__ import annotations

import pytest

from grn_core.cli.parser import requests_of
from grn_core.datasets import list_genes
from grn_core.runs import RunStore
from tests.pages.app import open_page, text_of

DATASET, INFER = "pages/prepare/dataset.py", "pages/explore/infer.py"
pytestmark = pytest.mark.usefixtures("paper_models")


def test_one_click_on_home_infers_the_network_of_pasted_genes(no_worker):
    app = open_page()
    app.text_area(key="genes_text").set_value("SPI1, GATA1\nCD14 LYZ nonsense").run()
    app.button(key="genes_go").click().run()
    assert not app.exception
    assert app.title[0].value == "Infer"
    asked = RunStore().request(no_worker[0])
    assert (asked.dataset_ref, asked.genes) == ("genes", ("CD14", "GATA1", "LYZ", "SPI1", "nonsense"))
    assert app.query_params["dataset"] == list_genes()[0].ref
    assert "no cells" in text_of(app)
    assert requests_of(["infer", "--gene-list=SPI1,GATA1,CD14,LYZ,nonsense"])[0].run_id() == no_worker[0]

    again = open_page(INFER, run=no_worker[0])  # the address of the run alone fills the form
    assert {metric.label: metric.value for metric in again.metric} == {"TFs": "2", "Genes": "4", "Edges": "6"}


@pytest.mark.parametrize(
    ("text", "words"), [("", "no gene name"), ("CD14 LYZ ACTB", "on the TF list"), ("foo bar", "known gene")]
)
def test_what_gives_no_network_is_said_on_home(no_worker, text, words):
    app = open_page()
    app.text_area(key="genes_text").set_value(text).run()
    app.button(key="genes_go").click().run()
    assert not app.exception
    assert words in app.error[0].value
    assert app.text_area(key="genes_text").value == text
    assert no_worker == []


def test_an_uploaded_list_shows_what_was_not_understood_and_leads_to_a_network():
    app = open_page(DATASET, door="genes", background="context", approach="coexpression")
    table = b"gene,score\nSpi1,1\nGata1,2\nCd14,3\nH2-K1,4\nGm12345,5\n"
    app.file_uploader(key="genes_file").upload("mine.csv", table).run()
    app.button(key="genes_use").click().run()
    assert not app.exception
    assert app.query_params["dataset"] == list_genes()[0].ref
    shown = text_of(app).replace("\\", "")
    assert "H2-K1 (no 1:1 human ortholog)" in shown
    assert app.table[0].value.loc["Species"].item() == "mouse"
    assert not app.get("plotly_chart")
    next(button for button in app.button if button.label == "Continue to Infer").click().run()
    assert not app.exception
    assert not app.button(key="infer").disabled
    assert [area.key for area in app.radio] == []  # no background to choose: there are no cells
