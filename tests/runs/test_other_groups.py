"""The same edge in the runs of other groups: those that differ in nothing but the cells, and what they say."""

from __future__ import annotations

import pytest

from grn_core.runs import RunStore
from grn_core.runs.other_groups import edge_in_runs, runs_of_other_groups
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
