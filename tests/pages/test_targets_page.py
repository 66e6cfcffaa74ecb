from __future__ import annotations

from dataclasses import replace

from grn_core.networks import EdgeReading
from grn_core.runs import RunStore
from pages.components.network.edge_evidence import plain, readings_table
from tests.pages.app import open_page
from tests.pages.fabricated_run import fabricate_run

PAGE = "pages/explore/targets.py"


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
    assert app.subheader[0].value == f"{best['source']} → {best['target']}"


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
    assert app.subheader[0].value == "G01 → G20"
    assert len(app.get("plotly_chart")) == 3
    assert [metric.label for metric in app.metric] == ["Probability", "Effect", "Rank"]


def test_choosing_another_tf_goes_into_the_url():
    app = open_page(PAGE, run=fabricate_run(), tf="G01", target="G20")
    app.selectbox(key="tf").select("G04").run()
    assert not app.exception
    assert app.query_params["tf"] == "G04"
    assert app.subheader[0].value == "G04 → G20"
    app.selectbox(key="tf").select("G01").run()
    assert app.subheader[0].value == "G01 → G20"


def test_nonsense_in_the_url_counts_as_absent():
    run = fabricate_run()
    best = RunStore().edges(run).iloc[0]
    app = open_page(PAGE, run=run, tf="nobody", target="nobody")
    assert app.subheader[0].value == f"{best['source']} → {best['target']}"


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
    assert len(app.get("plotly_chart")) == 1


def test_readings_in_words():
    flat = EdgeReading(
        response_range=0.0,
        net_change=0.0,
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
