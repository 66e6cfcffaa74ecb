"""Cards of translators that say what no card says: refused where they are read, so that nothing falls over them."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest

from grn_core.assets import asset
from grn_core.benchmark.references.leakage import training_is_there
from grn_core.benchmark.results.of_cards import learnt_from, results_of_cards
from grn_core.benchmark.results.tested import in_one_line
from grn_core.errors import TranslatorError
from grn_core.translator import calibration, registry
from grn_core.translator.card import MOST_BYTES, read_card
from grn_core.translator.curves import Calibration
from grn_core.translator.entries import ENTRIES, check_card
from grn_core.translator.translator import Translator

SHIPPED = sorted(path.parent for path in asset("translators").glob("*/card.json"))
ODD = (None, "x", -1, 1e400, [[]], {"a": None})
GONE = object()


def whole():
    """The card of the default, which has every entry but that of earlier versions, cut to one of each kind."""
    card = json.loads(asset("translators", registry.DEFAULT, "card.json").read_text(encoding="utf-8"))
    for name in ("training", "without", "overlap", "evaluation", "chosen_on"):
        card[name] = card[name][:1]
    return card


def places(value, at=()):
    """Yield the place of everything in a card: keys, and the first of every list."""
    yield at
    inside = value.items() if isinstance(value, dict) else [(0, value[0])] if isinstance(value, list) and value else ()
    for key, one in inside:
        yield from places(one, (*at, key))


def changed(card, at, odd):
    found = copy.deepcopy(card)
    inner = found
    for key in at[:-1]:
        inner = inner[key]
    if odd is GONE:
        del inner[at[-1]]
    else:
        inner[at[-1]] = odd
    return found


def read_by_all(card):
    """Everything without a model that reads a card."""
    asked = tuple(sorted(card.get("extractors", ())))
    calibration.prior(card), calibration.shift(card), calibration.temperature(card, asked)
    calibration.share_of_edges(card, asked)
    calibration.uncalibrated(card, extractors=asked, background="virtual", adapted=False)
    Calibration.of(card, asked)
    training_is_there(card, Path("nowhere"))
    return in_one_line(card), results_of_cards([card]), learnt_from(card)


def test_every_entry_of_the_cards_that_ship_is_known():
    for folder in SHIPPED:
        assert set(read_card(folder)) <= set(ENTRIES)


@pytest.mark.parametrize("name", sorted(whole()))
def test_whatever_an_entry_says_it_is_refused_or_harmless(name):
    card, refused = whole(), list[str]()
    for at in places(card[name], (name,)):
        if at[0] == "temperature" and len(at) > 1 and "+" in at[1]:
            continue  # all alike
        for odd in (*ODD, GONE):
            this = changed(card, at, odd)
            try:
                check_card(this)
            except ValueError as error:
                refused.append(str(error))
            else:
                read_by_all(this)
    assert refused
    assert all(name in said for said in refused)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[]", "no entries"),
        (b"null", "no entries"),
        (b"[" * 100_000, "too deep"),
        (b" " * (MOST_BYTES + 1), "more than 16 MB"),
        (b'{"extractors": {"quantum": 8}}', "quantum, which this version does not know"),
        (b'{"extractors": {"vvp": 8, "target": 4}, "weights": {}}', "how much of target"),
    ],
)
def test_a_card_that_is_none_is_an_error_of_ours(tmp_path, content, said):
    (tmp_path / "card.json").write_bytes(content)
    with pytest.raises(ValueError, match=said):
        read_card(tmp_path)
    for read in (Translator.load, lambda folder: registry.record_for(str(folder), model="compact")):
        with pytest.raises(TranslatorError, match=said):
            read(tmp_path)
