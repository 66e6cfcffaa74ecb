"""A co-expression run on every page that shows one: no probability, no sign where the method has none."""

from __future__ import annotations

import json
import shlex

import pytest

from grn_core.cli import main
from grn_core.errors import RunError
from grn_core.networks import read_cells
from grn_core.runs import RunStore, manager
from pages.components.network.cell_evidence import readings_table
from pages.components.runs.command import command_line
from tests.pages.app import open_page, text_of
from tests.pages.coexpression_run import DATASET, coexpression_request, coexpression_run

INFER, NETWORK, TARGETS = (f"pages/explore/{name}.py" for name in ("infer", "network", "targets"))
FEW_TREES = {"trees": 50}


def drawn(app) -> dict:
    found = [part for part in app.get("bidi_component") if part.proto.component_name == "grn_network"]
    return json.loads(found[0].proto.json)


def test_the_form_leads_to_the_request_and_its_command(no_worker):
    app = open_page(INFER, dataset=DATASET, approach="coexpression", coexpression="genie3")
    assert "share of the target's variance; it has no sign" in text_of(app)
    assert " memory, " in text_of(app)
    app.select_slider(key="trees").set_value(50).run()
    app.number_input(key="seed").set_value(7).run()
    assert (app.query_params["trees"], app.query_params["seed"]) == ("50", "7")
    app.button(key="infer").click().run()
    assert not app.exception
    asked = RunStore().request(no_worker[0])
    assert asked == coexpression_request("genie3", seed=7, options=FEW_TREES)
    assert "--method=genie3 --trees=50 --seeds=7" in app.code[0].value


def test_a_method_without_draws_asks_for_no_seed_and_the_run_id_knows_none(no_worker):
    app = open_page(INFER, dataset=DATASET, approach="coexpression", coexpression="spearman", seed="3", trees="50")
    assert not app.number_input
    assert [one.key for one in app.select_slider] == ["pooled"]
    app.button(key="infer").click().run()
    assert no_worker == [coexpression_request("spearman").run_id()]
    app.select_slider(key="pooled").set_value(10).run()
    app.button(key="infer").click().run()
    assert no_worker[1:] == [coexpression_request("spearman", options=(("pooled", 10),)).run_id()]
    assert "--method=spearman --pooled=10" in app.code[0].value


@pytest.mark.parametrize(
    "request_of",
    [
        coexpression_request,
        lambda: coexpression_request("genie3", seed=7, options=FEW_TREES, n_variable=100, tfs="human"),
    ],
)
def test_the_command_asks_for_the_same_run(request_of, monkeypatch):
    asked = []

    def submit(request, **_options):
        asked.append(request)
        message = "enough is known"
        raise RunError(message)

    monkeypatch.setattr(manager, "submit", submit)
    request = request_of()
    assert main(shlex.split(command_line(request))[3:]) == 2
    assert asked[0].run_id() == request.run_id()


def test_a_link_to_a_run_fills_the_form():
    run_id = coexpression_run("genie3-extra-trees", seed=5, options={"trees": 50})
    app = open_page(INFER, run=run_id)
    assert app.query_params["approach"] == "coexpression"
    assert app.query_params["coexpression"] == "genie3-extra-trees"
    assert (app.select_slider(key="trees").value, app.number_input(key="seed").value) == (50, 5)
    assert "Finished. The network is ready." in text_of(app)
    assert "opens at once" not in text_of(app)  # it stands above
    assert "50 trees · seed 5" in text_of(app)
    table = app.dataframe[0].value
    assert list(table.columns) == ["source", "target", "score", "percentile"]
    assert "A score is no probability" in text_of(app)


def test_a_signed_method_on_the_network_page():
    run_id = coexpression_run("pearson")
    app = open_page(NETWORK, run=run_id, min_pct="50")
    data = drawn(app)
    assert {edge["sign"] for edge in data["edges"]} == {1, -1}
    assert data["legend"]["signs"] == {"activation": "rise together", "repression": "one rises, one falls"}
    assert (data["legend"]["directed"], data["legend"]["thicker"]) == (False, "higher score")
    assert not any(edge["arrows"]["to"]["enabled"] for edge in data["edges"])
    assert all(edge["dashes"] == (edge["sign"] < 0) for edge in data["edges"])
    assert "undirected edges" in data["description"]
    assert "edges have no direction" in text_of(app)
    assert "below percentile 50" in text_of(app)
    assert "probability" not in text_of(app).replace("A score is no probability", "")
    app.selectbox(key="sign").set_value("repression").run()
    assert {edge["sign"] for edge in drawn(app)["edges"]} == {-1}
    edge = drawn(app)["edges"][0]
    gene = open_page(NETWORK, run=run_id, gene=edge["from"], min_pct="50")
    assert list(gene.dataframe[0].value.columns) == ["other", "score", "interaction"]


def test_a_method_without_sign_on_the_network_page():
    app = open_page(NETWORK, run=coexpression_run("genie3-extra-trees", options=FEW_TREES), min_pct="50")
    data = drawn(app)
    assert {edge["sign"] for edge in data["edges"]} == {0}
    assert not data["legend"]["signs"]
    assert (data["legend"]["directed"], data["legend"]["thicker"]) == (True, "higher score")
    assert all(edge["arrows"]["to"] == {"enabled": True, "type": "arrow"} for edge in data["edges"])
    assert "without a sign" in data["description"]
    assert "sign" not in [box.key for box in app.selectbox]
    edge = data["edges"][0]
    picked = open_page(NETWORK, run=app.query_params["run"], edge=f"{edge['from']},{edge['to']}", min_pct="50")
    assert [metric.label for metric in picked.metric] == ["Score", "Percentile", "Rank"]
    assert len(picked.get("plotly_chart")) == 1
    assert "Both seen" in picked.table[0].value["Reading"].tolist()


def test_filters_that_hide_every_edge_can_be_taken_back():
    run_id = coexpression_run("pearson")
    edges = RunStore().edges(run_id)
    other = next(source for source in edges["source"] if source != edges["source"].iloc[0])
    app = open_page(NETWORK, run=run_id, min_pct="100", shown_tfs=other)
    assert f"has score {edges['score'].iloc[0]:.2f}" in text_of(app)
    app.button[0].click().run()
    assert not app.exception
    assert drawn(app)["edges"]


def test_tf_targets_show_the_score_in_its_unit():
    run_id = coexpression_run("mutual-information")
    edge = RunStore().edges(run_id).iloc[0]
    app = open_page(TARGETS, run=run_id)
    assert app.header[0].value == f"{edge['source']} – {edge['target']}"
    assert [metric.label for metric in app.metric] == ["Score", "Percentile", "Rank"]
    table = app.dataframe[0].value
    assert [name for name in table if name != "known"] == ["place", "target", "score", "percentile", "rank"]
    assert "nats" in text_of(app)
    assert "Hatched" not in text_of(app)
    assert len(app.get("plotly_chart")) == 1
    signed = open_page(TARGETS, run=coexpression_run("spearman"))
    assert "effect" in signed.dataframe[0].value.columns
    assert [metric.label for metric in signed.metric] == ["Score", "Effect", "Rank"]


def test_readings_of_cells_in_words():
    table = readings_table(read_cells([0, 0, 1, 2], [0, 1, 0, 3]), source="A_1", target="B")
    values = table.set_index("Reading")["Value"]
    assert values["Both seen"] == "1 (25%)"
    assert values[r"With A\_1"] == "1.50"
    never = readings_table(read_cells([0, 0], [1, 2]), source="A", target="B").set_index("Reading")["Value"]
    assert never["With A"] == "no such cell"


def test_the_axes_of_simulated_cells_have_their_own_unit():
    app = open_page("pages/explore/targets.py", run=coexpression_run())
    figures = [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]
    titles = [figure["layout"]["xaxis"]["title"]["text"] for figure in figures]
    assert any("(log1p of simulated mRNA levels)" in title for title in titles)
