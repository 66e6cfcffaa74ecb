"""What is said of a part that does better alone than the whole that is judged."""

from __future__ import annotations

import pandas as pd
import pytest

from grn_core.benchmark.results.tables import read_results, shipped
from grn_core.benchmark.results.verdict import better_alone, parts_of
from grn_core.translator.measured import ENSEMBLE, WHOLE, WITH_GENES, WITH_NEIGHBOURS


def rows(method: str, means, *, kind: str = "method", sd: float = 0.01) -> list[dict]:
    return [
        {"method": method, "kind": kind, "network": "N", "dataset": f"D{place}", "mean": mean, "sd": sd}
        for place, mean in enumerate(means)
    ]


def told(*parts, ours: str = ENSEMBLE) -> str:
    return better_alone(pd.DataFrame([row for part in parts for row in part]), metric="EPR", ours=ours)


def test_a_part_that_is_ahead_of_the_whole_in_the_mean_is_named_with_what_was_looked_at():
    whole = rows(ENSEMBLE, [0.6, 0.7])
    assert told(whole, rows("VVP", [0.9, 0.5]), rows("GDT", [0.6, 0.72])) == (
        "Of 2 parts of it that were measured alone, VVP does better in the mean of these 2 test sets: EPR 0.700, where "
        "the Ensemble has 0.650."
    )
    assert told(whole, rows("VVP", [0.6, 0.7])) == ""
    assert told(whole, rows("VVP", [0.9])) == "", "means of other tests are no comparison"


@pytest.mark.parametrize("doubted", ["VVP", ENSEMBLE])
def test_a_lead_within_the_doubt_counts_as_level(doubted):
    sd = dict.fromkeys(["VVP", ENSEMBLE], 0.001) | {doubted: 0.06}
    means = {"VVP": [0.7, 0.7], ENSEMBLE: [0.65, 0.65]}
    assert told(*(rows(name, means[name], sd=sd[name]) for name in means)) == ""
    assert "VVP" in told(*(rows(name, means[name], sd=0.04) for name in means))


@pytest.mark.parametrize("name", ["GENIE3 (extra trees)", "Pert (translator)", "Random weights", "VVP, adapted"])
def test_what_is_no_part_is_not_named_however_good(name):
    assert told(rows(WITH_NEIGHBOURS, [0.6]), rows(name, [0.9]), ours=WITH_NEIGHBOURS) == ""


def test_the_parts_of_a_whole_are_methods_that_the_shipped_tables_have():
    assert {"VVP", "GDT", "TF term (translator)", ENSEMBLE} < parts_of(WITH_GENES) < parts_of(WITH_NEIGHBOURS)
    assert not any(whole in parts_of(whole) for whole in WHOLE)
    assert parts_of("Random weights") == frozenset()
    (folder,) = shipped()
    there = set(read_results(folder).scores["method"])
    assert {f"{name} (translator)" for name in ("TF term", "Target term", "Neighbours")} <= there & parts_of(WHOLE[0])
