"""The measure of the Boolean networks: what ships is what is found, and no edge of the training is asked."""

from __future__ import annotations

import json

import pytest

from grn_core.assets import asset
from grn_core.benchmark.references.curated import truth_of
from grn_core.models.load import load_model
from scripts.measure_boolean import CONTEXT, GENERIC, GUESS, measure


@pytest.fixture(scope="module")
def shipped():
    rows = json.loads(asset("boolean.json").read_text(encoding="utf-8"))["auprc"]
    return {row["dataset"]: row for row in rows}


@pytest.mark.parametrize("name", ["mCAD", "HSC"])
def test_what_ships_is_what_is_found(name, shipped):
    found = measure(load_model("compact"), name)
    assert found["auprc"] == pytest.approx(shipped[name]["auprc"], abs=2e-3)
    assert found["edges"] + found["shown"] == len(truth_of(name).edges)


def test_the_documents_say_on_which_each_is_below_a_guess(shipped):
    for way, names in ((GENERIC, ["mCAD"]), (CONTEXT, ["HSC", "mCAD"])):
        assert [name for name, row in shipped.items() if row["auprc"][way] < row["auprc"][GUESS]] == names
