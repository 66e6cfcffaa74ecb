"""The page TF activity, of a run whose scores are written by hand: no decoupler, no worker."""

from __future__ import annotations

import json
from base64 import b64decode

import numpy as np
import pandas as pd
import pytest

from grn_core import datasets, plots
from grn_core.datasets.groups import CellGroup, Groups, keep_groups
from grn_core.files import write_json
from grn_core.networks.activity import beside_all_cells, by_group, differences
from grn_core.networks.activity.kept import overview_of
from grn_core.networks.activity.words import on_replicates, without_activity
from grn_core.runs import ActivityRequest, RunStatus, RunStore
from grn_core.sums import write_summed
from tests.pages.app import open_page, part_of_page, text_of
from tests.pages.fabricated_run import fabricate_run

PAGE = "pages/explore/activity.py"
GROUP = "bulk_labels"
TFS = ("SPI1", "GATA3", "=cmd()", "*x* <b>")
pytestmark = pytest.mark.usefixtures("paper_models")


def finish(run_id: str) -> None:
    """Write what the worker of a run would have found."""
    store, generator = RunStore(), np.random.default_rng(0)
    request, folder = store.request(run_id), store.path(run_id)
    dataset = datasets.load(request.dataset_ref)
    scores = generator.normal(size=(len(TFS), dataset.n_cells)).astype(np.float32)
    scores[:, 5] = np.nan  # a cell without any activity
    scores[0] += 3 * dataset.cells_where(GROUP, ("CD14+ Monocyte",))
    facts = {"tfs": TFS, "sizes": [9] * len(TFS), "left_out": ["AHR"], "genes": 700, "method": request.method}
    write_json(folder / "activity.json", facts)
    np.save(folder / "cells.npy", np.arange(dataset.n_cells))
    result = {"targets": 36, "genes": 700, "of_cells": without_activity(1)}
    if request.group:
        by_group(TFS, scores, dataset.column(request.group)).to_parquet(folder / "groups.parquet")
    if (groups := request.groups()) is not None:
        a, b = groups.masks(dataset)
        table = differences(TFS, scores, a=a, b=b)
        table.to_parquet(folder / "differences.parquet")
        words = on_replicates(table, named=bool(groups.donor))
        result["differences"] = {**table.attrs, "a": groups.a.title, "b": groups.b.title, "words": words}
    np.save(folder / "activity.npy", scores)
    store.write_result(run_id, result)
    store.write_status(run_id, RunStatus("done", fraction=1.0))


def test_the_bundled_network_is_taken_whatever_run_was_made_last(no_worker, monkeypatch):
    drawn, draw = [], plots.embedding
    fabricate_run()
    app = open_page(PAGE, dataset="pbmc68k")
    assert app.selectbox(key="network").value == "omnipath"
    app.button(key="compute_activity").click().run()
    assert not app.exception
    assert app.progress
    asked = RunStore().request(no_worker[0])
    assert (asked.network, asked.dataset_ref, asked.group, asked.a) == ("omnipath", "pbmc68k", GROUP, None)
    finish(no_worker[0])
    app.run()
    assert not app.exception
    assert len(app.get("plotly_chart")) == 2
    assert "**4 TFs** in **700 cells**, from 36 targets among 700 expressed genes" in text_of(app)
    assert "A against B" not in text_of(app)
    assert "1 cell has no activity: it expresses none of the genes, or all of them alike." in text_of(app).replace(
        "\\", ""
    )
    monkeypatch.setattr(plots, "embedding", lambda *args, **more: drawn.append(more["usual"]) or draw(*args, **more))
    app.selectbox(key="tf").select("*x* <b>").run()
    assert np.isfinite(drawn[-1]), "cells without an activity have no part in the mean"
    assert not app.exception
    assert r"activity of \*x\* \<b\>" in text_of(app)


def test_the_network_of_the_address_and_two_groups(no_worker):
    cells = datasets.load("pbmc68k")
    keep_groups(cells, Groups(CellGroup(GROUP, ("CD14+ Monocyte",)), CellGroup(GROUP, ("CD19+ B",))))
    run = fabricate_run()
    file = RunStore().path(run) / "edges.parquet"
    genes = {f"G{place:02d}": symbol for place, symbol in enumerate(filter(None, cells.match.symbols))}
    edges = pd.read_parquet(file)
    edges.assign(source=edges["source"].map(genes), target=edges["target"].map(genes)).to_parquet(file)
    app = open_page(PAGE, network=run, dataset="pbmc68k")
    app.select_slider(key="n_targets").set_value(20).run()
    app.button(key="compute_activity").click().run()
    asked = RunStore().request(no_worker[0])
    assert isinstance(asked, ActivityRequest)
    assert (asked.network, asked.n_targets, asked.b) == (run, 20, (GROUP, ("CD19+ B",)))
    finish(no_worker[0])
    app.run()
    assert not app.exception
    assert len(app.get("plotly_chart")) == 3
    assert app.dataframe[0].value["tf"].iloc[0] == "SPI1"
    assert "no replicates" in app.warning[0].value


@pytest.mark.parametrize("named", [True, False])
def test_of_two_groups_the_tfs_that_differ_lead_by_the_test_where_there_is_one(named):
    """A TF that is the same in both is pale: two deviations over the groups would be one above and one below."""
    a, b = (GROUP, ("CD14+ Monocyte",)), (GROUP, ("CD19+ B",))
    cells = {"dataset_ref": "pbmc68k", "dataset_sha": datasets.load("pbmc68k").sha256}
    two = {"a": a, "b": b} if named else {}
    run_id = RunStore().write_request(ActivityRequest(**cells, cells=(GROUP, (*a[1], *b[1])), group=GROUP, **two))
    finish(run_id)
    folder = RunStore().path(run_id)
    table = pd.read_parquet(folder / "groups.parquet")
    table[table["group"].isin([*a[1], *b[1]])].to_parquet(folder / "groups.parquet")
    app = open_page(PAGE, asked=run_id)
    figures = [json.loads(chart.proto.spec)["data"][0] for chart in app.get("plotly_chart")]
    (drawn,) = [one for one in figures if one["type"] == "heatmap"]
    assert drawn["y"][0] == "SPI1"
    z = np.abs(np.frombuffer(b64decode(drawn["z"]["bdata"]), dtype=drawn["z"]["dtype"])).reshape(-1, 2)
    assert z[0].max() > 3 * z[1:].max()
    said = text_of(app)
    assert ("with the smallest adjusted p (below)" in said.replace("\\", "")) == named
    assert ("whose two means are farthest apart" in said) == (not named)


def test_a_network_of_other_genes_is_refused_on_the_page(no_worker):
    app = open_page(PAGE, network=fabricate_run(), dataset="pbmc68k")
    app.button(key="compute_activity").click().run()
    assert "No TF of the network has 5 targets in these cells" in app.error[0].value
    assert no_worker == []


def test_a_gene_list_has_no_activity():
    ref = datasets.store_genes(["SPI1", "GATA1", "LYZ"], title="Mine")
    app = open_page(PAGE, dataset=ref)
    assert "a gene list has none" in app.info[0].value
    assert not app.selectbox


def test_figures_escape_names_and_bear_what_is_not_known():
    groups = datasets.load("pbmc68k").column(GROUP)
    scores = np.full((2, len(groups)), np.nan)
    scores[1] = np.arange(len(groups))
    kept = overview_of({"tfs": ["<b>", "B"], "sizes": [1, 1]}, scores)
    table = beside_all_cells(by_group(["<b>", "B"], scores, groups), kept)
    figure = plots.activity_heatmap(table, ["<b>", "B"])
    assert list(figure.data[0].y) == ["&lt;b&gt;", "B"]
    a = np.arange(len(groups)) < 20
    found = differences(["<b>", "B"], scores, a=a, b=~a)
    assert [point for trace in plots.difference_volcano(found, a="A", b="B").data for point in trace.text] == ["B"]
    assert not plots.difference_volcano(found.iloc[1:], a="A", b="B").data


def test_home_leads_to_a_run_as_it_was_asked_also_what_the_form_cannot_ask():
    store, cells = RunStore(), datasets.load("pbmc68k")
    request = ActivityRequest(
        title="Cells",
        dataset_ref="pbmc68k",
        dataset_sha=cells.sha256,
        cells=(GROUP, ("CD14+ Monocyte", "Dendritic")),
        group=GROUP,
        min_targets=7,
    )
    run_id = store.write_request(request)
    finish(run_id)
    link = next(link for link in open_page().get("page_link") if link.label == "TF activity")
    assert link.proto.query_string == f"asked={run_id}"
    app = open_page(PAGE, asked=run_id)
    assert not app.exception
    assert "at least 7 targets" in text_of(app)
    assert "**4 TFs** in" in text_of(app)
    app.button(key="leave_asked").click().run()
    assert not app.exception
    assert "asked" not in app.query_params
    assert app.selectbox(key="by").value == GROUP
    app = open_page(PAGE, asked="0123456789abcdef", dataset="pbmc68k")
    assert "This link names a run that is not on this machine" in app.warning[0].value
    assert app.selectbox(key="network").value == "omnipath"


def test_a_copy_of_anothers_run_is_shown_without_the_cells(no_worker):
    a, b = (GROUP, ("CD14+ Monocyte",)), (GROUP, ("CD19+ B",))
    known = {"dataset_ref": "pbmc68k", "dataset_sha": datasets.load("pbmc68k").sha256, "group": GROUP, "a": a, "b": b}
    store = RunStore()
    run_id = store.write_request(ActivityRequest(**known))
    finish(run_id)
    record = store.record(run_id)
    changed = {**record, "request": {**record["request"], "dataset_ref": "upload-0123456789ab"}}
    write_summed(store.path(run_id) / "run.json", changed)
    app = open_page(PAGE, asked=run_id)
    assert not app.exception
    assert not app.error
    assert "Shown without its cells" in text_of(app)
    assert "**4 TFs** in **700 cells**" in text_of(app)
    assert list(app.dataframe[0].value["tf"]) != []
    assert "A against B" in text_of(app)
    labels = [one.proto.label for one in app.get("download_button")]
    assert "All TFs (TSV)" in labels
    assert not [label for label in labels if "every cell" in label]


@pytest.mark.parametrize(
    ("unit", "n", "said"), [("donors", (4, 4), True), ("pairs", (4, 4), True), ("donors", (12, 10), False)]
)
def test_p_values_of_few_donors_are_not_taken_for_more_than_they_are(unit, n, said):
    def page(unit, n):
        import pandas as pd

        from pages.components.activity.result import activity_differences

        columns = ("mean_a", "mean_b", "difference", "statistic", "p", "p_adjusted")
        table = pd.DataFrame({"tf": ["SPI1", "MYC"]} | {name: [0.5, 0.1] for name in columns})
        activity_differences("0123", table, {"n": n, "unit": unit, "a": "one", "b": "two", "words": "Donors."})

    app = part_of_page(page, unit, n).run()
    assert not app.exception
    assert any("t-test takes donors to vary normally" in one.value for one in app.caption) is said
