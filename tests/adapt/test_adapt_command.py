"""``python -m grn_core adapt`` and ``infer --adapt``, from the outside."""

from __future__ import annotations

import json

import pytest

from grn_core.adapt import DEFAULT_STEPS
from grn_core.cli import build_parser, main
from tests.adapt.toy import toy_cells

pytestmark = pytest.mark.usefixtures("runs_here")


@pytest.fixture
def cells(tmp_path):
    """A table of counts, genes in rows."""
    data = toy_cells(80, 30)
    path = tmp_path / "cells.csv"
    lines = [",".join(["", *data.obs.index])]
    for name, row in zip(data.genes, data.matrix.toarray().T, strict=True):
        lines.append(",".join([name, *(f"{value:g}" for value in row)]))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_adapt_reports_writes_and_is_computed_once(cells, tmp_path, capsys, grn_home):
    given = ["adapt", str(cells), "--steps", "3", "--learning-rate", "1e-4"]
    out = tmp_path / "mine"
    assert main([*given, "--json", "-o", str(out), "--name", "My cells"]) == 0
    said = capsys.readouterr()
    report = json.loads(said.out)
    assert [line["step"] for line in report["curve"]] == [0, 3]
    assert report["n_cells"] == 80
    assert report["options"]["steps"] == 3
    assert "written to" in said.err
    card = json.loads((out / "card.json").read_text(encoding="utf-8"))
    assert (card["name"], card["title"]) == ("compact", "My cells")
    assert {path.name for path in out.iterdir()} == {"README.md", "card.json", "model.safetensors", "vocabulary.txt"}

    stored = {path: path.stat().st_mtime_ns for path in (grn_home / "adapted").rglob("*.*")}
    assert main(given) == 0
    assert "held-out error" in capsys.readouterr().out
    assert {path: path.stat().st_mtime_ns for path in (grn_home / "adapted").rglob("*.*")} == stored


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["--steps", "-1"], "-1 steps"),
        (["--learning-rate", "nan"], "learning_rate is nan; needed: a number more than 0"),
        (["--learning-rate", "inf"], "learning_rate is inf; needed: a number more than 0"),
        (["--learning-rate", "0"], "learning_rate is 0.0"),
        (["--steps", "3", "--cells", "nothing"], "--cells is 'nothing'"),
        (["--steps", "3", "--model", "unknown"], "unknown"),
        (["--steps", "x"], "--steps"),
    ],
)
def test_a_mistake_is_one_line(cells, given, words, capsys):
    try:
        code = main(["adapt", str(cells), *given])
    except SystemExit as left:
        code = left.code
    said = capsys.readouterr().err.splitlines()
    assert code == 2
    assert words in said[-1]
    assert said[-1].startswith("error: ")


def test_a_folder_with_files_is_not_written_over(cells, tmp_path, capsys):
    assert main(["adapt", str(cells), "--steps", "0", "-o", str(tmp_path)]) == 2
    assert "is not empty" in capsys.readouterr().err


def test_too_few_cells_end_with_the_way_out(tmp_path, capsys):
    path = tmp_path / "few.csv"
    data = toy_cells(20, 30)
    lines = [",".join(["", *data.obs.index])]
    lines += [",".join([g, *map(str, row)]) for g, row in zip(data.genes, data.matrix.toarray().T, strict=True)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert main(["adapt", str(path), "--steps", "3"]) == 2
    assert "at least 60" in capsys.readouterr().err


@pytest.mark.parametrize(("given", "steps"), [([], None), (["--adapt"], DEFAULT_STEPS), (["--adapt", "50"], 50)])
def test_infer_takes_the_number_of_steps(given, steps):
    arguments = build_parser("infer").parse_args(["infer", "GSD", *given])
    assert arguments.adapt == steps
