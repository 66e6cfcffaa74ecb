"""Names in exported tables are data: no spreadsheet runs one, and each comes back as it was."""

from __future__ import annotations

import csv
import io

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as law
from hypothesis import strategies as st

from grn_core.networks import exports
from grn_core.networks.edge_table import in_todays_columns, read_edges, table_tsv, write_edges
from grn_core.spreadsheets import guarded, unguarded

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
