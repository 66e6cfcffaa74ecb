"""Durations and sizes in words."""

from __future__ import annotations

import copy
import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grn_core import in_words
from grn_core.errors import UNSEEN, DataError, visible


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "1 second"),
        (59.4, "59 seconds"),
        (60, "1 minute"),
        (125, "2 minutes"),
        (3720, "1 hour and 2 minutes"),
        (9000, "2 hours and 30 minutes"),
    ],
)
def test_durations(seconds, said):
    assert in_words.duration(seconds) == said


@pytest.mark.parametrize(
    ("n_bytes", "said"), [(0, "0 Bytes"), (1, "1 Byte"), (565, "565 Bytes"), (418e6, "418 MB"), (1.34e9, "1.3 GB")]
)
def test_sizes(n_bytes, said):
    assert in_words.size(n_bytes) == said


@given(st.integers(0, 10**15))
def test_every_size_is_said_to_two_digits_at_least_or_whole(n_bytes):
    number, unit = in_words.size(n_bytes).split()
    factor = {"Byte": 1, "Bytes": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12, "PB": 1e15}[unit]
    assert float(number) * factor == pytest.approx(n_bytes, rel=0.05, abs=0.5 * factor)


def test_none_of_one_is_said_without_a_number():
    assert in_words.none_of(1, "gene") == "no gene"
    assert in_words.none_of(1200, "gene") == "none of the 1,200 genes"
    assert in_words.none_of(2, "TF that was named", "TFs that were named") == "none of the 2 TFs that were named"


@given(st.text())
def test_what_is_not_seen_is_written_out_and_json_stays_json(text):
    shown = visible(text)
    assert all(one in "\n\t" or unicodedata.category(one) not in UNSEEN for one in shown)
    assert visible(shown) == shown
    told = json.dumps({"name": text}, ensure_ascii=False)
    assert json.loads(visible(told)) == {"name": text}
    if text.isprintable():
        assert shown == text


@pytest.mark.parametrize(
    "one", ["\x1b[31m", "\x7f", "\x85", "\u202e", "\u2066", "\ud800", "\U000e0001", "\u2028", "\r"]
)
def test_no_error_gives_a_terminal_a_command(one):
    error = DataError(f"the gene {one}A", needed=one, todo=one)
    for text in (str(error), error.found, error.todo, str(copy.copy(error))):
        assert one[0] not in text
        assert "\\u" in text


@given(st.integers(1, 10**7), st.data())
def test_only_all_is_all_and_only_none_is_none(total, data):
    part = data.draw(st.integers(0, total))
    said = in_words.share(part / total)
    assert (said == "100%") == (part == total)
    assert (said == "0%") == (part == 0)


@pytest.mark.parametrize(
    ("part", "said"),
    [
        (699 / 700, "99.9%"),
        (0.9999, "over 99.9%"),
        (0.0001, "under 0.1%"),
        (0.004, "0.4%"),
        (0.5, "50%"),
        (0.994, "99%"),
    ],
)
def test_shares(part, said):
    assert in_words.share(part) == said


def test_names_of_a_user_are_told_apart():
    assert in_words.names(["cell type", "Donor", 3]) == "cell type, Donor, 3"
    assert in_words.names(["type", "Donor, mouse", " x", ""]) == "type, 'Donor, mouse', ' x', ''"


@given(st.text(max_size=200), st.integers(8, 100))
def test_a_long_name_is_told_by_its_beginning_and_its_end(name, most):
    told = in_words.short(name, most=most)
    assert told == name if len(name) <= most else len(told) == most
    head, _, tail = told.rpartition("…")
    assert len(name) <= most or (name.startswith(head) and name.endswith(tail) and len(tail) == most // 4)
