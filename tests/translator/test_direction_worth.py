"""What is said of the direction between two TFs."""

from __future__ import annotations

import pytest

from grn_core.files import read_json, write_json
from grn_core.runs import RunStore
from grn_core.runs.finished import FinishedRun
from grn_core.translator import direction_worth
from grn_core.translator.registry import DEFAULT, records, translator_sha
from tests.pages.app import lines_of
from tests.pages.fabricated_run import fabricate_run


def test_the_worth_is_that_of_the_weights_and_of_what_is_asked():
    (own,) = (one for one in records() if one.name == DEFAULT)
    sha = translator_sha(DEFAULT)
    told = direction_worth.in_words(sha, own.ensemble[::-1])
    found = direction_worth.worth_of(sha, own.ensemble)
    assert len(found) >= 3
    figures = direction_worth.figures(sha, own.ensemble)
    assert all(f"{one.right:.2f} ± {one.error:.2f} of {one.pairs} pairs ({one.table})" in figures for one in found)
    assert direction_worth.figures(sha, ("vvp", "gdt")) != figures
    assert direction_worth.figures("another", own.ensemble) == ""
    assert ("no better than by a coin" in told) == all(one.right <= 0.5 + 2 * one.error for one in found)
    assert direction_worth.in_words(sha, ("vvp",)) == direction_worth.NOT_MEASURED
    assert direction_worth.in_words("another", own.ensemble) == direction_worth.NOT_MEASURED


@pytest.mark.parametrize(("right", "said"), [((0.46, 0.59), "no better"), ((0.46, 0.61), "better than by a coin on 1")])
def test_better_than_a_coin_is_by_two_standard_errors(monkeypatch, right, said):
    rows = [direction_worth.DirectionWorth("T", ("vvp",), 99, 9, share, 0.05) for share in right]
    monkeypatch.setattr(direction_worth, "_measured", lambda: {"sha": tuple(rows)})
    assert f"is told {said}" in direction_worth.in_words("sha", ("vvp",))


def test_an_edge_to_a_tf_says_it_and_no_other_does():
    (own,) = (one for one in records() if one.name == DEFAULT)
    sha, run_id = translator_sha(DEFAULT), fabricate_run(extractors=own.ensemble)
    record = RunStore().path(run_id) / "run.json"
    assert FinishedRun.of(run_id).about_direction("G01") == (direction_worth.NOT_MEASURED, "")
    write_json(record, {**read_json(record), "hashes": {"translator": sha}})
    said = direction_worth.in_words(sha, own.ensemble), direction_worth.figures(sha, own.ensemble)
    assert FinishedRun.of(run_id).about_direction("G01") == said
    assert all(said)
    assert lines_of(said[0]) == 1
    assert FinishedRun.of(run_id).about_direction("G20") == ("", "")
