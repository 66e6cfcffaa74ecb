"""What sessions share: a page that writes into it changes nothing for the others."""

from __future__ import annotations

import ast
from contextlib import suppress
from functools import cache
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grn_core.settings import at_home
from pages.components.runs.view import view
from pages.components.shared.kept import kept, kept_of_release, unchangeable
from tests.conftest import ROOT
from tests.pages.fabricated_run import fabricate_run


def _write_all(table: pd.DataFrame) -> None:
    table["score"].array[:] = 0


def _mask(table: pd.DataFrame) -> None:
    column = table["score"]
    column.mask(table["rank"] > 1, 0.0, inplace=True)


WRITES = {
    "loc": lambda table: table.loc.__setitem__((0, "score"), -1.0),
    "iloc": lambda table: table.iloc.__setitem__((0, 2), -1.0),
    "at": lambda table: table.at.__setitem__((0, "source"), "other"),
    "array": _write_all,
    "numpy": lambda table: table["score"].to_numpy().sort(),
    "in place": lambda table: table["score"].__iadd__(1),
    "column": lambda table: table.__setitem__("score", 0.0),
    "new column": lambda table: table.__setitem__("mine", 0.0),
    "replaced": lambda table: table.replace({"source": {"G00": "other"}}, inplace=True),
    "mask": _mask,
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_page_that_writes_into_the_edges_changes_those_of_no_other_session(write):
    run = fabricate_run(seed=7, n_genes=8)
    mine, theirs = view(run).edges, view(run).edges
    before = theirs.copy(deep=True)
    with suppress(ValueError):  # that the values are read-only
        write(mine)
    pd.testing.assert_frame_equal(theirs, before)
    pd.testing.assert_frame_equal(view(run).edges, before)


columns = st.sampled_from(
    [
        pd.Series([1.0, 2.0, 3.0]),
        pd.Series([1, 2, 3], dtype="int8"),
        pd.Series(["a", "b", "c"], dtype=object),
        pd.Series(["a", "b", "a"], dtype="category"),
        pd.Series([True, False, True]),
        pd.Series([1, None, 3], dtype="Int64"),
        pd.Series(["a", None, "c"], dtype="string"),
    ]
)


@given(st.lists(columns, min_size=1, max_size=4))
def test_no_cell_of_a_table_can_be_written(parts):
    table = unchangeable(pd.DataFrame({f"c{place}": part for place, part in enumerate(parts)}))
    copy = table.copy(deep=True)
    for name in table:
        mine = table.copy(deep=False)
        with suppress(ValueError):  # of pandas 2; pandas 3 copies what is written to
            mine.loc[0, name] = copy[name].iloc[2]
    pd.testing.assert_frame_equal(table, copy)


def test_arrays_graphs_and_mappings_within_other_things_are_read_only_too():
    array, graph = np.zeros(3), nx.DiGraph([("a", "b")])
    given = (array, graph, {"a": (0.0, 1.0)}, "text", 3)
    shared = unchangeable(given)
    with pytest.raises(ValueError, match="read-only"):
        shared[0][0] = 1
    with pytest.raises(nx.NetworkXError):
        shared[1].add_edge("b", "c")
    with pytest.raises(TypeError):
        shared[2]["b"] = (1.0, 1.0)
    assert shared[2] == {"a": (0.0, 1.0)}
    assert shared[3:] == ("text", 3)


def test_it_is_made_once_and_handed_to_all(grn_home):
    made = []

    @kept(max_entries=2)
    def make(name: str) -> pd.DataFrame:
        made.append(name)
        return pd.DataFrame({"a": [1, 2]})

    name = str(grn_home)
    mine = make(name)
    mine["b"] = 0
    assert list(make(name)) == ["a"]
    assert made == [name]


def test_each_home_has_its_own_and_all_share_what_ships(grn_home, tmp_path):
    made = []

    def make(name: str) -> str:
        made.append(name)
        return name

    of_home, of_all = kept(max_entries=4)(make), kept_of_release(max_entries=4)(make)
    for home in (grn_home, tmp_path / "other"):
        with at_home(home):
            of_home(f"own {grn_home}")
            of_all(f"all {grn_home}")
    assert made == [f"own {grn_home}", f"all {grn_home}", f"own {grn_home}"]


@cache
def nodes_of(path: Path) -> tuple[ast.AST, ...]:
    """Every node of a module that keeps anything; most do not, and are not parsed."""
    source = path.read_text(encoding="utf-8")
    keeps = any(word in source for word in ("kept", "copied", "cache_resource", "session"))
    return tuple(ast.walk(ast.parse(source))) if keeps else ()


def test_only_these_are_kept_for_all_homes():
    """Whoever adds one looks first whether it reads anything of a home."""
    found = {
        path.relative_to(ROOT / "pages" / "components").as_posix()
        for path in (ROOT / "pages").rglob("*.py")
        for node in nodes_of(path)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "kept_of_release"
    }
    assert found == {f"benchmark/{name}.py" for name in ("audit", "details", "scores", "source")}


def alone(path: Path) -> set[int]:
    """Lines of a file with a cache of one session."""
    calls = (node for node in nodes_of(path) if isinstance(node, ast.Call))
    return {one.lineno for one in calls for word in one.keywords if ast.unparse(word) == "scope='session'"}


def test_pages_share_nothing_but_by_this_way():
    """A cache of one session is shared with nobody."""
    here = ROOT / "pages" / "components" / "shared" / "kept.py"
    other = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in (ROOT / "pages").rglob("*.py")
        if path != here
        for node in nodes_of(path)
        if isinstance(node, ast.Attribute) and node.attr == "cache_resource" and node.lineno not in alone(path)
    ]
    assert other == []


def kept_functions(path: Path) -> set[str]:
    """Names of a module's functions whose values are kept."""
    decorated = (node for node in nodes_of(path) if hasattr(node, "decorator_list"))
    ways = {"kept", "kept_of_release", "copied"}
    return {one.name for one in decorated for by in one.decorator_list if ast.unparse(getattr(by, "func", by)) in ways}


def test_what_is_kept_goes_by_keys_of_the_house_and_not_by_texts_of_them():
    """No text of a table or of settings, and not the home, by which they are told apart anyway."""
    made_up = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {ast.unparse(given)}"
        for path in (ROOT / "pages").rglob("*.py")
        if (names := kept_functions(path))
        for node in nodes_of(path)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names
        for given in node.args
        if any(word in ast.unparse(given) for word in (".root", ".home", "settings()", "to_dict", "str(now)"))
    ]
    assert made_up == []
