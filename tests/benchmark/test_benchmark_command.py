"""``python -m grn_core benchmark``: tables on stdout, progress and notes on stderr, a results folder."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from grn_core import cli
from grn_core.assets import asset
from grn_core.benchmark.features import handle
from grn_core.benchmark.protocol.held_out import HeldOut
from grn_core.benchmark.results.tables import read_results
from grn_core.cli.benchmark_options import options_of
from grn_core.cli.benchmark_refused import refuse_what_changes_nothing
from grn_core.cli.parser import build_parser
from grn_core.errors import DataError
from grn_core.translator.train import TrainingOptions
from tests.benchmark.toy_references import tiny_handle, write_toy

pytestmark = pytest.mark.usefixtures("runs_here")


@pytest.fixture
def call(monkeypatch, capsys, tmp_path):
    """Run the command on made-up references with a small network; return exit code, stdout and stderr."""
    made = {"pretrained": tiny_handle(0), "random": tiny_handle(1)}
    monkeypatch.setattr(handle, "model_handle", lambda name, *, weights="pretrained": made[weights])
    init = TrainingOptions.__init__
    monkeypatch.setattr(TrainingOptions, "__init__", lambda self, **options: init(self, **{"epochs": 1, **options}))
    folder = tmp_path / "references"
    folder.mkdir()
    write_toy(folder)

    def run(*arguments, references=True):
        given = ["benchmark", *(["--references", str(folder)] if references else []), *map(str, arguments)]
        try:
            code = cli.main(given)
        except SystemExit as leaving:
            code = leaving.code
        return (code, *capsys.readouterr())

    return run


def test_a_table_a_folder_and_a_second_run(call, tmp_path):
    out = tmp_path / "out"
    arguments = ["--train", "hONE:NET", "--seeds", 2, "--home", tmp_path / "home", "--out", out, "--split", "all"]
    arguments += ["--negatives", "tf-restricted", "--chosen-on", "hTWO:NET", "--title", "Toy"]
    code, stdout, stderr = call(*arguments)
    assert code == 0
    assert stdout.splitlines()[0] == "TFs+500, tf-restricted"
    assert stdout.splitlines()[1].startswith("train     test      genes    split  method")
    assert "Degree only (control)" in stdout
    assert "note: 2 seeds; figures that are reported take at least 5" in stderr
    assert "32 of 32 measurements computed now" in stderr
    results = read_results(out)
    assert set(results.scores["dataset"]) == {"hTWO", "hFAR"}
    assert {"natural", "tf-restricted"} == set(results.scores["negatives"])
    assert all(len(one) for one in (results.per_tf, results.curves, results.calibration))
    assert (results.manifest["title"], results.manifest["chosen_on"]) == ("Toy", ["hTWO:NET"])
    (run,) = results.manifest["runs"]
    assert (run["computed"], run["measurements"]) == (32, 32)
    assert run["command"] == (
        "python -m grn_core benchmark --suite ugrn --model compact --references references --size 500 "
        "--train hONE:NET --split all --negatives tf-restricted --seeds 2"
    )

    code, again, stderr = call(*arguments, "--json")
    assert code == 0
    assert "0 of 32 measurements computed now" in stderr
    rows = {(row["dataset"], row["method"]): row["auprc"] for row in json.loads(again)}
    auprc = results.scores.query("metric == 'auprc' and negatives == 'tf-restricted'")
    for row in auprc.itertuples():
        assert rows[row.dataset, row.method] == pytest.approx(row.mean, abs=1e-4)
    assert read_results(out).scores.equals(results.scores)


def test_a_folder_of_other_weights_is_refused_before_anything_is_measured(call, tmp_path):
    asked = ["--train", "hONE:NET", "--tests", "hTWO:NET", "--seeds", 1, "--split", "all"]
    asked += ["--negatives", "tf-restricted"]
    asked += ["--out", tmp_path / "out"]
    assert call(*asked)[0] == 0
    manifest = tmp_path / "out" / "manifest.json"
    content = json.loads(manifest.read_text(encoding="utf-8"))
    manifest.write_text(json.dumps(content | {"model_sha": "other"}), encoding="utf-8")
    code, stdout, stderr = call(*asked)
    assert (code, stdout) == (2, "")
    assert "holds results of other weights" in stderr.splitlines()[-1]
    assert "computed now" not in stderr


def test_universes_stand_in_tables_of_their_own(call):
    asked = ["--train", "hONE:NET", "--tests", "hTWO:NET", "--seeds", 1, "--split", "all"]
    asked += ["--negatives", "all-pairs", "--negatives", "beeline"]
    code, stdout, _ = call(*asked)
    assert code == 0
    first, second = stdout.strip().split("\n\n")
    assert first.startswith("TFs+500, all-pairs\n")
    assert second.startswith("TFs+500, beeline\n")
    assert "auprc_beeline" in second.splitlines()[1]
    assert "auprc_beeline" not in first


@pytest.mark.thorough
def test_less_is_not_asked_than_the_protocol(call, tmp_path):
    """Every gene set that is there, every split, every kind of negatives but that of another evaluation."""
    code, _, stderr = call("--train", "hONE:NET", "--tests", "hFAR:NET", "--seeds", 1, "--out", tmp_path / "out")
    assert code == 0, stderr
    scores = read_results(tmp_path / "out").scores
    assert set(scores["negatives"]) == {"natural", "tf-restricted", "all-pairs", "degree-matched"}
    assert set(scores["split"]) == {"all", "unseen-target", "unseen-both"}
    assert set(scores["genes"]) == {"TFs+500"}


@pytest.mark.thorough
def test_the_transfer_matrix(call, tmp_path):
    next((tmp_path / "references").glob("OTHER_hTWO*")).unlink()  # three sets say as much
    code, stdout, _ = call("--suite", "transfer", "--seeds", 1, "--negatives", "all-pairs")
    assert code == 0
    lines = stdout.splitlines()
    assert lines[1] == "AUPRC of the Ensemble, row = trained on, column = tested on"
    assert lines[2].split() == ["hFAR:NET", "hONE:NET", "hTWO:NET"]
    assert [line.split()[0] for line in lines[3:6]] == lines[2].split()


@pytest.mark.thorough
def test_the_suite_of_a_users_own_network(call, tmp_path):
    network, panel = tmp_path / "mine.tsv", tmp_path / "panel.txt"
    network.write_text("source\ttarget\tsign\nGATA1\tHBB\t+\nGATA1\tKIT\t-\n", encoding="utf-8")
    panel.write_text("GATA1\nHBB\nKIT\nMPO\nLYZ\n", encoding="utf-8")
    files = ["--suite", "own", "--reference", network, "--genes", panel]
    code, stdout, _ = call(*files, "--train", "hONE:NET", "--seeds", 1, "--out", tmp_path / "out")
    assert code == 0
    assert stdout.splitlines()[0] == "tf-restricted"
    assert "sign_accuracy" in stdout.splitlines()[1]
    scores = read_results(tmp_path / "out").scores
    assert set(scores["suite"]) == {"own"}
    assert set(scores["dataset"]) == {"mine"}
    code, _, stderr = call("--suite", "own", references=False)
    assert code == 2
    assert "the user's network was not given; needed: --reference PATH" in stderr


@pytest.mark.thorough
def test_the_curated_suite(call, tmp_path):
    """The small network knows no gene of the Boolean models but those of blood."""
    arguments = ["--suite", "curated", "--seeds", 1, "--coexpression", "pearson"]
    code, stdout, stderr = call(*arguments, "--out", tmp_path / "out", references=False)
    assert code == 0
    assert "note: mCAD Boolean model" in stderr
    assert stdout.splitlines()[0] == "beeline"
    assert "Shuffled labels (control)" in stdout
    assert "Random weights (control)" in stdout
    scores = read_results(tmp_path / "out").scores
    assert set(scores["dataset"]) == {"HSC"}
    assert {"auprc_beeline", "epr_beeline", "sign_accuracy", "sign_majority"} <= set(scores["metric"])
    code, again, _ = call(*arguments, "--json", references=False)
    assert {row["sign_accuracy"] for row in json.loads(again) if row["method"] == "Degree only"} == {None}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--train", "hONE:NET", "--tests", "hNONE:NET"], "no network NET of hNONE"),
        (["--train", "hONE"], "'hONE' does not name a reference"),
        (["--train", "hNONE:ODD"], "no network ODD of hNONE, TFs+500; needed: one of hFAR:NET, hONE:NET"),
        (["--size", "1000"], "holds no reference network of TFs+1000"),
        (["--split", "half"], "invalid choice: 'half'"),
        (["--train", "hONE:NET", "--coexpression", "odd"], "co-expression method odd: not known"),
        (["--train", "FOO:NET"], "no network NET of FOO, TFs+500; needed: one of hFAR:NET, hONE:NET, hTWO:NET"),
        (["--suite", "transfer", "--tests", "hTWO:NETT"], "no network NETT of hTWO, TFs+500; needed: one of hFAR"),
        (["--suite", "curated", "--tests", "HSCC"], "Boolean model HSCC: not known; needed: one of GSD, HSC"),
        (["--suite", "curated", "--negatives", "all-pairs"], "negatives has no part in the suite curated"),
        (["--suite", "own", "--tests", "hTWO:NET"], "tests has no part in the suite own"),
        (
            ["--suite", "own", "--reference", "mime.tsv"],
            "there is no reference network 'mime.tsv'; needed: the path of an edge list",
        ),
        (["--train", "hONE:NET", "--genes", "A,B"], "genes has no part in the suite ugrn"),
        (["--train", "hONE:NET", "--chosen-on", "hTVO:NET"], "--chosen-on names hTVO:NET, which is not tested"),
        (["--train", "hONE:NET", "--adapt", "-1"], "-1 steps of adaptation were asked for; needed: 0 to"),
        (["--train", "hONE:NET", "--corpus", "/nowhere"], "there is no folder /nowhere; needed: a folder of count"),
        (["--expression", "/nowhere"], "there is no folder /nowhere"),
        (["--out", "/nowhere/out"], "cannot be written"),
    ],
)
def test_errors_are_one_line(call, arguments, said):
    code, stdout, stderr = call(*arguments)
    assert code == 2
    assert said in stderr.splitlines()[-1]
    assert stderr.splitlines()[-1].startswith("error: ")
    assert not stdout


def test_a_model_that_ranks_genes_has_no_row_and_the_reason_is_given(call, monkeypatch):
    made = tiny_handle(0)
    record = replace(made.record, offers=("attention", "embedding"), unavailable="it reads an order of genes")
    monkeypatch.setattr(handle, "model_handle", lambda name, *, weights="pretrained": replace(made, record=record))
    code, stdout, stderr = call("--train", "hONE:NET", "--seeds", 1)
    assert (code, stdout) == (2, "")
    said = "error: Tiny has no VVP and no GDT, and so no row in this benchmark: it reads an order of genes; needed: "
    assert stderr.splitlines()[-1].startswith(said)


def test_what_is_named_from_the_working_folder_is_the_same_in_that_of_the_worker(tmp_path, monkeypatch):
    """The worker measures in the folder of its run, and refuses a run that is another one there."""
    for name in ("references", "expression", "corpus", "elsewhere"):
        (tmp_path / name).mkdir()
    write_toy(tmp_path / "references")
    (tmp_path / "mine.tsv").write_text("source\ttarget\nSPI1\tLYZ\n", encoding="utf-8")
    words = ["--references=references", "--expression=expression", "--corpus=corpus"]
    for given, n_named in ([*words, "--train=hONE:NET"], 3), (["--suite=own", "--reference=mine.tsv"], 1):
        monkeypatch.chdir(tmp_path)
        options = options_of(build_parser("benchmark").parse_args(["benchmark", *given]))
        monkeypatch.chdir(tmp_path / "elsewhere")
        paths = [options.references, options.expression, options.corpus, options.reference]
        named = [Path(one) for one in paths if one]
        assert len(named) == n_named
        assert all(one.is_absolute() and one.exists() for one in named)


def test_references_are_needed(call):
    code, _, stderr = call(references=False)
    assert code == 2
    assert stderr.startswith("error: there are no reference networks here; needed: BEELINE's networks")


@pytest.mark.parametrize(
    ("given", "needed"),
    [
        (("--split", "unseen-both"), "--split all or kept"),
        (("--split", "all", "--split", "unseen-target"), "--split all or kept"),
        (("--negatives", "degree-matched"), "--negatives tf-restricted or all-pairs"),
    ],
)
def test_what_the_published_table_has_no_place_for_is_refused_before_anything_is_measured(call, given, needed):
    code, stdout, stderr = call("--protocol", "published", "--train", "hONE:NET", "--seeds", 1, *given)
    assert (code, stdout) == (2, "")
    assert f"whose table has no place for it; needed: {needed}" in stderr


@pytest.mark.parametrize("protocol", [(), ("--protocol", "published")])
def test_where_nothing_could_be_measured_that_is_said(call, monkeypatch, tmp_path, protocol):
    """Every edge of the tests was seen in training, say; a table without a row is no answer."""
    monkeypatch.setattr(HeldOut, "pairs", property(nothing_left))
    asked = ["--train", "hONE:NET", "--tests", "hTWO:NET", "--seeds", 1, "--split", "all", "--home", tmp_path / "home"]
    code, stdout, stderr = call(*protocol, *asked, "--negatives", "tf-restricted")
    assert (code, stdout) == (0, "")
    assert "is left out: nothing is left." in stderr
    assert stderr.splitlines()[-1] == "nothing could be measured, for the reasons given above"


def nothing_left(_):
    message = "nothing is left"
    raise DataError(message)


@pytest.mark.thorough
def test_the_published_protocol_measures_its_open_points_either_way(call, tmp_path):
    asked = ["--protocol", "published", "--train", "hONE:NET", "--seeds", 1, "--home", tmp_path / "home"]
    code, stdout, _ = call(*asked)
    assert code == 0
    first, heading, *rows = stdout.splitlines()
    assert first.startswith("AUPRC as published")
    assert [word.strip() for word in heading.split("  ") if word.strip()][5:] == [
        "published",
        "TF-restricted, seen left out",
        "TF-restricted, seen kept",
        "all pairs, seen left out",
        "all pairs, seen kept",
    ]
    assert any(" NET " in row and " VVP " in row for row in rows)
    assert sum("seen pairs kept in place of left out" in row for row in rows) == 2
    code, again, stderr = call(*asked, "--negatives", "tf-restricted", "--split", "kept", "--json")
    assert code == 0
    assert {(row["negatives"], row["split"]) for row in json.loads(again)} == {("tf-restricted", "kept")}
    code, _, stderr = call("--protocol", "published", "--suite", "curated", references=False)
    assert code == 2
    assert "was given with the suite curated" in stderr


def test_no_command_that_made_the_shipped_results_is_refused_today():
    runs = json.loads(asset("benchmarks", "compact", "manifest.json").read_text(encoding="utf-8"))["runs"]
    for run in runs:
        arguments = build_parser("benchmark").parse_args(shlex.split(run["command"])[3:])
        if arguments.suite == "perturbation":
            refuse_what_changes_nothing(arguments)
