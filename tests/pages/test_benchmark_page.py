from __future__ import annotations

import io
import json
import re
from dataclasses import replace

import pandas as pd
import pytest

from grn_core import shell
from grn_core.benchmark.job import RESULTS
from grn_core.benchmark.options import BenchmarkOptions
from grn_core.benchmark.perturbed.uploads import store_table, table_option
from grn_core.benchmark.references.uploads import store_reference
from grn_core.benchmark.results import tables as results_module
from grn_core.benchmark.results.boolean import boolean_scores
from grn_core.benchmark.results.tables import write_results
from grn_core.files import read_json, write_json
from grn_core.runs import BenchmarkRequest, RunStatus, RunStore
from grn_core.translator import registry as translators
from grn_core.translator.registry import DEFAULT, records
from grn_core.translator.reliability import KINDS, in_words
from tests.benchmark.toy_references import write_toy
from tests.benchmark.toy_results import toy_results
from tests.pages.app import open_page, text_of
from tests.pages.fabricated_run import fabricate_run

PAGE = "pages/evaluate/benchmark.py"


@pytest.fixture
def shipped(monkeypatch, tmp_path):
    """Results that ship, in place of whatever does."""
    monkeypatch.setattr(results_module, "asset", tmp_path.joinpath)
    write_results(toy_results(), tmp_path / "benchmarks" / "compact")


@pytest.fixture
def nothing_ships(monkeypatch, tmp_path):
    monkeypatch.setattr(results_module, "asset", tmp_path.joinpath)


def finished_benchmark(*, title="Mine", shift=0.1) -> str:
    """A finished benchmark run, as the worker leaves it."""
    store = RunStore()
    request = BenchmarkRequest(options=BenchmarkOptions(suite="curated"), title=title)
    run_id = store.write_request(request)
    write_results(toy_results(title=title, shift=shift), store.path(run_id) / RESULTS)
    store.write_status(run_id, RunStatus("done", fraction=1.0))
    return run_id


@pytest.mark.usefixtures("shipped")
def test_a_benchmark_that_could_measure_nothing_says_why():
    """Every edge of the user's network is one of the training's, say: that is no lack of results."""
    run_id, made = finished_benchmark(), toy_results()
    none = {name: getattr(made, name).iloc[:0] for name in ("scores", "per_tf", "curves", "calibration")}
    manifest = {**made.manifest, "notes": ["mine is left out: every edge was seen before."]}
    write_results(replace(made, manifest=manifest, **none), RunStore().path(run_id) / RESULTS)
    app = open_page(PAGE, results=run_id)
    assert app.warning[0].value == "Nothing could be measured here."
    assert "every edge was seen before" in text_of(app)
    assert "No results yet" not in text_of(app)


def scores(app):
    return next(part.value for part in app.dataframe if "best_control" in part.value.columns)


def figures(app) -> list[dict]:
    """What is drawn first in each figure, that of the translator in a minute left out."""
    drawn = [json.loads(chart.proto.spec)["data"][0] for chart in app.get("plotly_chart")]
    assert drawn[0]["name"] == "chance"
    return drawn[1:]


def heatmap(app):
    return figures(app)[0]


def heads(app) -> list[str]:
    """What stands above the columns of the heatmap."""
    return json.loads(app.get("plotly_chart")[1].proto.spec)["layout"]["xaxis"]["ticktext"]


@pytest.mark.usefixtures("shipped")
def test_opens_full_with_scores_controls_and_a_verdict():
    app = open_page(PAGE, bench_train="hESC:*")
    table = scores(app)
    assert set(table["network"]) == {"STRING", "ChIP-seq of all cell types"}
    assert {"mean", "sd", "lead", "chance", "prevalence", "positives", "sources", "targets"} <= set(table.columns)
    assert set(table[table["kind"] == "control"]["method"]) == {"Random weights", "Corpus correlation", "SVD cosine"}
    text = text_of(app)
    assert "beats every control on 4 of 6 test sets" in text
    assert "nothing is shown there to be learnt" in text
    assert "Against **Random weights** (an untrained model of the same shape) the Ensemble beats it on 6 of 6" in text
    assert "1 of these test sets helped to choose how it is made: the others are the fair tests" in text
    assert "STRING of mouse dendritic cells" in [one.help for one in app.caption]
    assert "random guess last" in text
    assert "As published" in text
    assert app.get("download_button")


def test_one_count_is_told_of_the_translator_that_is_judged():
    """Other translators of its training are told apart from it, and their count is folded."""
    count = re.compile(r"(ahead|beats every control|beats it) on (\d+|all)( \d+)?( of \d+)?")
    for judged, others in ((DEFAULT, True), ("beeline-hesc-string-neighbours", False)):
        app = open_page(PAGE, judged=judged)
        folded = {id(part) for box in app.expander for part in box.markdown}
        shown = [part.value for part in app.markdown if count.search(part.value) and id(part) not in folded]
        assert len(shown) == 1, shown
        assert ("Other translators than the one above" in text_of(app)) == others
        assert [one.value for one in app.header if "than a simple rule" in one.value], "the sentence that answers"
    assert "In plain words" in text_of(open_page(PAGE, bench_train="mDC:STRING")), "of another training it is said"


def test_the_newest_network_is_said_to_be_scored_by_it_only_where_the_weights_are_the_same():
    run_id = fabricate_run(translator=DEFAULT)
    assert "network was scored by an earlier version of it." in text_of(open_page(PAGE))
    record = RunStore().path(run_id) / "run.json"
    write_json(record, {**read_json(record), "hashes": {"translator": translators.translator_sha(DEFAULT)}})
    assert "network was scored by it." in text_of(open_page(PAGE))
    assert "network was scored" not in text_of(open_page(PAGE, judged="beeline-hesc-string-neighbours"))


def test_what_was_measured_of_translators_as_they_are_begins_with_the_one_that_is_judged():
    app = open_page(PAGE, bench_suite="perturbation")
    chosen = app.selectbox(key="bench_train")
    titles = {record.name: record.title for record in records()}
    assert (chosen.value, set(chosen.options) <= set(titles.values())) == (DEFAULT, True)
    neighbours = "beeline-hesc-string-neighbours"
    app = open_page(PAGE, bench_suite="perturbation", judged=neighbours)
    assert app.selectbox(key="bench_train").value == neighbours


@pytest.mark.usefixtures("shipped")
def test_another_training_reference_changes_the_heatmap_and_the_address():
    app = open_page(PAGE)
    before = heatmap(app)
    app.selectbox(key="bench_train").set_value("mDC:STRING").run()
    assert not app.exception
    assert app.query_params["bench_train"] == "mDC:STRING"
    after = heatmap(app)
    assert len(before["x"]) != len(after["x"])
    assert set(scores(app)["dataset"]) == {"human hepatocytes", "mouse blood stem cells, erythroid"}


@pytest.mark.usefixtures("shipped")
def test_the_address_carries_every_choice():
    app = open_page(PAGE, bench_train="hESC:STRING", bench_split="unseen-target", bench_metric="auroc", shade="lead")
    assert app.selectbox(key="bench_split").value == "unseen-target"
    ours = scores(app).query("method == 'Ensemble' and dataset == 'human hepatocytes'")["mean"].item()
    assert ours == pytest.approx(0.64 - 0.03 - 0.02)
    assert "Blue: above the best control" in text_of(app)
    assert "Random weights (control)" not in str(heatmap(app)["y"])


@pytest.mark.usefixtures("shipped")
def test_nonsense_in_the_address_counts_as_absent():
    app = open_page(
        PAGE, bench_train="x", bench_metric="?", shade="no", closer="none", results="0", test="a", networks="z"
    )
    assert app.selectbox(key="bench_train").value == "hESC:STRING", "that of the translator that is judged above"
    assert len(scores(app))


def test_no_code_of_a_data_set_a_network_or_an_extractor_stands_on_the_page():
    """Every method and test of what ships, in the heatmap, its menus and a closer look."""
    for closer in ("table", "transfer"):
        app = open_page(PAGE, closer=closer)
        drawn = [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]
        names = [name for one in drawn for name in (one["layout"]["xaxis"].get("ticktext") or [])]
        names += [str(name) for one in drawn for trace in one["data"] for name in trace.get("y") or []]
        names += [option for box in app.selectbox if box.key != "results" for option in box.options]
        texts = [table.value.select_dtypes(object) for table in app.dataframe if "of_one" not in table.value]
        names += [str(value) for text in texts for value in text.to_numpy().ravel()]
        assert len(names) > 100
        codes = re.compile(r"\b([hm](ESC|HEP|DC|HSC)|Lofgof|(Non-)?Specific|(Attn|Pert|Emb) \()")
        assert not [name for name in names if codes.search(name)]


@pytest.mark.usefixtures("shipped")
def test_networks_can_be_left_out():
    app = open_page(PAGE, networks="STRING")
    assert {head.partition("<br>")[0] for head in heads(app)} == {"<b>STRING</b>"}


@pytest.mark.usefixtures("shipped")
@pytest.mark.parametrize(("view", "n_figures"), [("curves", 2), ("calibration", 3), ("transfer", 2)])
def test_closer_looks_draw_and_offer_their_table(view, n_figures):
    app = open_page(PAGE, closer=view)
    assert len(figures(app)) == n_figures
    assert len(app.get("download_button")) >= n_figures


@pytest.mark.usefixtures("shipped")
def test_what_the_default_prints_is_shown_for_every_reference():
    drawn = []
    for kind in KINDS.values():
        app = open_page(PAGE, closer="calibration", printed=kind)
        assert app.selectbox(key="printed").value == kind
        assert in_words(kind) in text_of(app)
        drawn.append(str(figures(app)[1]))
    assert len(set(drawn)) == len(KINDS)


@pytest.mark.usefixtures("shipped")
def test_the_boolean_networks_are_shown_in_one_table():
    app = open_page(PAGE, closer="boolean")
    (table,) = [one.value for one in app.dataframe if "GSD" in one.value.columns]
    assert list(table["method"]) == list(boolean_scores().index)
    assert any("Boolean networks" in one.proto.label for one in app.get("download_button"))


TRAININGS = [
    "ChIP-seq of all cell types of<br>human embryonic stem cells",
    "STRING of human embryonic stem<br>cells",
    "STRING of mouse dendritic cells",
]


def matrix(app):
    return figures(app)[1]


@pytest.mark.usefixtures("shipped")
def test_the_transfer_matrix_is_read_beside_chance_and_controls():
    app = open_page(PAGE, closer="transfer")
    assert matrix(app)["y"] == [*TRAININGS, "Random guess"]
    hover = str(matrix(app)["customdata"])
    assert "best control: Corpus correlation 0.610 (lead +0.030)" in hover
    assert "4,000 edges, 200 TFs, 900 targets, prevalence 0.5" in hover
    text = text_of(app)
    assert "A random guess gets 0.5; no cell is below it." in text
    assert "good teachers" not in text
    assert "With this gene set" not in text
    app.segmented_control(key="transfer_shade").set_value("lead").run()
    assert app.query_params["transfer_shade"] == "lead"
    assert matrix(app)["y"] == TRAININGS
    assert "−0.020" in str(matrix(app)["text"])
    assert "5 of 8 cells are above" in text_of(app)
    app.selectbox(key="transfer_method").set_value("SVD cosine").run()
    assert "no lead to show: SVD cosine is a control" in text_of(app)
    assert matrix(app)["y"][-1] == "Random guess"


def changed(scores, tmp_path, **more):
    """Put results with other scores in the place of those that ship."""
    results = replace(toy_results(), scores=scores)
    results.manifest.update(more)
    write_results(results, tmp_path / "benchmarks" / "compact")


@pytest.mark.usefixtures("shipped")
def test_the_transfer_matrix_says_what_is_below_chance(tmp_path):
    scores = toy_results().scores
    bad = (scores["train"] == "mDC:STRING") & (scores["method"] == "Ensemble") & (scores["metric"] == "auprc")
    scores.loc[bad, "mean"] = 0.42
    changed(scores, tmp_path)
    text = text_of(open_page(PAGE, closer="transfer"))
    assert "2 of 8 cells are below it, most often after training on STRING of mouse dendritic cells (2 of 2)" in text
    assert ": there the edges of the test rank behind its negatives" in text
    assert "rank behind its negatives, so that what was learnt misleads" in text


@pytest.mark.usefixtures("shipped")
def test_the_transfer_matrix_says_where_more_was_measured(tmp_path):
    scores = toy_results().scores
    larger = scores[(scores["train"] == "hESC:STRING") & (scores["split"] == "all")].assign(genes="TFs+1000")
    one = larger[larger["negatives"] == "tf-restricted"].assign(train="omnipath", genes="all")
    curated = one.assign(suite="curated", network="truth", negatives="beeline")
    own = one.assign(suite="own", network="own")
    changed(pd.concat([scores, larger, curated, own]), tmp_path)
    here = {"closer": "transfer", "bench_train": "hESC:STRING", "bench_genes": "TFs+1000"}
    text = text_of(open_page(PAGE, **here))
    assert "With this gene set and split 1 of 3 training references was measured; all with TFs+500." in text
    assert "one training reference only" not in text
    matched = scores[(scores["train"] == "hESC:STRING") & (scores["negatives"] == "tf-restricted")]
    changed(pd.concat([scores, matched.assign(negatives="degree-matched"), curated, own]), tmp_path)
    text = text_of(open_page(PAGE, closer="transfer", bench_train="hESC:STRING", bench_negatives="degree-matched"))
    assert "With these negatives and this metric 1 of 3 training references was measured." in text
    text = text_of(open_page(PAGE, closer="transfer", bench_suite="curated"))
    assert "curated Boolean models are tests only" in text
    assert "exists for BEELINE's data sets only" in text
    assert "not kept" not in text
    assert "Your own reference is a test only" in text_of(open_page(PAGE, closer="transfer", bench_suite="own"))
    changed(pd.concat([scores[scores["split"] == "all"], larger.assign(split="unseen-target")]), tmp_path)
    text = text_of(open_page(PAGE, **{**here, "bench_split": "unseen-target"}))
    assert "1 of 3 training references was measured; all with TFs+500 and the split “All pairs but" in text
    changed(larger, tmp_path)
    assert "one training reference only" in text_of(open_page(PAGE, closer="transfer"))


@pytest.mark.usefixtures("shipped")
def test_how_it_was_measured_says_what_each_command_cost(tmp_path):
    app = open_page(PAGE)
    assert "Measured 2026-01-02 in 9 minutes, 1,200 of 1,200 measurements computed, code c0de." in text_of(app)
    assert "file sha256 abc" in text_of(app)
    assert "versions of the code" not in text_of(app)
    (run,) = toy_results().manifest["runs"]
    part = {**run, "command": "python -m grn_core benchmark --suite transfer", "computed": 200, "wall_seconds": 7200}
    unknown = {
        **run,
        "command": "another",
        "wall_seconds": None,
        "measurements": None,
        "computed": None,
        "code_version": "new",
    }
    changed(toy_results().scores, tmp_path, runs=[run, part, unknown])
    app = open_page(PAGE)
    text = text_of(app)
    wanted = (
        "in 2 hours, 200 of 1,200 measurements computed, the other 1,000 read from the cache of an earlier command, "
        "code c0de."
    )
    assert wanted in text
    assert "Measured 2026-01-02, code new." in text
    assert "with 2 versions of the code (c0de, new)" in text
    assert [code.value for code in app.code][:3] == [shell.here(one["command"]) for one in (run, part, unknown)]


@pytest.mark.usefixtures("shipped")
def test_tfs_can_be_searched():
    app = open_page(PAGE, closer="tfs", test="hHEP:STRING")

    def tfs():
        return next(part.value for part in app.dataframe if "source" in part.value.columns)

    table = tfs()
    assert table["source"].tolist() == ["GATA1", "SPI1", "NA"]
    assert table["Ensemble"].iloc[0] == pytest.approx(0.64)
    app.text_input(key="benchmark_tf_search").set_value("spi").run()
    assert tfs()["source"].tolist() == ["SPI1"]
    app.text_input(key="benchmark_tf_search").set_value("zzz").run()
    assert "No TF has zzz" in text_of(app)


@pytest.mark.usefixtures("shipped")
def test_results_of_a_run_from_here_can_be_chosen():
    run_id = finished_benchmark(shift=0.1)
    app = open_page(PAGE)
    assert heatmap(app)["z"] != heatmap(open_page(PAGE, results=run_id))["z"]
    app.selectbox(key="results").set_value(run_id).run()
    assert app.query_params["results"] == run_id
    assert scores(app).query("method == 'Ensemble'")["mean"].max() == pytest.approx(0.74)


@pytest.mark.usefixtures("nothing_ships")
def test_for_want_of_results_the_cards_of_the_translators_are_shown():
    app = open_page(PAGE, bench_train="hESC:STRING")
    assert {"Ensemble", "Random weights", "SVD cosine"} <= set(scores(app)["method"])
    assert "stand on the cards" in text_of(app)
    assert "Curves were not kept" in text_of(open_page(PAGE, closer="curves"))


@pytest.mark.usefixtures("nothing_ships")
def test_without_any_result_it_says_what_to_do(monkeypatch):
    monkeypatch.setattr(translators, "records", lambda: ())
    text = text_of(open_page(PAGE))
    assert "No results yet" in text
    assert "There is no translator here" in text
    assert "As published" in text


@pytest.mark.usefixtures("shipped")
def test_damaged_results_are_explained():
    run_id = finished_benchmark()
    (RunStore().path(run_id) / RESULTS / "scores.tsv.gz").write_text("nonsense", encoding="utf-8")
    app = open_page(PAGE, results=run_id)
    assert "cannot be read" in app.error[0].value


@pytest.mark.usefixtures("shipped")
def test_the_audit_tells_what_training_has_shown():
    app = open_page(PAGE, audited="omnipath", audit_tf="SPI1", audit_target="CSF1R")
    assert "was shown **as an edge**" in text_of(app)
    app.text_input(key="audit_target").set_value("nobody").run()
    assert "was shown **not at all**" in text_of(app)
    assert app.query_params["audit_target"] == "NOBODY"


@pytest.mark.usefixtures("shipped")
def test_the_audit_says_when_the_training_network_is_not_here():
    app = open_page(PAGE, audit_tf="SPI1", audit_target="CSF1R")
    assert app.selectbox(key="audited").value == DEFAULT, "the one that scores unless another is chosen"
    (told,) = (info.value for info in app.info if "not on this machine" in info.value)
    assert "and 15 more. So single ones cannot be looked up" in told, "one box for all"
    assert "SPI1 → CSF1R** was shown **as an edge** in training" in text_of(app), "what ships with it knows"
    app.text_input(key="audit_target").set_value("nobody").run()
    assert "SPI1 → NOBODY** was shown **not as an edge** in training" in text_of(app)


@pytest.mark.usefixtures("shipped")
def test_the_audit_shows_what_every_two_references_share():
    app = open_page(PAGE)
    (table,) = (one.value for one in app.dataframe if "of_other" in one.value)
    (card,) = (record.card for record in records() if record.name == DEFAULT)
    assert len(table) == len(card["overlap"]) == 17 * 16 / 2
    row = table.set_index(["one", "other"]).loc[("hESC STRING TFs+500", "hHEP STRING TFs+500")]
    assert (row["shared"], row["of_one"]) == (1661, pytest.approx(39.02))


@pytest.mark.usefixtures("shipped")
def test_without_references_the_curated_models_can_still_be_run(no_worker):
    app = open_page(PAGE)
    assert app.selectbox(key="run_suite").value == "curated"
    app.button(key="run_benchmark").click().run()
    assert not app.exception
    assert len(no_worker) == 1
    request = RunStore().request(no_worker[0])
    assert (request.kind, request.options.n_seeds) == ("benchmark", 5)
    assert request.options == BenchmarkOptions(suite="curated", extractors=("neighbours",))
    assert app.query_params["benchmark"] == no_worker[0]


@pytest.mark.usefixtures("shipped")
def test_missing_references_are_explained():
    assert "not on this machine" in text_of(open_page(PAGE, run_suite="ugrn", audited="omnipath"))


@pytest.mark.usefixtures("shipped")
def test_a_benchmark_on_a_folder_of_references(no_worker, monkeypatch, tmp_path):
    folder = tmp_path / "public" / "networks"
    folder.mkdir(parents=True)
    monkeypatch.setenv("GRN_DATA", str(write_toy(folder).parent))
    app = open_page(PAGE, run_suite="ugrn", run_train="hONE:NET", run_seeds="3")
    assert app.multiselect(key="run_tests").value == ["hFAR:NET", "hTWO:NET"]
    app.multiselect(key="run_tests").set_value(["hTWO:NET"]).run()
    app.checkbox(key="run_neighbours").uncheck().run()
    app.button(key="run_benchmark").click().run()
    assert not app.exception
    request = RunStore().request(no_worker[0])
    assert request.options == BenchmarkOptions(references=folder, train=("hONE:NET",), tests=("hTWO:NET",), n_seeds=3)


@pytest.mark.usefixtures("shipped")
def test_an_own_reference_is_read_before_it_is_run(no_worker):
    assert "have not seen yours" in text_of(open_page(PAGE, run_suite="own"))
    name = store_reference("mine.tsv", io.BytesIO(b"source\ttarget\nGATA1\tKLF1\nGATA1\tSPI1\nSPI1\tCD14\n"))
    app = open_page(PAGE, run_suite="own")
    assert "3 edges of 2 TFs between 4 genes" in text_of(app)
    app.button(key="run_benchmark").click().run()
    asked = BenchmarkOptions(suite="own", reference=name, extractors=("neighbours",))
    assert RunStore().request(no_worker[0]).options == asked


@pytest.mark.usefixtures("shipped")
def test_a_table_of_perturbed_tfs_is_measured_with_every_control_that_the_data_here_allow(
    no_worker, monkeypatch, tmp_path
):
    (tmp_path / "corpus").mkdir()
    (tmp_path / "networks").mkdir()
    card = next(one.card for one in records() if one.name == DEFAULT)
    names = [one["reference"] for one in (*card["training"], *card.get("without", ())) if not one.get("beside")]
    files = [tmp_path / "networks" / f"{net}_{data}_TFsplus500.tsv.gz" for data, net, _ in map(str.split, names)]
    for file in files:
        file.touch()
    monkeypatch.setenv("GRN_DATA", str(tmp_path))
    assert "Upload a table first" in text_of(open_page(PAGE, run_suite="perturbation"))
    name = store_table("mine.tsv", io.BytesIO(b"tf\ttarget\nGATA1\tKLF1\nSPI1\tCD14\n"))
    app = open_page(PAGE, run_suite="perturbation")
    assert app.multiselect(key="run_tables").value == [name]
    assert app.selectbox(key="run_translator").value == DEFAULT
    assert "left out" not in text_of(app)
    app.button(key="run_benchmark").click().run()
    assert not app.exception
    told = {"references": tmp_path / "networks", "corpus": tmp_path / "corpus"}
    asked = BenchmarkOptions(suite="perturbation", tables=(table_option(name),), translator=DEFAULT, **told)
    assert RunStore().request(no_worker[0]).options == asked
    files[-1].unlink()
    assert "Shuffled labels and degrees are left out" in text_of(open_page(PAGE, run_suite="perturbation"))


@pytest.mark.usefixtures("shipped")
def test_a_benchmark_at_work_shows_its_progress_and_can_be_cancelled(no_worker):
    app = open_page(PAGE)
    app.button(key="run_benchmark").click().run()
    run_id = no_worker[0]
    assert any(button.label == "Cancel" for button in app.button)
    app.button(key=f"cancel_{run_id}").click().run()
    assert RunStore().cancel_asked(run_id)


@pytest.mark.usefixtures("shipped")
def test_a_finished_benchmark_leads_to_its_results():
    run_id = finished_benchmark(title="Benchmark Curated Boolean models")
    app = open_page(PAGE, benchmark=run_id)
    app.button(key="show_benchmark").click().run()
    assert app.query_params["results"] == run_id
    assert "benchmark" not in app.query_params
