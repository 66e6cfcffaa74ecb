"""What is said of the direction between two TFs."""

from __future__ import annotations

import pytest

from grn_core.translator import direction_worth
from grn_core.translator.registry import DEFAULT, records, translator_sha


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
