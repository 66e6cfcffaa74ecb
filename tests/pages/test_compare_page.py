from __future__ import annotations

import io
import json
import shutil

import pandas as pd
import pytest

from grn_core.benchmark.references.uploads import store_reference
from grn_core.files import read_json, write_json
from grn_core.networks.borda import borda
from grn_core.networks.compare import COMMON
from grn_core.runs import AgainstRequest, ConsensusRequest, ImportRequest, InferRequest, RunStatus, RunStore, worker
from grn_core.runs.finished import JOINED, FinishedRun
from grn_core.runs.matched import match_runs
from grn_core.runs.names import BETWEEN, title_of
from pages.components.compare import intervals
from pages.components.compare import reference as reference_view
from pages.components.compare.runs import name_runs
from pages.components.runs.picker import infer_runs
from pages.components.shared.messages import plain
from tests.pages.app import open_page, text_of
from tests.pages.coexpression_run import coexpression_run
from tests.pages.fabricated_run import fabricate_run

PAGE = "pages/evaluate/compare.py"


@pytest.fixture
def two():
    """A VVP and a GDT run on the same thirty genes, the older one second."""
    return fabricate_run(seed=2, extractors=("gdt",)), fabricate_run(seed=1, extractors=("vvp",))


def networks_on(app) -> list[dict]:
    parts = [element.proto for element in app.get("bidi_component")]
    return [json.loads(proto.json) for proto in parts if proto.component_name == "grn_network"]


def with_column(app, column: str) -> pd.DataFrame:
    return next(part.value for part in app.dataframe if column in part.value.columns)


def values(app) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def test_with_fewer_than_two_runs_it_says_what_to_do():
    assert "no finished run yet" in open_page(PAGE).info[0].value
    fabricate_run()
    assert "only one finished run" in open_page(PAGE).info[0].value


def test_opens_with_the_two_newest_runs_and_names_them_by_what_differs(two):
    app = open_page(PAGE)
    assert app.query_params["runs"] == ",".join(two)
    assert "**A\\: GDT**" in text_of(app)
    assert "**B\\: VVP**" in text_of(app)
    matched = match_runs(two)
    assert values(app)["Common pairs"] == f"{len(matched):,}" == "174"


def test_a_run_of_other_versions_says_so():
    now, before = fabricate_run(seed=1), fabricate_run(seed=2, versions={"numpy": "0.1"})
    (said,) = (one.value for one in open_page(PAGE, runs=f"{now},{before}").caption if "Computed with" in one.value)
    assert said.startswith("B\\: Computed with numpy 0.1 (here ")


def test_it_says_where_two_runs_cannot_differ():
    part = {"cells": ("type", ("B",))}
    whole, same, other = fabricate_run(seed=1), fabricate_run(seed=2, **part), fabricate_run(seed=3, **part)
    seen = fabricate_run(seed=4, background="context", **part)
    for run in (same, seen):
        shutil.copyfile(*(RunStore().path(one) / "edges.parquet" for one in (whole, run)))
    (said,) = open_page(PAGE, runs=f"{whole},{same}").info
    assert "A and B are identical by construction: no measured cell takes part" in said.value
    assert not open_page(PAGE, runs=f"{whole},{other}").info, "what other genes are asked can matter"
    (said,) = open_page(PAGE, runs=f"{whole},{seen}").info
    assert said.value == "A and B are identical: every common pair has the same score in both.", "cells take part"


def test_both_networks_share_their_layout_and_colour_what_only_one_has(two):
    app = open_page(PAGE, best="20")
    one, other = networks_on(app)
    places = [{node["id"]: (node["x"], node["y"]) for node in drawn["nodes"]} for drawn in (one, other)]
    assert places[0] == places[1]
    edges = [{(edge["from"], edge["to"]): edge["colour"] for edge in drawn["edges"]} for drawn in (one, other)]
    assert len(edges[0]) == len(edges[1]) == 20
    common = edges[0].keys() & edges[1].keys()
    assert len({colour for drawn in edges for pair, colour in drawn.items() if pair in common}) == 1
    assert len({colour for drawn in edges for colour in drawn.values()}) == 3
    listed = with_column(app, "found")
    assert set(zip(*listed[listed["found"] == COMMON][["source", "target"]].T.to_numpy(), strict=True)) == common


def test_a_drawing_shows_only_what_its_own_network_says():
    signed = coexpression_run("pearson")
    unsigned = coexpression_run("genie3-extra-trees", options={"trees": 10})
    app = open_page(PAGE, runs=f"{signed},{unsigned}", best="20")
    one, other = networks_on(app)
    assert {edge["sign"] for edge in one["edges"]} == {1, -1}
    assert {edge["sign"] for edge in other["edges"]} == {0}
    for drawn in (one, other):
        assert drawn["legend"]["thicker"] == "higher score"
        assert all("probability" not in edge["title"] for edge in drawn["edges"])
    listed = with_column(app, "found")
    assert not {"probability_a", "probability_b", "sign_b"} & set(listed.columns)
    assert "sign_a" in listed


def test_what_only_one_kind_of_run_has_sets_no_run_apart():
    fabricate_run(seed=1, extractors=("vvp",))
    coexpression_run("pearson")
    names = name_runs(infer_runs()).values()
    assert not any("adapted" in name or "background" in name for name in names)


def test_a_run_is_called_as_everywhere_else():
    runs = [fabricate_run(seed=1), fabricate_run(seed=2, extractors=("vvp",)), coexpression_run("pearson")]
    infos = [next(info for info in infer_runs() if info.run_id == run) for run in runs]
    for some in (infos, infos[:2], infos[1:], infos[::-1]):
        names = name_runs(some)
        for info in some:
            _, _, word = names[info.run_id].partition(": ")
            assert all(part in title_of(info).split(BETWEEN) for part in word.split(BETWEEN)), (word, title_of(info))
        assert len(set(names.values())) == len(some)


def test_a_picked_edge_is_shown_in_every_run(two):
    edges = RunStore().edges(two[0])
    source, target = edges.iloc[0][["source", "target"]]
    app = open_page(PAGE, edge=f"{source},{target}")
    shown = with_column(app, "effect")
    assert shown["network"].tolist() == ["A: GDT", "B: VVP"]
    assert shown["score"].iloc[0] == pytest.approx(edges["score"].iloc[0])
    assert shown["rank"].iloc[0] == 1


def test_panels_that_differ_are_compared_on_the_common_pairs():
    small, large = fabricate_run(seed=1, n_genes=12), fabricate_run(seed=2, n_genes=30)
    app = open_page(PAGE, runs=f"{small},{large}")
    assert values(app)["Common pairs"] == "66"
    assert "108 of 174 of B" in text_of(app)
    assert "of A" not in text_of(app).partition("left out:")[2]


def test_runs_without_a_common_pair_are_explained(two):
    store = RunStore()
    edges = store.edges(two[1])
    edges["target_symbol"] = "X" + edges["target_symbol"]
    edges.to_parquet(store.path(two[1]) / "edges.parquet")
    app = open_page(PAGE, runs=",".join(two))
    assert "No pair of a TF and a target" in app.error[0].value
    assert not networks_on(app)


def test_a_damaged_run_among_them_is_said_and_can_be_computed_again(two, no_worker, monkeypatch):
    for step in ("check", "look"):
        monkeypatch.setattr(InferRequest, step, lambda self: None)
    (RunStore().path(two[1]) / "edges.parquet").write_bytes(b"garbage")
    app = open_page(PAGE, runs=",".join(two))
    assert len(app.error) == 1
    assert f"Run {two[1]} cannot be read" in app.error[0].value
    app.button(key=f"again_{two[1]}").click().run()
    assert not app.exception
    assert RunStore().request(no_worker[0]) == InferRequest(
        dataset_ref="fabricated", dataset_sha="1", title="Fabricated cells", signs="slope", extractors=("vvp",)
    )


def test_the_first_visit_takes_the_newest_runs_that_share_pairs_and_what_is_emptied_stays_empty(two):
    alone = fabricate_run(seed=3, name_of_gene="X{}")
    app = open_page(PAGE)
    assert alone in [info.run_id for info in infer_runs()][:2]
    assert set(app.query_params["runs"].split(",")) == set(two)
    assert not app.error
    app.multiselect(key="compared_runs").set_value([]).run()
    assert app.multiselect(key="compared_runs").value == []
    assert "Choose two or more runs that share" in app.info[0].value
    app.run()
    assert app.multiselect(key="compared_runs").value == []


def test_names_of_different_kinds_meet_in_their_symbols(two):
    store = RunStore()
    edges = store.edges(two[1])
    for end in ("source", "target"):
        edges[end] = "ENSG" + edges[end]
    edges.to_parquet(store.path(two[1]) / "edges.parquet")
    panel = read_json(store.path(two[1]) / "panel.json")
    genes = panel["labels"]
    write_json(store.path(two[1]) / "panel.json", {**panel, "genes": genes, "labels": [f"ENSG{g}" for g in genes]})
    assert values(open_page(PAGE))["Common pairs"] == "174"


@pytest.mark.parametrize("view", ["agreement", "scores", "tfs"])
def test_every_view_opens_from_its_address_and_offers_its_table(two, view):
    app = open_page(PAGE, view=view)
    assert app.get("download_button")
    assert app.segmented_control(key="view").value == view


def test_three_runs_let_the_user_choose_which_two(two):
    third = fabricate_run(seed=3, background="context")
    app = open_page(PAGE, runs=",".join([*two, third]), view="tfs")
    first = app.dataframe[0].value
    app.segmented_control(key="pair").set_value("B-C").run()
    assert not app.exception
    assert app.query_params["pair"] == "B-C"
    assert not app.dataframe[0].value.equals(first)


def upload(pairs) -> str:
    text = "source\ttarget\n" + "".join(f"{s}\t{t}\n" for s, t in pairs)
    return store_reference("mine.tsv", io.BytesIO(text.encode()))


def test_against_an_own_reference(two):
    store = RunStore()
    names = {"G00": "SPI1", "G01": "GATA1", "G02": "CEBPA", "G03": "MYC"}
    for run in two:
        panel = read_json(store.path(run) / "panel.json")
        genes = [names.get(label, label) for label in panel["labels"]]
        write_json(store.path(run) / "panel.json", {**panel, "genes": genes})
    reference = upload([("SPI1", "CEBPA"), ("GATA1", "MYC")])
    app = open_page(PAGE, view="reference", against=reference)
    found = with_column(app, "auprc_ratio")
    assert found["network"].tolist() == ["A (seen): GDT", "B (seen): VVP", "Borda consensus (seen)"], "of what it knows"
    assert found["n_positives"].tolist() == [2, 2, 2]
    assert found["prevalence"].iloc[0] == pytest.approx(2 / 58)
    assert len(app.get("plotly_chart")) == 2
    assert "58 common pairs of 2 TFs" in text_of(app)


def test_intervals_that_take_long_are_a_run(two, monkeypatch, no_worker):
    store = RunStore()
    known = ["SPI1", "GATA1", "CEBPA", "MYC", "STAT1", "RUNX1", "CD14", "LYZ", "CD3E", "NKG7", "MS4A1", "CD79A"]
    for run in two:
        panel = read_json(store.path(run) / "panel.json")
        write_json(store.path(run) / "panel.json", {**panel, "genes": [*known, *panel["labels"][len(known) :]]})
    reference = upload(list(zip(known[:6], known[6:], strict=True)))
    at_once = open_page(PAGE, view="reference", against=reference)
    assert "500 draws" in text_of(at_once)
    assert not [button for button in at_once.button if button.key == "draw_intervals"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(intervals, "MOST_AT_ONCE", 100)
        many = open_page(PAGE, view="reference", against=reference)
    assert "Measuring 174 pairs takes about 2 seconds" in text_of(many), "however soon their intervals are drawn"
    assert not many.get("plotly_chart")
    monkeypatch.setattr(intervals, "SOON_S", 0)
    app = open_page(PAGE, view="reference", against=reference)
    assert "take about 1 second once the networks are read: a run does it" in text_of(app)
    assert "no draws were asked for" in text_of(app)
    assert with_column(app, "auprc_ratio")["auprc_low"].isna().all()
    monkeypatch.setattr(intervals, "MOST_AT_ONCE", 1)
    app = open_page(PAGE, view="reference", against=reference)
    assert "pairs takes about 1 second" in text_of(app), "the page measures no more than so many"
    assert not app.get("plotly_chart")
    app.button(key="draw_intervals").click().run()
    run_id = AgainstRequest(runs=tuple(two), reference=reference).run_id()
    assert no_worker == [run_id]
    assert worker.main([run_id, "--home", str(store.root.parent)]) == 0
    app = open_page(PAGE, view="reference", against=reference)
    assert not app.exception
    assert "500 draws" in text_of(app)
    pd.testing.assert_frame_equal(*(with_column(one, "auprc_ratio") for one in (app, at_once)))


@pytest.mark.parametrize("seen", ["", "A", "AB"])
def test_a_network_that_has_seen_the_edges_says_so_and_is_not_called_best(two, monkeypatch, seen):
    """Its AUPRC on what it was trained on is no result: beside it stands "seen", also in figures and consensus."""
    store = RunStore()
    for run in two:
        panel = read_json(store.path(run) / "panel.json")
        genes = [{"G00": "SPI1", "G02": "CEBPA"}.get(label, label) for label in panel["labels"]]
        write_json(store.path(run) / "panel.json", {**panel, "genes": genes})
    known = "Seen edges of it."
    monkeypatch.setattr(
        reference_view, "seen_in_words", lambda names, _: known if {name[0] for name in names} & set(seen) else ""
    )
    app = open_page(PAGE, view="reference", against=upload([("SPI1", "CEBPA")]))
    shown = with_column(app, "auprc_ratio")["network"].tolist()
    expected = ["A: GDT", "B: VVP", "Borda consensus"]
    marked = ["A (seen): GDT", "B (seen): VVP", "Borda consensus (seen)"]
    assert shown == [
        marked[n] if seen and (name[0] in seen or name[1] != ":") else name for n, name in enumerate(expected)
    ]
    bold = [part.value for part in app.markdown if "AUPRC" in part.value or "none of these scores" in part.value]
    assert bold[0].startswith(
        {
            "": "**Best AUPRC",
            "A": "**The only one that saw none of these edges in training\\: B",
            "AB": "**Every network here has seen",
        }[seen]
    )
    assert bool([one for one in app.warning if one.value == known]) == bool(seen)
    curves = [str(json.loads(chart.proto.spec)["data"]) for chart in app.get("plotly_chart")]
    assert all(("(seen)" in one) == bool(seen) for one in curves)


def test_of_an_imported_network_it_says_that_nobody_knows_what_it_has_seen(two):
    store = RunStore()
    for run in two:
        panel = read_json(store.path(run) / "panel.json")
        genes = [{"G00": "SPI1", "G02": "CEBPA"}.get(label, label) for label in panel["labels"]]
        write_json(store.path(run) / "panel.json", {**panel, "genes": genes})
    record = read_json(store.path(two[0]) / "run.json")
    write_json(store.path(two[0]) / "run.json", record | {"request": ImportRequest(file="edges.tsv").to_json()})
    app = open_page(PAGE, view="reference", against=upload([("SPI1", "CEBPA")]))
    assert not app.exception
    marks = {name[:9].partition(":")[0] for name in with_column(app, "auprc_ratio")["network"]}
    assert {"A (seen?)", "B"} <= marks or {"A", "B (seen?)"} <= marks
    assert "learnt from edges of this reference is not known" in text_of(app)
    assert "Best AUPRC" in text_of(app)


def test_a_reference_without_a_known_edge_is_explained(two):
    app = open_page(PAGE, view="reference")
    assert "0 edges of the reference" in app.error[0].value


def test_the_consensus_becomes_a_run_that_network_and_targets_show(two):
    app = open_page(PAGE, view="consensus")
    request = ConsensusRequest(runs=two)
    store = RunStore()
    run_id = store.write_request(request)
    store.write_status(run_id, RunStatus("queued"))
    assert worker.main([run_id, "--home", str(store.root.parent)]) == 0
    app.run()
    assert not app.exception
    assert "saved as run" in app.success[0].value
    pd.testing.assert_frame_equal(store.edges(run_id), borda(match_runs(sorted(two))))
    network = open_page("pages/explore/network.py", run=run_id, min_p="0")
    assert networks_on(network)[0]["edges"]
    targets = open_page("pages/explore/targets.py", run=run_id)
    assert len(targets.dataframe[0].value) == 29
    assert "Consensus of 2 runs" in "\n".join(targets.selectbox[0].options)


def test_a_mean_of_probabilities_is_offered_where_all_have_one(two, no_worker):
    app = open_page(PAGE, view="consensus", how="calibrated-mean")
    app.button(key="save_consensus").click().run()
    assert no_worker == [ConsensusRequest(runs=tuple(two), method="calibrated-mean").run_id()]
    other = fabricate_run(seed=3, background="context")
    app = open_page(PAGE, view="consensus", how="calibrated-mean", runs=",".join([*two, other]))
    assert "No calibrated probability" in app.info[-1].value
    assert "C: " in app.info[-1].value.replace("\\", "")


@pytest.mark.parametrize(("how", "told"), [("borda", "over the runs"), ("calibrated-mean", JOINED)])
def test_the_uncertainty_of_a_consensus_says_what_it_is(two, how, told):
    store, request = RunStore(), ConsensusRequest(runs=two, method=how)
    run_id = store.write_request(request)
    store.write_status(run_id, RunStatus("queued"))
    assert worker.main([run_id, "--home", str(store.root.parent)]) == 0
    app = open_page(PAGE, view="consensus", how=how, runs=",".join(two))
    (table,) = (part for part in app.dataframe if "uncertainty" in part.value.columns)
    columns = json.loads(table.proto.columns)
    assert columns["uncertainty"]["label"] == "Uncertainty"
    assert told in columns["uncertainty"]["help"]


def test_saving_the_consensus_asks_for_it_once(two, no_worker):
    app = open_page(PAGE, view="consensus")
    app.button(key="save_consensus").click().run()
    assert not app.exception
    assert no_worker == [ConsensusRequest(runs=tuple(two)).run_id()]


def test_nonsense_in_the_address_counts_as_absent(two):
    app = open_page(PAGE, runs="nobody", view="?", best="many", pair="Z")
    assert "This link names a run that is not on this machine (nobody)" in app.warning[0].value
    assert "Choose two or more runs" in app.info[0].value


def test_it_says_what_the_scores_reach_on_test_sets(two, monkeypatch):
    said = "Tested on 4 reference sets: 0.80; chance 0.50."
    with monkeypatch.context() as own:  # whose end leaves the home of the test as it is
        own.setattr(FinishedRun, "tested", property(lambda run: said))
        assert [one.value for one in open_page(PAGE).caption if "Tested" in one.value] == [plain(f"A, B: {said}")]
        own.setattr(FinishedRun, "tested", property(lambda run: said if run.id == two[0] else ""))
        assert [one.value for one in open_page(PAGE).caption if "Tested" in one.value] in (
            [plain(f"A: {said}")],
            [plain(f"B: {said}")],
        )
    app = open_page(PAGE)
    assert app.query_params["runs"] == ",".join(two)
    assert not [one for one in app.caption if "Tested" in one.value]  # of other weights nothing is known


def short_list(n_pairs: int) -> str:
    """An imported list of a few edges, which every fabricated run has scored."""
    store, run = RunStore(), fabricate_run(seed=3)
    folder = store.path(run)
    store.edges(run).sort_values(["source", "target"]).head(n_pairs).to_parquet(folder / "edges.parquet")
    record = read_json(folder / "run.json")
    record["request"] = {"kind": "import", "title": "*mine*", "file": "networks/a/mine.tsv", "file_sha": "0" * 64}
    write_json(folder / "run.json", record)
    return run


@pytest.mark.parametrize(
    ("n_pairs", "said"),
    [
        (1, "One pair in common**: nothing can be compared"),
        pytest.param(2, "Two pairs", marks=pytest.mark.thorough),
        (4, r"4 pairs in common"),
        (170, ""),
    ],
)
def test_a_short_list_that_shrinks_a_comparison_is_said_and_taken_out(two, n_pairs, said):
    short = short_list(n_pairs)
    app = open_page(PAGE, runs=",".join((*two, short)))
    text = text_of(app)
    assert "nan" not in text
    assert not any("nan" in metric.value for metric in app.metric)
    if not said:
        assert "take_short_out" not in {button.key for button in app.button}
        return
    assert said in text
    assert f"has {n_pairs} pair" in text
    assert "without it the others share 174" in text
    assert bool(app.metric) == (n_pairs == 4), "of fewer than three pairs there is no order"
    assert all(len(slider.options) > 1 for slider in app.select_slider)
    app.button(key="take_short_out").click().run()
    assert values(app)["Common pairs"] == "174"
    app = open_page(PAGE, runs=",".join((*two, short)))
    app.button(key="as_ref").click().run()
    assert app.query_params["against"] == f"run:{short}"
    assert app.query_params["runs"] == ",".join(two)
    assert app.query_params["view"] == "reference"


def test_two_runs_one_of_which_is_short_get_a_next_step(two):
    app = open_page(PAGE, runs=f"{two[0]},{short_list(1)}")
    assert "One pair in common**: nothing can be compared" in text_of(app)
    assert "Choose another network beside A, and take B as the reference" in text_of(app)
    assert not app.metric


def test_runs_of_an_address_beyond_the_most_are_named():
    runs = [fabricate_run(seed=number) for number in range(7)]
    app = open_page(PAGE, runs=",".join(runs))
    (said,) = (one.value for one in app.warning if "At most 6 runs" in one.value)
    assert runs[6] in said
    assert not any(one in said for one in runs[:6])
    assert app.multiselect(key="compared_runs").value == runs[:6]
