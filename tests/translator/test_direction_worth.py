"""What is said of the direction between two TFs."""

from __future__ import annotations

from grn_core.translator import direction_worth
from grn_core.translator.registry import DEFAULT, records, translator_sha


def test_the_worth_is_that_of_the_weights_and_of_what_is_asked():
    (own,) = (one for one in records() if one.name == DEFAULT)
    sha = translator_sha(DEFAULT)
    told = direction_worth.in_words(sha, own.ensemble[::-1])
    found = direction_worth.worth_of(sha, own.ensemble)
    assert len(found) >= 3
    assert all(f"{one.right:.2f} ± {one.error:.2f} of {one.pairs} pairs ({one.table})" in told for one in found)
    assert direction_worth.in_words(sha, ("vvp", "gdt")) != told
    assert direction_worth.in_words(sha, ("vvp",)) == direction_worth.NOT_MEASURED
    assert direction_worth.in_words("another", own.ensemble) == direction_worth.NOT_MEASURED
