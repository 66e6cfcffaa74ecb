"""No page sends the browser a table that grows with what a user asks: the first rows, and it says so."""

from __future__ import annotations

import ast
import re

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from streamlit.column_config import NumberColumn

from pages.components.shared import tables
from tests.conftest import ROOT
from tests.pages.app import open_page, part_of_page, text_of
from tests.pages.fabricated_run import fabricate_run

CUTS = ("first_rows", "search_tfs", "head")
SHORT = {
    "as_published": "the published figures",
    "boolean": "the methods on the Boolean models",
    "scores_table": "methods and controls times test sets of one cut",
    "_edges_table": "twice the edges that may be drawn",
    "picked_edge": "a row a compared run",
    "agreement": "a row a pair of compared runs",
    "translator_table": "the translators",
    "group_evidence": "a row a group of cells that has a run",
    "_gene_panel": "drawn edges",
    "_in_common": "a row a pair of references",
    "genes_table": "drawn genes",
    "proposals": "the few that are proposed",
    "_sizes": "what a visitor has stored",
}
"""Function -> why its table stays short without a cut."""


def test_every_table_is_cut_or_short_by_its_nature():
    uncut = set()
    for path in sorted((ROOT / "pages").rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        if "show_table" not in source:
            continue
        functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
        for function in functions:
            calls = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
            called = {func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "") for func in calls}
            if "show_table" in called and not called.intersection(CUTS):
                uncut.add(function.name)
    assert uncut == set(SHORT)


def test_every_table_is_shown_by_the_one_function():
    own = "pages/components/shared/tables.py"
    sources = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in (ROOT / "pages").rglob("*.py")}
    assert [name for name, text in sources.items() if re.search(r"\b(dataframe|data_editor)\(", text)] == [own]


@given(st.lists(st.floats(-1, 1) | st.floats(-1e-3, 0) | st.just(float("nan")), min_size=1), st.integers(0, 4))
def test_no_number_of_a_table_is_shown_as_zero_with_a_minus(values, digits):
    """The browser writes what is sent with so many decimals: only what would be such a zero is changed."""
    table = pd.DataFrame({"a": values, "b": values, "name": "x"})
    columns = {"a": NumberColumn(format=f"%+.{digits}f"), "b": NumberColumn(format="%.3g"), "name": "Name"}
    found = tables.without_minus_zero(table, columns)
    for before, after in zip(values, found["a"], strict=True):
        assert not re.fullmatch(r"-0(\.0*)?", f"{after:.{digits}f}")
        assert after == before or before != before or f"{before:z.{digits}f}" == f"{0:.{digits}f}"
    assert found[["b", "name"]].equals(table[["b", "name"]])


def shown(n: int) -> None:
    import pandas as pd
    import streamlit as st

    from pages.components.shared.tables import first_rows

    st.dataframe(first_rows(pd.DataFrame({"n": range(n)}), first="best", what="edges"))


def test_a_long_table_is_cut_and_says_so_and_a_short_one_is_not(monkeypatch):
    monkeypatch.setattr(tables, "MOST_ROWS", 3)
    for n, n_shown in ((3, 3), (4, 3), (0, 0)):
        app = part_of_page(shown, n).run()
        assert app.dataframe[0].value["n"].tolist() == list(range(n_shown))
        assert [one.value for one in app.caption] == (
            ["The 3 best of 4 edges; the search goes over all."] if n > 3 else []
        )


def test_the_search_looks_through_all_targets_and_one_beyond_the_first_is_shown(monkeypatch):
    monkeypatch.setattr(tables, "MOST_ROWS", 5)
    run = fabricate_run()
    app = open_page("pages/explore/targets.py", run=run, tf="G03")
    first = app.dataframe[0].value["target"].tolist()
    assert len(first) == 5
    last = next(f"G{place:02d}" for place in range(29, 0, -1) if f"G{place:02d}" not in [*first, "G03"])
    assert "The 5 best of 29 targets" in text_of(app)
    app.text_input(key="target_search").set_value(last).run()
    assert app.dataframe[0].value["target"].tolist() == [last]
    app = open_page("pages/explore/targets.py", run=run, tf="G03", target=last)
    assert app.header[0].value == f"G03 → {last}"
