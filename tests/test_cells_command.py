"""The command ``cells``: columns, labels and groups as the page keeps them."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from grn_core.cli import main
from grn_core.cli.cell_choice import group_named
from grn_core.cli.lists import choice_of
from grn_core.errors import DataError


def answer(capsys, *words: str):
    assert main(["cells", *words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_labels_become_a_column_by_which_groups_are_named(capsys, tmp_path):
    table = tmp_path / "phases.tsv"
    table.write_text("".join(f"GSD-{n:04d}\t{'early, or so' if n < 400 else 'late'}\n" for n in range(900)))
    found = answer(capsys, "label", "GSD", str(table))
    assert (found["n_labelled"], found["labels"]) == (900, {"early, or so": 400, "late": 500})
    columns = {row["column"]: row for row in answer(capsys, "columns", "GSD")}
    assert columns[found["ref"]]["title"] == "phases"
    chosen = ("--a", f'{found["ref"]}="early, or so"', "--b", f"{found['ref']}=late")
    kept = answer(capsys, "groups", "GSD", *chosen, "--donor", found["ref"])
    assert (kept["cells"], kept["a"]["values"]) == ([400, 500], ["early, or so"])
    assert answer(capsys, "groups", "GSD") == kept
    bare = ("--a", f"{found['ref']}=early, or so", "--b", f"{found['ref']}=late")
    assert answer(capsys, "groups", "GSD", *bare, "--donor", found["ref"]) == kept, "quoted or not"
    assert main(["cells", "groups", "GSD", "--a", f"{found['ref']}=late, early", *chosen[2:]]) == 2
    told = capsys.readouterr().err
    assert "has no value ' early'; needed: some of 'early, or so', 'late'" in told
    assert "one with a comma in it stands in double quotes" in told


def test_what_gives_no_groups_is_said(capsys, tmp_path):
    for words in (["groups", "GSD"], ["groups", "GSD", "--a", "x=1"], ["label", "GSD", str(tmp_path / "no.csv")]):
        assert main(["cells", *words]) == 2
        assert "error" in capsys.readouterr().err


@pytest.mark.parametrize("column", ["Zelltyp", "Tier, Nr.", 'a="b"'])
def test_a_group_may_name_the_column_again_that_by_names(column):

    class Cells:
        def column(self, name):
            return pd.Series({column: ["B, naive", "T", "T"]}[name])

    for values in (("T",), ("B, naive",), ("B, naive", "T")):
        whole = choice_of(column, values)
        alone = whole.removeprefix(choice_of(column, ()))
        assert group_named(whole, None, Cells()) == group_named(whole, column, Cells()) == (column, values)
        assert group_named(alone, column, Cells()) == (column, values)


@pytest.mark.parametrize(
    ("values", "written", "found"),
    [
        ([0.0, 1.0, 2.5, float("nan")], "num=0,2.50", ("0.0", "2.5")),
        ([0, 1, 2], "num=1.0", ("1",)),
        (["0", "00", "1"], "num=00", ("00",)),
    ],
)
def test_a_number_of_a_column_of_numbers_is_found_however_it_is_written(values, written, found):

    class Cells:
        def column(self, name):
            return pd.Series({"num": values}[name])

    assert group_named(written, "num", Cells()) == group_named(written, None, Cells()) == ("num", found)
    assert group_named(written.removeprefix("num="), "num", Cells()) == ("num", found)
    with pytest.raises(DataError, match="has no value '7'"):
        group_named("7", "num", Cells())
