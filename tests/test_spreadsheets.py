"""Names in exported tables are data: no spreadsheet runs one, and each comes back as it was."""

from __future__ import annotations

import ast
import csv
import gzip
import io

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as law
from hypothesis import strategies as st

from grn_core.benchmark.results.tables import COLUMNS, FILES, TEXT, Results, read_results, write_results
from grn_core.networks import exports
from grn_core.networks.edge_table import in_todays_columns, read_edges, table_tsv, write_edges
from grn_core.spreadsheets import guarded, lines_of, text_of, unguarded
from tests.test_house import app_modules, core_modules, name_of, tree

STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
HOSTILE = ('=HYPERLINK("http://x.test","SPI1")', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "'=1", "''-1", "a\rb",
           "a\nb", "<img src=x onerror=alert(1)>", "[a](http://x.test)", "\u202egnp.exe", "x" * 10_000, "T, helper",
           "'quoted'")  # fmt: skip
NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=12)


def edges(names):
    sources, targets = names[: len(names) // 2 or 1], names
    rows = [(source, target, 1.0 / (1 + place)) for source in sources for place, target in enumerate(targets)]
    return in_todays_columns(pd.DataFrame(rows, columns=["source", "target", "score"]))


@given(st.one_of(NAMES, st.sampled_from(HOSTILE), st.builds(str.__add__, st.sampled_from(["'", *STARTS]), NAMES)))
def test_a_guarded_name_comes_back_and_is_no_formula(name):
    assert not guarded(name).startswith(STARTS)
    assert unguarded(guarded(name)) == name


@law(max_examples=40, deadline=None)
@given(names=st.lists(st.one_of(NAMES, st.sampled_from(HOSTILE)), min_size=1, max_size=5, unique=True))
def test_tables_hold_no_formula_and_are_read_as_they_were(names, tmp_path_factory):
    path = tmp_path_factory.mktemp("edges") / "edges.tsv"
    table = edges(names)
    write_edges(table, path)
    again = read_edges(path)
    assert again[["source", "target"]].to_numpy().tolist() == table[["source", "target"]].to_numpy().tolist()
    for row in csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline=""), delimiter="\t"):
        assert not any(one.startswith(STARTS) and not _is_number(one) for one in row)


@pytest.mark.parametrize("form", ["csv", "tsv", "pyscenic"])
def test_no_export_for_spreadsheets_holds_a_formula(form):
    record = exports.find_export(form)
    text = record.write(exports.network_of(edges(list(HOSTILE)))).decode("utf-8")
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter="," if form == "csv" else "\t"))
    assert len(rows) == 1 + len(edges(list(HOSTILE)))
    assert not [one for row in rows for one in row if one.startswith(STARTS) and not _is_number(one)]


def test_other_names_and_numbers_stay_as_they_are():
    table = pd.DataFrame({"TF": ["NKX2-1", "HLA-A", "5'ALAS"], "fold": [-1.5, 0.0, 2.0], "sign": [-1, 0, 1]})
    assert table_tsv(table).decode() == "TF\tfold\tsign\nNKX2-1\t-1.5\t-1\nHLA-A\t0\t0\n5'ALAS\t2\t1\n"


def _is_number(text):
    try:
        float(text)
    except ValueError:
        return False
    return True


def formulas(text, delimiter):
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    return [one for row in rows for one in row if one.startswith(STARTS) and not _is_number(one)]


@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_titles_of_columns_are_names_too(delimiter):
    text = text_of(pd.DataFrame({name: [1.0] for name in HOSTILE}), delimiter=delimiter, digits="%g").decode()
    assert not formulas(text, delimiter)
    assert len(next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))) == len(HOSTILE)


@given(st.lists(st.one_of(NAMES, st.sampled_from(HOSTILE)), max_size=6))
def test_a_list_of_names_is_a_line_for_each_and_no_formula(names):
    lines = lines_of(names).split("\n")[:-1]
    assert len(lines) == len(names)
    assert not [line for line in lines if line.startswith(STARTS)]


def test_results_hold_no_formula_and_are_read_as_they_were(tmp_path):
    tables = {
        name: pd.DataFrame(
            [{column: one if column in TEXT else 0.5 for column in columns} for one in HOSTILE if "\r" not in one]
        )
        for name, columns in COLUMNS.items()
    }
    manifest = dict.fromkeys(("model", "model_sha", "title"), "m") | {
        "runs": [],
        "train": [],
        "chosen_on": [],
        "notes": [],
    }
    found = read_results(write_results(Results(**tables, manifest=manifest), tmp_path))
    for name, file in FILES.items():
        text = (tmp_path / file).read_bytes()
        assert not formulas((gzip.decompress(text) if file.endswith(".gz") else text).decode(), "\t")
        for column in TEXT & set(COLUMNS[name]):
            assert set(getattr(found, name)[column]) == set(tables[name][column])


WRITERS = {"to_csv", "to_excel", "to_clipboard", "writer", "DictWriter", "savetxt"}
OTHERS = {
    "grn_core.spreadsheets": "guards every name",
    "grn_core.benchmark.results.tables": "guards every name",
    "grn_core.cli.lists": "one word of a command line",
    "grn_core.datasets.dataset": "a hash",
    "grn_core.runs.kinds.train_translator": "a hash",
    "grn_core.downloads.beeline": "networks of public archives, read by the benchmark alone",
}


def test_no_table_is_written_in_another_way():
    found = {
        name_of(path)
        for path in (*core_modules(), *app_modules())
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and node.attr in WRITERS
    }
    assert found == OTHERS.keys()
