from __future__ import annotations

import io
import json
import re
from dataclasses import replace

import networkx as nx
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from grn_core import datasets
from grn_core.benchmark.references.gene_sets import store_gene_sets, stored_gene_sets
from grn_core.files import read_json, write_json
from grn_core.networks import expected_precision, first_view
from grn_core.networks.exports import EXPORTS
from grn_core.runs import InferRequest, RunStore
from grn_core.runs.kinds.panel import GENES_ONLY
from grn_core.translator.expected import LEVELS, in_words
from pages.components.network.told import Picked
from tests.pages.app import open_page, text_of
from tests.pages.fabricated_run import fabricate_run

PAGE = "pages/explore/network.py"


def captions(app: AppTest) -> str:
    return "\n".join(part.value for part in app.caption)


def drawn(app: AppTest) -> dict:
    """Return what is sent to the browser to be drawn."""
    for element in app.get("bidi_component"):
        if element.proto.component_name == "grn_network":
            return json.loads(element.proto.json)
    pytest.fail("no network is drawn")


def test_without_a_run_it_says_what_to_do_next():
    app = open_page(PAGE)
    assert "Infer a network first" in app.info[0].value
    assert "grn_network" not in [part.proto.component_name for part in app.get("bidi_component")]


def test_draws_the_network_and_says_what_is_shown():
    app = open_page(PAGE, run=fabricate_run())
    data = drawn(app)
    shown = len(data["edges"])
    assert 60 < shown <= 150
    assert f"{shown} of 174 edges are shown" in captions(app)
    assert "At most the 150 best edges of the run, 15 of each TF." in captions(app)
    assert data["picked"] is None
    assert "directed" in data["description"]
    assert not app.dataframe


def test_tables_are_there_on_demand_and_search_all_edges():
    run = fabricate_run()
    app = open_page(PAGE, run=run)
    app.toggle(key="shows_tables").set_value(True).run()
    assert {"gene", "out_degree", "in_degree", "pagerank", "betweenness"} <= set(app.dataframe[0].value.columns)
    app.segmented_control(key="which_table").set_value("All edges").run()
    edges = RunStore().edges(run)
    assert app.dataframe[0].value["rank"].tolist() == edges["rank"].tolist()
    app.text_input(key="search_edges").set_value("g02").run()
    found = app.dataframe[0].value
    assert len(found) == ((edges["source"] == "G02") | (edges["target"] == "G02")).sum()
    assert set(found["source"]) | set(found["target"]) > {"G02"}


def test_a_run_of_other_versions_says_so():
    app = open_page(PAGE, run=fabricate_run(seed=5, versions={"torch": "1.0", "scanpy": "1.0"}))
    (said,) = (note.value for note in app.info)
    assert said.startswith("Computed with torch 1.0 (here ")
    assert "scanpy" not in said, "it does not decide the result"
    assert not open_page(PAGE, run=fabricate_run(seed=6)).info


@pytest.mark.parametrize("text", ["-1", "1e999", "-inf", "nan", "101", "x"])
def test_a_threshold_that_no_slider_can_show_counts_as_absent(text):
    app = open_page(PAGE, run=fabricate_run(), min_p=text)
    assert [slider.value for slider in app.slider] == [0.0]


def test_embeddings_alone_are_drawn_without_arrow_heads():
    from grn_core.files import read_json, write_json
    from grn_core.planning import plan
    from grn_core.runs.kinds.infer import score_of
    from grn_core.translator.calibration import LIKELY

    for seed, extractors in ((71, ("emb",)), (72, ("emb", "gdt"))):
        run_id = fabricate_run(seed=seed)
        path = RunStore().path(run_id) / "run.json"
        score = {**score_of(replace(plan(), extractors=extractors)), **LIKELY, "why": ""}
        write_json(path, {**(read_json(path) or {}), "result": {"score": score}})
        app = open_page(PAGE, run=run_id)
        data, alone = drawn(app), extractors == ("emb",)
        assert {edge["arrows"]["to"]["enabled"] for edge in data["edges"]} == {not alone}
        assert ("edges have no direction" in text_of(app)) == alone
        targets = open_page("pages/explore/targets.py", run=run_id)
        assert ("edges have no direction" in text_of(targets)) == alone


@pytest.mark.parametrize("page", [PAGE, "pages/explore/targets.py", "pages/explore/infer.py"])
def test_a_damaged_run_can_be_computed_again(page, no_worker, monkeypatch):
    run_id = fabricate_run()
    store = RunStore()
    (store.path(run_id) / "edges.parquet").write_bytes(b"garbage")
    for step in ("check", "look"):
        monkeypatch.setattr(InferRequest, step, lambda self: None)
    app = open_page(page, run=run_id)
    assert "its edges.parquet is damaged" in app.error[0].value
    app.button(key=f"again_{run_id}").click().run()
    assert not app.exception
    assert not store.path(run_id).exists()
    (again,) = no_worker
    assert app.query_params["run"] == again
    assert store.request(again).dataset_ref == "fabricated"


def test_filters_come_from_the_url_and_go_into_it():
    app = open_page(PAGE, run=fabricate_run(), min_p="0.7", top_k="3", shown_tfs="G00,G01", sign="activation")
    edges = drawn(app)["edges"]
    assert edges
    assert {edge["from"] for edge in edges} <= {"G00", "G01"}
    assert {edge["sign"] for edge in edges} == {1}
    assert len(edges) <= 6
    app.slider(key="min_p").set_value(0.8).run()
    app.selectbox(key="sign").set_value("both").run()
    assert not app.exception
    assert app.query_params["min_p"] == "0.8"
    assert "sign" not in app.query_params


def test_nonsense_in_the_url_counts_as_absent():
    app = open_page(
        PAGE, run=fabricate_run(), min_p="many", top_k="7", shown_tfs="nobody", sign="?", gene="nobody", edge="a,b"
    )
    assert drawn(app)["picked"] is None
    assert app.slider(key="min_p").value == 0.0


@pytest.mark.parametrize("edge", ["SPI1", "SPI1,LYZ,CEBPA"])
def test_an_edge_in_the_url_that_is_no_pair_counts_as_absent(edge):
    app = open_page(PAGE, run=fabricate_run(), edge=edge)
    assert drawn(app)["picked"] is None


def test_when_no_edge_passes_it_says_so_and_offers_a_way_out():
    app = open_page(PAGE, run=fabricate_run(), min_p="1.0")
    assert "No edge passes these filters" in app.info[0].value
    next(button for button in app.button if button.label == "Show the strongest edges").click().run()
    assert not app.exception
    assert len(drawn(app)["edges"]) == len(drawn(open_page(PAGE, run=app.query_params["run"][0]))["edges"])


def test_a_picked_gene_shows_its_neighbourhood_and_leads_to_its_targets():
    run = fabricate_run()
    gene = drawn(open_page(PAGE, run=run))["edges"][0]["from"]
    app = open_page(PAGE, run=run, gene=gene)
    assert drawn(app)["picked"] == {"gene": gene}
    assert app.header[0].value == gene
    assert list(app.dataframe[0].value.columns) == ["other", "probability", "interaction"]
    assert f"All ranked targets of {gene}" in [link.label for link in app.get("page_link")]
    next(button for button in app.button if button.label == "Close").click().run()
    assert drawn(app)["picked"] is None
    assert "gene" not in app.query_params


def test_a_picked_edge_shows_its_evidence():
    run = fabricate_run()
    edge = drawn(open_page(PAGE, run=run))["edges"][0]
    app = open_page(PAGE, run=run, edge=f"{edge['from']},{edge['to']}")
    assert drawn(app)["picked"] == {"source": edge["from"], "target": edge["to"]}
    assert app.header[0].value == f"{edge['from']} → {edge['to']}"
    assert [metric.label for metric in app.metric] == ["Probability", "Effect", "Rank"]
    assert len(app.get("plotly_chart")) == 2
    assert any("Threshold" in table.value.iloc[:, 0].tolist() for table in app.table)


def test_an_edge_of_a_run_without_features_says_so():
    run = fabricate_run(features=False)
    edge = drawn(open_page(PAGE, run=run))["edges"][0]
    app = open_page(PAGE, run=run, edge=f"{edge['from']},{edge['to']}")
    assert "curves of this edge are not stored" in app.info[0].value
    assert not app.get("plotly_chart")


def test_downloads():
    app = open_page(PAGE, run=fabricate_run())
    labels = [button.label for button in app.get("download_button")]
    assert labels == ["Shown network", "All scored edges", "Table of genes (TSV)"]
    assert app.selectbox(key="format").options == [record.title for record in EXPORTS.values()]
    for name in EXPORTS:
        app.selectbox(key="format").set_value(name).run()
        assert not app.exception
        assert app.query_params.get("format", ["tsv"]) in (name, [name])


def test_picked_is_dropped_when_the_network_does_not_show_it():
    graph = nx.DiGraph([("A", "B")])
    assert Picked(gene="A").inside(graph) == Picked(gene="A")
    assert Picked(edge=("A", "B")).inside(graph) == Picked(edge=("A", "B"))
    for stranger in (Picked(gene="Z"), Picked(edge=("B", "A")), Picked()):
        assert stranger.inside(graph) == Picked()


def test_a_flat_response_has_no_sign_on_every_page():
    run = fabricate_run(seed=7)
    path = RunStore().path(run) / "edges.parquet"
    edges = pd.read_parquet(path)
    edges.loc[0, ["sign", "sign_agreement"]] = 0, 0.0
    edges.to_parquet(path)
    source, target = edges.loc[0, ["source", "target"]]
    app = open_page(PAGE, run=run, edge=f"{source},{target}")
    data = drawn(app)
    assert data["legend"]["signs"] == {"activation": "activates", "repression": "represses", "unsigned": "no sign"}
    assert "1 without a sign" in data["description"]
    (flat,) = [edge for edge in data["edges"] if edge["sign"] == 0]
    assert (flat["from"], flat["to"], flat["arrows"]["to"]["type"]) == (source, target, "circle")
    assert app.metric[1].value == "No sign"
    only = open_page(PAGE, run=run, sign="no sign")
    assert [edge["sign"] for edge in drawn(only)["edges"]] == [0]
    targets = open_page("pages/explore/targets.py", run=run, tf=source, target=target)
    assert targets.dataframe[0].value["effect"].iloc[0] == "no sign"


def test_a_network_without_signs_is_grey_and_says_why():
    run = fabricate_run(seed=81, signs="none")
    app = open_page(PAGE, run=run)
    assert {edge["sign"] for edge in drawn(app)["edges"]} == {0}
    assert not drawn(app)["legend"]["signs"]
    assert "sign" not in [box.key for box in app.selectbox]
    assert "Edges have no sign" in text_of(app)
    assert {node["colour"] for node in drawn(app)["nodes"]} - {None}, "coloured by community"
    targets = open_page("pages/explore/targets.py", run=run, tf="G01")
    assert "effect" not in targets.dataframe[0].value
    assert [metric.label for metric in targets.metric] == ["Probability", "Rank"]
    assert "Edges have no sign" in text_of(targets)


@pytest.mark.parametrize(("asked", "why"), [({"background": "context"}, "as background"), ({"adapt": 60}, "adapted")])
def test_where_no_probability_was_calibrated_there_is_none(asked, why):
    run = fabricate_run(seed=82 + len(why), **asked)
    app = open_page(PAGE, run=run)
    assert [slider.key for slider in app.slider] == ["min_pct"]
    assert why in text_of(app)
    assert "probab" not in json.dumps(drawn(app))
    widths = [edge["width"] for edge in drawn(app)["edges"]]
    assert max(widths) == 3.5
    assert len(set(widths)) > 3
    targets = open_page("pages/explore/targets.py", run=run, tf="G01")
    assert {"score", "percentile"} <= set(targets.dataframe[0].value)
    assert not {"probability", "uncertainty"} & set(targets.dataframe[0].value)
    assert [metric.label for metric in targets.metric] == ["Score", "Percentile", "Effect", "Rank"]
    assert why in text_of(targets)


def test_the_cut_is_the_expected_precision_and_says_what_it_was_worth():
    run = fabricate_run(seed=91, rare=True)
    app = open_page(PAGE, run=run)
    expected = expected_precision(RunStore().edges(run))
    slider = app.select_slider(key="min_ep")
    assert slider.value == 0
    assert not app.slider
    assert "There is no cut" in text_of(app)
    edges = RunStore().edges(run)["probability"]
    assert all(float(level.rstrip("%")) / 100 > edges.mean() for level in slider.options[1:]), "each leaves edges out"
    asked = RunStore().request(run)
    [told] = re.findall(
        r"^([\d.]+)% of them are expected to be known edges.*pairs\. (.+)$", captions(app), re.MULTILINE
    )
    assert told[1] == in_words(asked.translator, float(told[0]) / 100, extractors=asked.extractors, mark="")
    slider.set_value(max(level for level in LEVELS if (expected >= level).sum() >= 20)).run()
    slider = app.select_slider(key="min_ep")
    assert slider.value > 0
    cut = int((expected >= slider.value).sum())
    assert f"{174 - cut} rank below the {cut} best of the run" in text_of(app)
    assert f"{slider.value:.1%} of the edges down to this cut are expected to be" in text_of(app)
    assert in_words(asked.translator, slider.value, extractors=asked.extractors, mark="") in captions(app)
    assert f"down to an expected precision of {slider.value:.1%}" in captions(app)


def test_it_opens_on_the_best_edges_down_to_a_stated_expected_precision(monkeypatch):
    monkeypatch.setattr(first_view, "MOST", 20)
    run = fabricate_run(seed=91, rare=True)
    app, edges = open_page(PAGE, run=run), RunStore().edges(run)
    expected, slider = expected_precision(edges), app.select_slider(key="min_ep")
    assert (
        slider.value == max(level for level in LEVELS if (expected >= level).sum() >= 20) > edges["probability"].mean()
    )
    cut, shown = int((expected >= slider.value).sum()), len(drawn(app)["edges"])
    assert f"down to an expected precision of {slider.value:.1%}. {shown} of 174 edges are shown." in captions(app)
    assert f"{174 - cut} rank below the {cut} best of the run" in text_of(app)
    assert "min_ep" not in app.query_params
    slider.set_value(0.0).run()
    assert app.query_params["min_ep"] == "0.0"
    assert len(drawn(app)["edges"]) > shown
    app.button(key="clear_filters").click().run()
    assert len(drawn(app)["edges"]) == shown


@pytest.mark.parametrize("chosen", [{"shown_tfs": "G05"}, {"only": "G01,G04,G05"}])
def test_of_chosen_genes_no_edge_is_left_out_unasked(chosen, monkeypatch):
    monkeypatch.setattr(first_view, "MOST", 5)
    run = fabricate_run(seed=91, rare=True)
    app = open_page(PAGE, run=run, **chosen)
    assert app.select_slider(key="min_ep").value == 0.0
    assert "rank below" not in text_of(app)
    asked = open_page(PAGE, run=run, **chosen, min_ep="0.05")
    assert asked.select_slider(key="min_ep").value == 0.05


def test_where_no_cut_fills_the_first_view_it_is_said():
    app = open_page(PAGE, run=fabricate_run(seed=91, rare=True))
    assert app.select_slider(key="min_ep").value == 0.0
    assert "The first view is not cut" in captions(app)


def test_colours_and_layouts_come_from_the_url():
    run = fabricate_run()
    signs = drawn(open_page(PAGE, run=run))
    assert "colour" not in signs["nodes"][0]
    community = drawn(open_page(PAGE, run=run, colour_by="community", layout="circles"))
    assert {node["colour"] for node in community["nodes"]} - {None}
    assert community["legend"]["entries"]
    assert [node["x"] for node in community["nodes"]] != [node["x"] for node in signs["nodes"]]
    reference = open_page(PAGE, run=run, colour_by="reference", layout="layered")
    assert drawn(reference)["legend"]["entries"][0][-1] == "known: 0"
    assert "Missed\\:" in text_of(reference)


def test_expression_in_a_chosen_group_colours_the_genes_of_every_run_with_cells():
    cells = datasets.load("pbmc68k")
    run = fabricate_run(ref=cells.ref, sha=cells.sha256)
    folder = RunStore().path(run)
    symbols = [symbol for symbol in cells.match.symbols if symbol][:30]
    write_json(folder / "panel.json", {**read_json(folder / "panel.json"), "genes": symbols})
    app = open_page(PAGE, run=run, colour_by="expression")
    every = {node["id"]: node["colour"] for node in drawn(app)["nodes"]}
    app.selectbox(key="shown_by").select("bulk_labels").run()
    app.selectbox(key="shown_in").select("Dendritic").run()
    assert not app.exception
    assert {node["id"]: node["colour"] for node in drawn(app)["nodes"]} != every
    assert "bulk\\_labels\\: Dendritic" in text_of(app)
    app.selectbox(key="shown_by").select("phase").run()
    assert app.selectbox(key="shown_in").value in set(cells.obs["phase"])


def test_where_a_run_has_no_cells_it_is_said_why_there_are_no_colours_by_expression():
    app = open_page(PAGE, run=fabricate_run(ref=GENES_ONLY, sha="", genes=("G00", "G01")))
    assert r"No colours by expression\: it was asked of a gene list" in text_of(app)
    gone = open_page(PAGE, run=fabricate_run(seed=1), colour_by="expression")
    assert gone.error


def test_the_column_that_sorts_the_cells_of_an_edge_is_chosen_and_kept_in_the_address():
    cells = datasets.load("pbmc68k")
    run = fabricate_run(ref=cells.ref, sha=cells.sha256)
    folder = RunStore().path(run)
    symbols = [symbol for symbol in cells.match.symbols if symbol][:30]
    edges = (
        RunStore()
        .edges(run)
        .assign(
            source_symbol=lambda table: table["source"].str[1:].astype(int).map(dict(enumerate(symbols))),
            target_symbol=lambda table: table["target"].str[1:].astype(int).map(dict(enumerate(symbols))),
        )
    )
    edges.to_parquet(folder / "edges.parquet")
    app = open_page(PAGE, run=run, edge="G01,G20", evidence="cells")
    assert app.selectbox(key="sorted_by").value == "bulk_labels"
    app.selectbox(key="sorted_by").select("phase").run()
    assert not app.exception
    assert app.query_params["sorted_by"] == "phase"
    assert "in each group** of phase" in text_of(app)
    app = open_page(PAGE, run=run, edge="G01,G20", evidence="cells", sorted_by="phase")
    assert app.selectbox(key="sorted_by").value == "phase"


def test_a_gene_that_is_not_drawn_is_brought_in_on_a_click():
    run = fabricate_run()
    shown = {node["id"] for node in drawn(open_page(PAGE, run=run, max_edges="50"))["nodes"]}
    gene = next(gene for gene in RunStore().panel(run)["labels"] if gene not in shown)
    app = open_page(PAGE, run=run, max_edges="50", gene=gene)
    assert f"{gene} is not among the drawn edges" in app.info[0].value
    next(button for button in app.button if button.label.startswith("Add its")).click().run()
    assert not app.exception
    data = drawn(app)
    assert data["picked"] == {"gene": gene}
    assert sum(gene in (edge["from"], edge["to"]) for edge in data["edges"]) >= 5


def test_places_views_and_chosen_genes_come_from_the_url_and_nonsense_counts_as_absent():
    run = fabricate_run()
    gene = drawn(open_page(PAGE, run=run))["nodes"][0]["id"]
    data = drawn(open_page(PAGE, run=run, moved=f"{gene},120,-40,G02,x,y", view="10,-20,1500", chosen=f"{gene},G03"))
    assert data["moved"] == {gene: [120, -40]}
    assert data["view"] == [10, -20, 1.5]
    assert data["chosen"] == [gene, "G03"]
    data = drawn(open_page(PAGE, run=run, moved="G00", view="1,2", chosen="nobody"))
    assert (data["moved"], data["view"], data["chosen"]) == ({}, None, [])


def test_a_path_is_looked_for_among_the_best_edges_and_drawn_whole():
    run = fabricate_run()
    edges = RunStore().edges(run)
    best = edges.iloc[0]
    app = open_page(PAGE, run=run, max_edges="50", top_k="1")
    app.query_params["path"] = f"{best['source']},{best['target']}"
    app.run()
    assert f"{best['source']} to {best['target']} in 1 edge" in app.info[0].value
    assert drawn(app)["chosen"] == [best["source"], best["target"]]
    app.query_params["path"] = "G29,G28"
    app.run()
    assert "No path leads" in app.info[0].value


def test_a_subnetwork_shows_only_its_genes_and_leads_back():
    run = fabricate_run()
    app = open_page(PAGE, run=run, only="G00,G01,G02,G03")
    assert {node["id"] for node in drawn(app)["nodes"]} <= {"G00", "G01", "G02", "G03"}
    assert "between 4 chosen genes" in captions(app)
    app.button(key="whole_network").click().run()
    assert len(drawn(app)["nodes"]) > 4


def test_what_chosen_genes_share_is_shown_below_the_drawing():
    run = fabricate_run(name_of_gene="KLF{}", n_genes=18)
    store_gene_sets("mine.gmt", io.BytesIO(b"ALL\t\tKLF2\tKLF3\tKLF4\tKLF5\tKLF6\nB\t\tKLF7\tKLF8\tKLF9\tKLF10\n"))
    (sets,) = stored_gene_sets()
    app = open_page(PAGE, run=run, chosen="KLF2,KLF3,KLF4", sets=sets)
    assert not app.dataframe
    app.toggle(key="shows_enrichment").set_value(True).run()
    assert not app.exception
    assert app.header[0].value == "What the 3 chosen genes share"
    assert app.dataframe[0].value["overlap"].tolist() == [3, 0]


def test_what_is_shown_instead_of_an_unknown_run_is_said_only_where_there_is_something():
    assert "instead" not in text_of(open_page(PAGE, run="nope"))
    fabricate_run()
    assert "The newest one is shown instead." in text_of(open_page(PAGE, run="nope"))


@pytest.mark.parametrize(
    ("ref", "chosen", "wanted"),
    [("GSD", {}, "GSD"), ("GSD", {"dataset": "HSC"}, "HSC"), ("pbmc68k", {}, None), ("upload-gone", {}, None)],
)
def test_pages_opened_after_a_run_take_its_cells_where_none_were_chosen(ref, chosen, wanted):
    app = open_page(PAGE, run=fabricate_run(ref=ref), **chosen)
    assert app.session_state["grn_session"].chosen.get("dataset") == wanted
    assert app.query_params.get("dataset") == chosen.get("dataset")
