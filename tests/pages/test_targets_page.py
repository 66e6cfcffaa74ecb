from __future__ import annotations

import io
from dataclasses import replace

from grn_core.benchmark.references.gene_sets import store_gene_sets, stored_gene_sets
from grn_core.networks import EdgeReading
from grn_core.runs import RunStore
from grn_core.translator.registry import DEFAULT
from pages.components.network.model_evidence import readings_table
from pages.components.runs import enrichment
from pages.components.shared.messages import plain
from tests.pages.app import open_page, text_of
from tests.pages.fabricated_run import fabricate_run

PAGE, NETWORK = "pages/explore/targets.py", "pages/explore/network.py"


def test_without_a_run_it_says_what_to_do_next():
    app = open_page(PAGE)
    assert "Infer a network first" in app.info[0].value
    assert not app.dataframe


def test_damaged_curves_are_said_and_the_edges_stay():
    run = fabricate_run()
    (RunStore().path(run) / "features" / "vvp.npy").write_bytes(b"garbage")
    app = open_page(PAGE, run=run, tf="G01", target="G20")
    assert "its vvp.npy is damaged" in app.error[0].value
    assert len(app.dataframe[0].value)


def test_starts_with_the_best_edge_of_the_run():
    run = fabricate_run()
    best = RunStore().edges(run).iloc[0]
    app = open_page(PAGE, run=run)
    assert app.selectbox(key="tf").value == best["source"]
    assert app.header[0].value == f"{best['source']} → {best['target']}"


def test_targets_are_ranked():
    app = open_page(PAGE, run=fabricate_run(), tf="G03")
    table = app.dataframe[0].value
    assert len(table) == 29
    assert table["place"].tolist() == list(range(1, 30))
    assert table["probability"].is_monotonic_decreasing
    assert "G03" not in set(table["target"])
    assert set(table["effect"]) == {"activation", "repression"}


def test_a_target_in_the_url_is_the_selected_edge():
    app = open_page(PAGE, run=fabricate_run(), tf="G01", target="G20")
    assert app.header[0].value == "G01 → G20"
    assert len(app.get("plotly_chart")) == 2
    assert "G01 → G20 ranks" in text_of(app)
    assert [metric.label for metric in app.metric] == ["Probability", "Effect", "Rank"]


def test_choosing_another_tf_goes_into_the_url():
    app = open_page(PAGE, run=fabricate_run(), tf="G01", target="G20")
    app.selectbox(key="tf").select("G04").run()
    assert not app.exception
    assert app.query_params["tf"] == "G04"
    assert app.header[0].value == "G04 → G20"
    app.selectbox(key="tf").select("G01").run()
    assert app.header[0].value == "G01 → G20"


def test_nonsense_in_the_url_counts_as_absent():
    run = fabricate_run()
    best = RunStore().edges(run).iloc[0]
    app = open_page(PAGE, run=run, tf="nobody", target="nobody")
    assert app.header[0].value == f"{best['source']} → {best['target']}"


def test_search():
    app = open_page(PAGE, run=fabricate_run(), tf="G01")
    app.text_input(key="target_search").set_value("g2").run()
    assert not app.exception
    assert set(app.dataframe[0].value["target"]) == {f"G2{place}" for place in range(10)}
    app.text_input(key="target_search").set_value("(").run()
    assert not app.exception
    assert "Clear the search" in app.info[0].value


def test_run_without_features():
    app = open_page(PAGE, run=fabricate_run(features=False), tf="G01")
    assert "curves of this edge are not stored" in app.info[0].value
    assert not app.get("plotly_chart")


def test_the_strongest_targets_are_drawn_on_demand():
    app = open_page(PAGE, run=fabricate_run(), tf="G01", shown="chart", evidence="known")
    assert len(app.get("plotly_chart")) == 1
    assert not app.dataframe


def test_what_is_known_of_an_edge_and_links_that_nothing_fetches():
    run = fabricate_run(rare=True, signs="none")
    store = RunStore()
    edges = store.edges(run)
    edges.loc[0, ["source_symbol", "target_symbol"]] = ["AEBP1", "FABP4"]
    edges.to_parquet(store.path(run) / "edges.parquet")
    app = open_page(PAGE, run=run, evidence="known")
    assert app.table[0].value.iloc[0].tolist() == ["OmniPath, two publications or more", "yes", "2", "repression"]
    shown = text_of(app)
    assert "ranks 1 of 174 (expected precision" in shown
    second = store.edges(run).iloc[1]
    lower = text_of(open_page(PAGE, run=run, tf=second["source"], target=second["target"]))
    assert "(expected precision of the best 2" in lower, "it is not the probability of this edge, which stands beside"
    assert "known in 1 of 1 bundled reference (2 publications)" in shown
    assert any("gov/gene/?term=AEBP1%5Bsym%5D" in link.proto.page for link in app.get("page_link"))
    assert app.dataframe[0].value["known"].iloc[0] == "in 1"


def test_an_edge_that_was_left_out_of_the_training_is_not_merely_unseen():
    """The default knows OmniPath's edges but those of its tests: STAT1 to STAT3 is one of them."""
    run = fabricate_run(rare=True, signs="none", translator=DEFAULT)
    store = RunStore()
    edges = store.edges(run)
    edges.loc[0, ["source_symbol", "target_symbol"]] = ["STAT1", "STAT3"]
    edges.to_parquet(store.path(run) / "edges.parquet")
    shown = text_of(open_page(PAGE, run=run, evidence="known"))
    assert "knows the edges that OmniPath curates" in shown
    assert "left out of the training for its tests" in shown


def test_it_opens_on_the_tf_that_was_picked_last_in_a_drawing_or_chosen_on_another_page():
    run = fabricate_run()
    first = RunStore().edges(run)["source"].iloc[0]
    others = sorted(set(RunStore().edges(run)["source"]) - {first})
    app = open_page(NETWORK, run=run, edge=f"{others[0]},G20")
    app.button(key=f"edges_of_{others[0]}").click().run()
    app.switch_page(PAGE).run()
    assert app.selectbox(key="tf").value == others[0]
    app.selectbox(key="tf").select(first).run()
    assert app.query_params["tf"] == first, "the first of this page is not the first of TF activity"
    app.switch_page(NETWORK).run()
    app.switch_page(PAGE).run()
    assert app.selectbox(key="tf").value == first, "what was picked before that counts no more"
    assert open_page(PAGE, run=run, tf=others[1]).selectbox(key="tf").value == others[1]


def test_any_gene_is_found_and_a_missing_one_is_explained():
    run = fabricate_run(name_of_gene="SOX{}")
    app = open_page(PAGE, run=run, tf="SOX1", find="sox2")
    app.button(key="find_tf").click().run()
    assert not app.exception
    assert (app.query_params["tf"], app.text_input(key="find").value) == ("SOX2", "")
    target = open_page(PAGE, run=run, find="SOX9")
    assert "is a gene of this run and no TF of it" in target.info[0].value.replace("\\", "")
    assert target.dataframe[0].value["source"].tolist()[0] in {f"SOX{n}" for n in range(6)}
    assert "is not in this run" in open_page(PAGE, run=run, find="Klingon").info[0].value


def test_the_regulon_of_a_tf_holds_its_best_targets():
    run = fabricate_run(signs="none")
    app = open_page(PAGE, run=run, tf="G01", regulon="10")
    best = RunStore().edges(run).query("source == 'G01'").head(10)["target"].tolist()
    (button,) = [one for one in app.get("download_button") if one.proto.label == "Regulon (GMT)"]
    assert button
    assert app.select_slider(key="regulon").value == 10
    assert app.dataframe[0].value["target"].head(10).tolist() == best


def test_readings_in_words():
    flat = EdgeReading(
        response_range=0.0,
        threshold=None,
        saturation=None,
        monotonicity=None,
        peak_slope=-0.5,
        peak_level=-2.0,
        slope_agreement=None,
    )
    values = readings_table(flat).set_index("Reading")["Value"]
    assert values["Threshold"] == "flat"
    assert values["Steepest slope"] == "flat"
    falling = replace(flat, monotonicity=-1.0)
    assert readings_table(falling).set_index("Reading")["Value"]["Steepest slope"] == "−0.5 at −2.00"
    assert values["Curves agree"] == "flat"


def test_names_are_shown_as_they_are():
    assert plain("HLA*A_[1]") == r"HLA\*A\_\[1\]"


def test_what_the_best_targets_share_is_tested_within_what_was_asked():
    run = fabricate_run(name_of_gene="KLF{}", n_genes=18)
    store_gene_sets("mine *x*.gmt", io.BytesIO(b"ALL\t\tKLF7\tKLF8\tKLF9\tKLF10\n*x*\t\tKLF2\tKLF3\tKLF4\tKLF5\n"))
    (name,) = stored_gene_sets()
    app = open_page(PAGE, run=run, tf="KLF1", shown="enrichment", sets=name, tested="10")
    assert app.selectbox(key="sets").value == name
    assert set(app.dataframe[0].value["set"]) == {"ALL", "*x*"}
    assert "universe of 17 genes that could have been chosen." in text_of(app)
    assert "10 genes are" not in text_of(app)
    app.selectbox(key="sets").select("references").run()
    assert not app.exception


def test_all_numbers_of_the_enrichment_fit_beside_the_evidence_of_a_small_screen():
    widths = {name: column["width"] for name, column in enrichment.COLUMNS.items()}
    assert sum(width for name, width in widths.items() if name != "genes") <= 500  # five ninths at 1280 pixels
    assert all(enrichment.COLUMNS[name]["help"] for name in widths if name not in {"set", "genes"})
