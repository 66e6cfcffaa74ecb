"""The report of a run: whole, for somebody who has neither the program nor the run, and of user's names as text."""

from __future__ import annotations

import html
from html.parser import HTMLParser

import pandas as pd
import pytest

from grn_core.cli import main
from grn_core.networks.exports import EXPORTS, network_of
from grn_core.networks.first_view import MOST, PER_TF
from grn_core.runs.account import account_of
from grn_core.runs.finished import FinishedRun
from tests.networks.exports.test_drawings import HOSTILE, hostile_edges
from tests.pages.fabricated_run import fabricate_run

REPORT = EXPORTS["report"]


class Text(HTMLParser):
    """Collects tags, and the text outside of the drawing."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.parts: list[str] = []
        self.feed(page.decode("utf-8"))

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.parts.append(data)


def report_of(run_id: str, *, command: str = "python -m grn_core infer fabricated") -> bytes:
    run = FinishedRun.of(run_id)
    return REPORT.write(network_of(run.edges, tfs=frozenset(run.sources), account=account_of(run, command=command)))


def test_a_report_says_what_was_asked_and_holds_the_record(grn_home):
    run_id = fabricate_run(seed=3, rare=True)
    run = FinishedRun.of(run_id)
    text = "".join(Text(report_of(run_id)).parts)
    sha = run.record["versions"]
    for said in (run.title, run_id, "python -m grn_core infer fabricated", "calibrated and corrected", sha["torch"]):
        assert said in text
    best = run.edges.iloc[0]
    assert f"{best['probability']:.3f}" in text
    assert "Genes were chosen from the data set 'Fabricated cells'" in text


def test_the_same_run_is_the_same_bytes(grn_home):
    run_id = fabricate_run(seed=3)
    assert report_of(run_id) == report_of(run_id)


def test_a_drawing_that_was_chosen_is_the_one_in_the_report(grn_home):
    run = FinishedRun.of(fabricate_run(seed=3))
    shown = run.edges.head(5)
    places = {gene: (float(n), 0.0) for n, gene in enumerate(sorted({*shown["source"], *shown["target"]}))}
    page = REPORT.write(network_of(run.edges, positions=places, shown=shown)).decode("utf-8")
    assert f"5 of {len(run.edges):,} edges are drawn" in page
    first = run.edges.groupby("source").head(PER_TF).head(MOST)
    best = f"{len(first):,} of {len(run.edges):,} edges are drawn"
    assert best in REPORT.write(network_of(run.edges)).decode("utf-8")


def test_of_a_bare_table_it_says_that_there_is_no_record():
    text = "".join(Text(REPORT.write(network_of(hostile_edges()))).parts)
    assert "without the record of its run" in text


def test_names_are_text_in_every_place(grn_home):
    plain = pd.DataFrame({"source": "A", "target": list("BCDEFGH"), "score": range(7, 0, -1), "sign": 1})
    ours = Text(REPORT.write(network_of(hostile_edges())))
    # the last row of the hostile table has a TF of its own, so that rows of tables differ; nothing else may
    rows = {"tr", "td", "th"}
    assert {tag for tag in ours.tags if tag not in rows} == {
        tag for tag in Text(REPORT.write(network_of(plain))).tags if tag not in rows
    }
    assert ours.tags.count("iframe") == 1
    table = "".join(ours.parts)
    assert all(name in table for name in HOSTILE)


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        ({"cells": ("cell_type", ("B, <b>naive</b>",))}, "of the cells whose cell_type is B, <b>naive</b>"),
        ({"background": "context"}, "was asked in the mean of these cells"),
        ({"seeds": (3,)}, "scored them, with seed 3"),
        ({"signs": "none"}, "Edges have no sign"),
    ],
)
def test_the_methods_say_every_choice(grn_home, request_, said):
    run = FinishedRun.of(fabricate_run(seed=4, **request_))
    assert said in account_of(run).methods


def test_the_methods_are_text_in_the_report(grn_home):
    run = FinishedRun.of(fabricate_run(seed=4, cells=("cell_type", ("B, <b>naive</b>",))))
    methods = account_of(run).methods
    assert "<b>naive</b>" in methods
    page = report_of(run.id).decode("utf-8").replace("&#x27;", "'")
    assert all(html.escape(line, quote=False) in page for line in methods.splitlines())


def test_the_command_writes_it_by_its_name(grn_home, tmp_path, capsys):
    run_id = fabricate_run(seed=3)
    assert main(["export", run_id, "-o", str(tmp_path / "my.report.html")]) == 0
    page = (tmp_path / "my.report.html").read_text(encoding="utf-8")
    assert "python -m grn_core infer" in page
    assert main(["export", run_id, "-o", str(tmp_path / "my.html")]) == 0
    assert "Methods" not in (tmp_path / "my.html").read_text(encoding="utf-8")


def test_the_command_line_shows_what_the_page_shows(grn_home, tmp_path, capsys):
    run = FinishedRun.of(fabricate_run(seed=3))
    tsv, edges = tmp_path / "e.tsv", run.edges

    def written(*options: str) -> list[tuple[str, str]]:
        assert main(["export", run.id, "-o", str(tsv), *options]) == 0
        table = pd.read_csv(tsv, sep="\t")
        return list(zip(table["source"], table["target"], strict=True))

    def pairs(table: pd.DataFrame) -> list[tuple[str, str]]:
        return list(zip(table["source"], table["target"], strict=True))

    assert written() == pairs(edges)
    assert written("--shown") == pairs(edges.groupby("source").head(PER_TF).head(MOST))
    assert written("--per-tf", "2") == pairs(edges.groupby("source").head(2))
    assert written("--per-tf", "0", "--max-edges", "9") == pairs(edges.head(9))
    assert written("--tf-list", "G01, G03") == pairs(
        edges[edges["source"].isin(["G01", "G03"])].groupby("source").head(15)
    )
    among = {"G00", "G01", "G07"}
    assert written("--between", ",".join(among)) == pairs(
        edges[edges["source"].isin(among) & edges["target"].isin(among)]
    )
    assert main(["export", run.id, "-o", str(tsv), "--between", "G00,NONE"]) == 2
    assert "the run has no gene NONE" in capsys.readouterr().err
