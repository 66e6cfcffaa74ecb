"""The page What if, of a run whose result is written by hand: no model, no worker."""

from __future__ import annotations

import io
import json

import numpy as np
import pandas as pd
import pytest

from grn_core import datasets, plots
from grn_core.experiments.draws import NO_UNCERTAINTY
from grn_core.experiments.limits import NOT_MEASURED
from grn_core.experiments.proposals import verdict
from grn_core.experiments.uploads import store_measured
from grn_core.runs import RunStatus, RunStore, WhatIfRequest
from grn_core.runs.kinds.what_if import GENES, MEASURED
from pages.components.shared import tables
from pages.components.shared.messages import plain
from pages.components.what_if import measurement
from pages.components.what_if.proposals import NO_PROPOSALS
from tests.pages.app import lines_of, open_page, text_of
from tests.pages.coexpression_run import coexpression_run
from tests.pages.fabricated_run import fabricate_run

PAGE = "pages/explore/what_if.py"
NAMES = ("=cmd()", "*x* <b>", *(f"G{number}" for number in range(30)))
pytestmark = pytest.mark.usefixtures("paper_models")


def finish(run_id: str, *, over: str = "cells") -> None:
    """Write what the worker of a run would have found, and a measurement beside it."""
    store, generator = RunStore(), np.random.default_rng(0)
    change = generator.normal(size=len(NAMES))
    change[:2] = (-9, 9)
    table = pd.DataFrame({"rank": range(1, 33), "gene": NAMES, "symbol": NAMES, "change": change})
    table = table.assign(uncertainty=0.3, agree=1.0)
    table.to_parquet(store.path(run_id) / GENES)
    both = table.assign(measured=generator.normal(size=32), responded=np.arange(32) < 4)
    both.to_parquet(store.path(run_id) / MEASURED)
    told = {"words": ["Ranks: *none*."], "n_measured": 32}
    result = {
        "tfs": ["SPI1"],
        "levels": [[0.0, -2.0]],
        "units": "standard deviations",
        "covers": "Uncertainty is made up.",
        "over": over,
        "notes": ["A note."],
        "measured": told,
    }
    store.write_result(run_id, result)
    store.write_status(run_id, RunStatus("done", fraction=1.0))


def test_a_question_is_asked_and_its_answer_read(no_worker):
    app = open_page(PAGE, dataset="pbmc68k")
    assert "Choose the TF" in text_of(app)
    assert not app.button
    app.multiselect(key="changed").select("SPI1").run()
    app.selectbox(key="change").select("knock-down").run()
    app.select_slider(key="left").set_value(50).run()
    app.button(key="ask_what_if").click().run()
    assert not app.exception
    asked = RunStore().request(no_worker[0])
    assert isinstance(asked, WhatIfRequest)
    assert (asked.changed, asked.change, asked.left, asked.in_group) == (("SPI1",), "knock-down", 0.5, False)
    finish(no_worker[0])
    app.run()
    assert not app.exception
    said = text_of(app)
    assert "**Knock-down to 50% of SPI1** in a generic cell: of 32 genes" in said
    assert r"(most: =cmd()" in said
    assert "uncertainty, which speaks of the drawn cells alone" in said
    assert r"(most: \*x\* \<b\>" in said
    assert plain(NOT_MEASURED) in said, "of the stand-in's weights no results ship"
    assert r"\*none\*" in said
    assert len(app.get("plotly_chart")) == 2
    assert all(lines_of(one.value) <= 2 for one in app.caption)
    app.text_input(key="what_if_search").set_value("g1").run()
    assert set(app.dataframe[0].value["gene"]) == {"G1", *(f"G{number}" for number in range(10, 20))}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tables, "MOST_ROWS", 5)
        app.run()
    assert app.dataframe[0].value["gene"].isin(["G1", *(f"G{number}" for number in range(10, 20))]).all()
    assert "The 5 most changed of 11 genes; the search goes over all" in text_of(app)


def test_a_group_of_cells_and_its_donors(no_worker):
    app = open_page(PAGE, dataset="pbmc68k", changed="SPI1", where="context")
    app.multiselect(key="group_in").select("CD14+ Monocyte").run()
    app.selectbox(key="group_donor").select("phase").run()
    app.button(key="ask_what_if").click().run()
    assert not app.exception
    assert "The group has 2 donors in the column 'phase'" in text_of(app)
    assert not no_worker, "a run would fail of it"
    app.multiselect(key="group_in").set_value(["CD19+ B"]).run()
    app.button(key="ask_what_if").click().run()
    asked = RunStore().request(no_worker[0])
    assert asked.in_group
    assert asked.donor == "phase"
    assert asked.group == ("bulk_labels", ("CD19+ B",))
    assert asked.cells is None, "the genes are chosen from the cells of the question"


def test_where_no_group_is_chosen_the_cells_of_the_run_are_it(no_worker):
    cells = datasets.load("pbmc68k")
    run = fabricate_run(ref=cells.ref, sha=cells.sha256, cells=("bulk_labels", ("Dendritic",)))
    tf = sorted(RunStore().edges(run)["source"].unique())[0]
    app = open_page(PAGE, run=run, changed=tf, where="context")
    assert app.multiselect(key="group_in").placeholder == "The run's cells: Dendritic"
    app.button(key="ask_what_if").click().run()
    asked = RunStore().request(no_worker[0])
    assert (asked.cells, asked.group) == (("bulk_labels", ("Dendritic",)), None)


def test_a_run_is_opened_by_its_link_whatever_is_chosen(no_worker):
    app = open_page(PAGE, dataset="pbmc68k", changed="SPI1")
    app.button(key="ask_what_if").click().run()
    finish(no_worker[0])
    links = [link.proto.query_string for link in open_page().page_link]
    assert f"asked={no_worker[0]}" in links, "Home lists it"
    app = open_page(PAGE, asked=no_worker[0])
    assert not app.exception
    assert "Knock-out of SPI1** in a generic cell" in text_of(app)
    assert not app.multiselect
    app.button(key="leave_asked").click().run()
    assert app.multiselect(key="changed")


def test_a_run_on_show_gives_genes_and_tfs():
    cells = datasets.load("pbmc68k")
    run = fabricate_run(ref=cells.ref, sha=cells.sha256)
    tf = sorted(RunStore().edges(run)["source"].unique())[0]
    app = open_page(PAGE, run=run, changed=tf)
    assert app.multiselect(key="changed").value == [tf]
    proposed = app.dataframe[0].value
    assert proposed["bits"].is_monotonic_decreasing
    assert f"**{verdict().partition('. ')[0]}.**" in [one.value.partition(" That")[0] for one in app.markdown], "first"
    columns = json.loads(app.dataframe[0].proto.columns)
    assert all(columns[name].get("help") for name in proposed), "every column says what it is"
    assert all(lines_of(one.value) <= 2 for one in app.caption)
    app.button(key="leave_run").click().run()
    assert "as chosen under Dataset" in text_of(app)


def test_of_a_run_without_probabilities_it_says_why_nothing_is_proposed_and_leads_to_one_with_some():
    scored = coexpression_run()
    app = open_page(PAGE, run=scored)
    assert NO_PROPOSALS in [one.value for one in app.caption]
    assert not [link for link in app.page_link if link.label.startswith("Propose")]
    with_some = fabricate_run()
    app = open_page(PAGE, run=scored)
    (link,) = [link for link in app.page_link if link.label.startswith("Propose")]
    assert f"run={with_some}" in link.proto.query_string
    assert NO_PROPOSALS not in [one.value for one in open_page(PAGE, run=with_some).caption]


def test_a_gene_list_is_asked_in_a_generic_cell():
    ref = datasets.store_genes(["SPI1", "GATA1", "LYZ"], title="Mine")
    app = open_page(PAGE, dataset=ref, changed="SPI1", where="context")
    assert app.button(key="ask_what_if")
    assert not app.selectbox(key="change").disabled
    assert "Group" not in [one.label for one in app.multiselect]


def test_a_change_is_propagated_only_where_that_is_asked_and_said(no_worker):
    app = open_page(PAGE, dataset="pbmc68k", changed="SPI1", along="omnipath")
    app.button(key="ask_what_if").click().run()
    (run_id,) = no_worker
    store = RunStore()
    assert store.request(run_id).propagate == "omnipath"
    finish(run_id)
    table = store.table(run_id, GENES)
    table.assign(propagated=table["change"] / 2).to_parquet(store.path(run_id) / GENES)
    store.write_result(run_id, {**store.record(run_id)["result"], "propagated": "It was passed on."})
    app.run()
    assert not app.exception
    assert "propagated" in app.dataframe[0].value
    assert "It was passed on." in text_of(app)


@pytest.mark.parametrize("over", NO_UNCERTAINTY)
def test_what_is_no_uncertainty_is_not_counted_by(over, no_worker):
    app = open_page(PAGE, dataset="pbmc68k", changed="SPI1")
    app.button(key="ask_what_if").click().run()
    finish(no_worker[0], over=over)
    app.run()
    assert not app.exception
    assert "twice their uncertainty" not in text_of(app)
    assert "error_x" not in app.get("plotly_chart")[0].proto.spec
    assert "uncertainty" not in app.dataframe[0].value


def test_figures_escape_names_and_bear_one_direction():
    table = pd.DataFrame({"gene": ["<b>", "B"], "change": [1.0, 2.0], "uncertainty": 0.1})
    figure = plots.predicted_changes(table)
    assert list(figure.data[0].y) == ["B", "&lt;b&gt;"]
    both = table.assign(measured=[1.0, np.nan], responded=[True, False])
    assert list(plots.against_measured(both).data[0].customdata) == ["&lt;b&gt;"]


@pytest.mark.parametrize("seed", range(8))
def test_the_bars_of_rises_and_falls_are_those_that_are_counted(seed):
    generator = np.random.default_rng(seed)
    change, uncertainty = generator.normal(size=12), generator.uniform(0, 1, size=12)
    names = [f"G{number}" for number in range(12)]
    table = pd.DataFrame({"gene": names, "change": change, "uncertainty": uncertainty})
    figure = plots.predicted_changes(table, n=12)
    drawn = {bar.name: set(bar.y) for bar in figure.data}
    counted = np.abs(change) > 2 * uncertainty
    assert drawn.get("rises", set()) == set(table["gene"][counted & (change > 0)])
    assert drawn.get("falls", set()) == set(table["gene"][counted & (change < 0)])
    assert drawn["within twice its uncertainty"] == set(table["gene"][~counted])
    assert set().union(*drawn.values()) == set(names)
    assert {bar.name for bar in plots.predicted_changes(table, whiskers=False).data} == {"rises", "falls"}


def test_a_bundled_measurement_is_offered_for_its_tf_with_source_and_fit(no_worker):
    ref = datasets.store_genes(["ATF3", "SPI1", "LYZ", "CD14"], title="Mine")
    app = open_page(PAGE, dataset=ref, changed="SPI1")
    assert "atf3-knock-out" not in app.selectbox(key="beside").options
    app = open_page(PAGE, dataset=ref, changed="ATF3", beside="atf3-knock-out")
    assert not app.exception
    assert "licence MPL-2.0" in text_of(app)
    assert "It will not be compared" in app.warning[0].value, "before the run"
    app.button(key="ask_what_if").click().run()
    (run_id,) = no_worker
    assert RunStore().request(run_id).measured == "atf3-knock-out"
    finish(run_id)
    result = RunStore().record(run_id)["result"]
    RunStore().write_result(run_id, {**result, "measured": None, "not_compared": "2 of the 3 *genes*"})
    app.run()
    assert not app.exception
    assert r"Not compared with the measurement: 2 of the 3 \*genes\*" in app.warning[-1].value
    assert len(app.dataframe[0].value) == len(NAMES), "the prediction is shown"


def test_a_table_that_does_not_fit_is_read_once_and_said_on_every_run_of_the_page(monkeypatch):
    read = []
    usual = measurement.read_named
    monkeypatch.setattr(measurement, "read_named", lambda name: read.append(name) or usual(name))
    kept = store_measured("few.csv", io.BytesIO(b"gene,logFC\nLYZ,1\nCD14,-1\n"))
    app = open_page(PAGE, changed="SPI1", beside=kept)
    for _ in range(2):
        assert "It will not be compared" in text_of(app)
        assert read == [kept]
        app.run()
