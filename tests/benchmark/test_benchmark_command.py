"""``python -m grn_core benchmark``: tables on stdout, progress and notes on stderr."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from grn_core import cli
from grn_core.benchmark import curated, handle
from grn_core.benchmark import evaluate as ev
from grn_core.benchmark.runner import Outcome
from tests.benchmark.toy_references import tiny_handle, write_toy


@pytest.fixture
def call(monkeypatch, capsys, tmp_path):
    """Run the command on made-up references with a small network; return exit code, stdout and stderr."""
    made = {"pretrained": tiny_handle(0), "random": tiny_handle(1)}
    monkeypatch.setattr(handle, "model_handle", lambda name, *, weights="pretrained": made[weights])
    options = ev.TrainingOptions(epochs=1)
    monkeypatch.setattr(ev, "train_translator", _with(ev.train_translator, options))
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


def _with(function, options):
    return lambda sets, *, seed: function(sets, options=options, seed=seed)


def test_a_table_a_file_and_a_second_run(call, tmp_path):
    out = tmp_path / "table.tsv"
    arguments = ["--train", "hONE:NET", "--seeds", 2, "--home", tmp_path / "home", "--out", out]
    code, stdout, stderr = call(*arguments)
    assert code == 0
    assert stdout.startswith("train     test      split  negatives      method")
    assert "Degree only (control)" in stdout
    assert "note: 2 seeds; figures that are reported take at least 5" in stderr
    assert "12 cells computed now" in stderr
    table = pd.read_csv(out, sep="\t")
    assert set(table["test"]) == {"hTWO:NET", "hFAR:NET"}
    assert {"auprc_natural", "epr_natural", "n_pairs"} <= set(table.columns)

    code, again, stderr = call(*arguments, "--json")
    assert code == 0
    assert "0 cells computed now" in stderr
    rows = json.loads(again)
    assert [row["method"] for row in rows] == table["method"].tolist()
    assert [row["auprc"] for row in rows] == pytest.approx(table["auprc"], abs=1e-5)


def test_the_transfer_matrix(call, tmp_path):
    code, stdout, _ = call("--suite", "transfer", "--seeds", 1, "--negatives", "all-pairs")
    assert code == 0
    lines = stdout.splitlines()
    assert lines[0] == "AUPRC of the Ensemble, row = trained on, column = tested on"
    assert lines[1].split() == ["hFAR:NET", "hONE:NET", "hTWO:NET", "hTWO:OTHER"]
    assert [line.split()[0] for line in lines[2:6]] == lines[1].split()


def test_the_curated_suite(call, monkeypatch, tmp_path):
    asked = {}
    row = dict.fromkeys(("auprc", "auprc_beeline", "epr", "sign_majority", "prevalence"), 0.5)
    row |= {"n_sources": 5, "n_targets": 5, "n_positives": 13, "sign_accuracy": float("nan")}
    table = pd.DataFrame([{"dataset": "mCAD", "method": "GRNBoost2", "is_control": False, **row}])

    def fake(model, translator, **options):
        asked.update(model=model, translator=translator, **options)
        return Outcome(table, pd.DataFrame(), ("mCAD: a note",), 1)

    monkeypatch.setattr(curated, "run_curated", fake)
    folder = tmp_path / "translator"
    folder.mkdir()
    (folder / "card.json").write_text("{}", encoding="utf-8")
    code, stdout, stderr = call("--suite", "curated", "--translator", folder, "--seeds", 3, references=False)
    assert code == 0
    assert (asked["translator"], asked["n_seeds"]) == (folder, 3)
    assert "note: mCAD: a note" in stderr
    assert "GRNBoost2" in stdout
    code, stdout, _ = call("--suite", "curated", "--translator", folder, "--json", references=False)
    assert json.loads(stdout)[0]["sign_accuracy"] is None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--train", "hONE:NET", "--tests", "hNONE:NET"], "no network NET of hNONE"),
        (["--train", "hONE"], "'hONE' does not name a reference"),
        (["--train", "hNONE:ODD"], "no network ODD of a dataset other than hNONE"),
        (["--size", "1000"], "holds no reference network of TFs+1000"),
        (["--split", "half"], "invalid choice: 'half'"),
        (["--out", "/nowhere/table.tsv"], "cannot be written"),
        (["--suite", "curated", "--translator", "nowhere"], "there is no translator 'nowhere'"),
    ],
)
def test_errors_are_one_line(call, arguments, said):
    code, stdout, stderr = call(*arguments)
    assert code == 2
    assert said in stderr.splitlines()[-1]
    assert stderr.splitlines()[-1].startswith("error: ")
    assert not stdout


def test_references_are_needed(call):
    code, _, stderr = call(references=False)
    assert code == 2
    assert stderr.startswith("error: no reference networks were given; needed: --references FOLDER")
