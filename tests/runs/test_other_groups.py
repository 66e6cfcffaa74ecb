"""The same edge in the runs of other groups: those that differ in nothing but the cells, and what they say."""

from __future__ import annotations

import pytest

from grn_core.files import write_json
from grn_core.runs import CoexpressionRequest, InferRequest, RunStatus, RunStore
from grn_core.runs.kinds.import_network import ImportRequest
from grn_core.runs.other_groups import edge_in_runs, runs_of_other_groups
from grn_core.runs.request import FORMAT
from tests.pages.app import open_page
from tests.pages.fabricated_run import fabricate_run


def group(seed: int, cells: tuple[str, ...] | None, **options) -> str:
    chosen = {"cells": None if cells is None else ("kind", cells)}
    return fabricate_run(**{"seed": seed, "sha": "same", "background": "context", "n_genes": 8, **chosen, **options})


@pytest.fixture
def groups(grn_home) -> dict[str, str]:
    return {"B cell": group(1, ("B cell",)), "T cell": group(2, ("T cell",)), "All cells": group(3, None)}


def others(run: str) -> dict[str, str]:
    return runs_of_other_groups(run, RunStore().request(run))


def test_a_run_of_the_same_question_in_other_cells_counts_and_no_other(groups):
    group(4, ("B cell", "T cell"), signs="none")  # asked something else
    group(5, ("NK cell",), sha="other data")
    group(6, ("T cell",))  # the same cells again: the newest run counts
    found = others(groups["B cell"])
    assert sorted(found.values()) == ["All cells", "T cell"]
    assert set(found) == {groups["All cells"], f"{6:016x}"}


def test_two_choices_of_cells_that_have_the_same_words_are_two_and_told_apart(groups):
    many = [group(number, tuple(f"cell {number}{letter}" for letter in "abcd")) for number in (7, 8, 9)]
    found = others(many[0])
    assert {found[run] for run in many[1:]} == {"4 groups of cells (2)", "4 groups of cells (3)"}
    assert len(set(found.values())) == len(found) == len(groups) + 2


def test_a_run_without_cells_of_its_own_is_no_other_group_and_has_none(groups):
    listed = fabricate_run(seed=4, kind=InferRequest, genes=("G01", "G05"), ref="genes", n_genes=8)
    measured = fabricate_run(seed=5, kind=CoexpressionRequest, method="pearson", sha="same", n_genes=8)
    read = RunStore().path(f"{6:016x}")
    asked = ImportRequest(title="a list", file="list", file_sha="0" * 64)
    record = {"run_id": read.name, "format": FORMAT, "request": asked.to_json(), "result": {}}
    write_json(read / "run.json", record)
    write_json(read / "edges.parquet", {})
    RunStore().write_status(read.name, RunStatus("done"))
    damaged = fabricate_run(seed=7, sha="same", n_genes=8)
    (RunStore().path(damaged) / "run.json").write_text("{")
    for name, run in groups.items():
        assert set(others(run)) == set(groups.values()) - {run}, name
    assert others(listed) == others(measured) == others(read.name) == {}
    app = open_page("pages/explore/network.py", run=groups["B cell"], edge="G01,G05", evidence="groups")
    assert not app.exception


def test_everyone_is_among_the_others_of_everyone(groups):
    for name, run in groups.items():
        assert others(run) == {other: words for words, other in groups.items() if words != name}


def test_what_each_run_says_is_what_stands_in_its_table(groups):
    table = edge_in_runs({run: name for name, run in groups.items()}, "G01", "G05")
    assert list(table["group"]) == list(groups)
    for row in table.itertuples():
        edges = RunStore().edges(groups[row.group])
        own = edges[(edges["source"] == "G01") & (edges["target"] == "G05")].iloc[0]
        assert (row.rank, row.score, row.sign) == (own["rank"], own["score"], own["sign"])


def test_runs_that_are_gone_or_lack_the_gene_say_nothing(groups):
    gone = groups.pop("T cell")
    (RunStore().path(gone) / "edges.parquet").unlink()
    named = {run: name for name, run in groups.items()} | {gone: "T cell", "f" * 16: "never there"}
    assert list(edge_in_runs(named, "G01", "G05")["group"]) == list(groups)
    assert edge_in_runs(named, "G01", "ELSE").empty


def test_the_page_shows_them_where_there_are_any(groups):
    page, run = "pages/explore/network.py", groups["B cell"]
    app = open_page(page, run=run, edge="G01,G05", evidence="groups")
    assert [table.value["group"][0] for table in app.dataframe if "percentile" in table.value] == ["B cell"]
    alone = fabricate_run(seed=9)
    app = open_page(page, run=alone, edge="G01,G05", evidence="groups")
    assert not any("percentile" in table.value for table in app.dataframe)
