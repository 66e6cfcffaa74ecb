"""What is said of a method that does better alone than what is judged."""

from __future__ import annotations

import pandas as pd

from grn_core.benchmark.results.verdict import better_alone


def rows(method: str, means, *, kind: str = "method") -> list[dict]:
    return [
        {"method": method, "kind": kind, "network": "N", "dataset": f"D{place}", "mean": mean}
        for place, mean in enumerate(means)
    ]


def told(*parts) -> str:
    return better_alone(pd.DataFrame([row for part in parts for row in part]), ours="Ours")


def test_a_part_that_is_ahead_of_the_whole_in_the_mean_is_named():
    ours = rows("Ours", [0.6, 0.7])
    said = told(ours, rows("Part", [0.9, 0.5]), rows("Other", [0.6, 0.71]))
    assert said == "Part alone does better in the mean of these 2 test sets: 0.700, where the Ours has 0.650."
    assert told(ours, rows("Part", [0.6, 0.7])) == ""
    assert told(ours, rows("Control", [0.9, 0.9], kind="control")) == "", "controls are told apart, and before"
    assert told(ours, rows("Part", [0.9])) == "", "means of other tests are no comparison"
