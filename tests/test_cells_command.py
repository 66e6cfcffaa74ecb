"""The command ``cells``: columns, labels and groups as the page keeps them."""

from __future__ import annotations

import json

from grn_core.cli import main


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
