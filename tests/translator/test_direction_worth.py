"""What is said of the direction between two TFs."""

from __future__ import annotations

import json

import pytest

from grn_core.assets import asset
from grn_core.files import read_json, write_json
from grn_core.runs import RunStore
from grn_core.runs.finished import FinishedRun
from grn_core.translator import direction_worth
from grn_core.translator.direction_worth import NO_BETTER, NOT_MEASURED
from grn_core.translator.registry import DEFAULT, records, translator_sha
from tests.pages.app import lines_of
from tests.pages.fabricated_run import fabricate_run


def test_the_worth_is_that_of_the_weights_and_of_what_is_asked():
    (own,) = (one for one in records() if one.name == DEFAULT)
    sha = translator_sha(DEFAULT)
    said, figures = direction_worth.in_words(sha, own.ensemble[::-1])
    found = direction_worth.worth_of(sha, own.ensemble)
    assert len(found) >= 3
    assert said == NO_BETTER
    assert all(f"{one.right:.2f} ± {one.error:.2f} of {one.pairs} pairs ({one.table})" in figures for one in found)
    assert direction_worth.in_words(sha, ("vvp", "gdt")) not in {(said, figures), (NOT_MEASURED, "")}
    assert direction_worth.in_words(sha, ("vvp",)) == (NOT_MEASURED, "")
    assert direction_worth.in_words("another", own.ensemble) == (NOT_MEASURED, "")


def test_what_was_measured_is_no_better_than_a_coin_as_is_said():
    measured = [row for own in json.loads(asset("direction.json").read_text(encoding="utf-8")).values()
                for row in own["rows"]]  # fmt: skip
    assert measured
    assert [row for row in measured if row["right"] > 0.5 + 2 * row["error"]] == []


@pytest.mark.parametrize("said", [NO_BETTER, NOT_MEASURED])
def test_it_takes_two_lines_of_a_page(said):
    assert lines_of(said) <= 2


def test_an_edge_to_a_tf_says_it_and_no_other_does():
    (own,) = (one for one in records() if one.name == DEFAULT)
    run_id = fabricate_run(extractors=own.ensemble)
    record = RunStore().path(run_id) / "run.json"
    assert FinishedRun.of(run_id).about_direction("G01") == (NOT_MEASURED, "")
    write_json(record, {**read_json(record), "hashes": {"translator": translator_sha(DEFAULT)}})
    run = FinishedRun.of(run_id)
    assert run.about_direction("G01") == direction_worth.in_words(translator_sha(DEFAULT), own.ensemble)
    assert run.about_direction("G01")[0] == NO_BETTER
    assert run.about_direction("G20") == ("", "")
