"""What the entries of a translator's card are; a card that says otherwise is refused before anything reads it.

Those that are not known here are let pass, and those that are absent: cards of earlier versions have fewer.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from grn_core.extractors import EXTRACTORS

Check = Callable[[Any], bool]


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _positive(value: Any) -> bool:
    return _number(value) and value > 0


def _share(value: Any) -> bool:
    return _number(value) and 0 < value < 1


def _count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _length(value: Any) -> bool:
    return _count(value) and value > 0


def _list(check: Check, *, empty: bool = True) -> Check:
    return lambda value: isinstance(value, list) and (empty or bool(value)) and all(map(check, value))


def _named(check: Check) -> Check:
    return lambda value: isinstance(value, dict) and all(map(check, value.values()))


def _entries(needed: Mapping[str, Check], more: Mapping[str, Check] | None = None) -> Check:
    def fits(value: Any) -> bool:
        return isinstance(value, dict) and all(
            check(value[name]) if name in value else name in (more or {})
            for name, check in {**needed, **(more or {})}.items()
        )

    return fits


_REFERENCE = _entries(
    {"reference": _text, "n_sources": _length, "n_targets": _length, "n_positives": _length},
    {"universe": _text, "prevalence": _number, "notes": _list(_text)},
)
_MEASURED = _entries(
    dict.fromkeys(("dataset", "network", "split", "method"), _text) | {"mean": _number, "prevalence": _number},
    {"reference": _text, "sd": _number, "universe": _text}
    | dict.fromkeys(("n_seeds", "n_sources", "n_targets", "n_positives"), _count),
)
_CURVE = {"start": _number, "slopes": _list(_number)}
_HELD_OUT = _entries(
    {"extractors": _text, "knots": _list(_number, empty=False), "curve": _entries(_CURVE), "prior": _share}
    | {"sets": _list(_entries(_CURVE, {"test": _text}))},
    {"network": _text, "training": _list(lambda value: _list(_number)(value) and len(value) == 2)},
)
ENTRIES: Mapping[str, Check] = {
    **dict.fromkeys(("name", "title", "description", "model", "model_sha", "readout", "background", "limits"), _text),
    "cells": _text,
    "grid": _list(_number),
    "members": _length,
    "seeds": _list(_count, empty=False),
    "hidden": _list(_length),
    "extractors": _named(_length),
    "kinds": _list(_text),
    "ensemble": _list(_text),
    "weights": _named(_number),
    "temperature": _named(_positive),
    "calibrated_to": _share,
    "prior": _share,
    "held_out": _HELD_OUT,
    "chosen_on": _list(_text),
    "training": _list(_REFERENCE),
    "without": _list(_entries({"reference": _text}, {"edges": _count})),
    "overlap": _list(
        _entries({"one": _text, "other": _text, "shared": _count, "of_one": _number, "of_other": _number})
    ),
    "evaluation": _list(_MEASURED),
    "options": _named(lambda _: True),
}
"""Entry of a card -> whether a value is one that can stand there."""


def check_card(card: Any) -> None:
    """Raise `ValueError` unless the entries of a card are what whatever reads it takes them for."""
    if not isinstance(card, dict):
        message = "it has no entries"
        raise ValueError(message)
    wrong = next((name for name, check in ENTRIES.items() if name in card and not check(card[name])), None)
    if wrong:
        message = f"its entry {wrong} is {str(card[wrong])[:40]!r}"
        raise ValueError(message)
    told = card.get("held_out", {})
    if told and any(len(one["slopes"]) != len(told["knots"]) + 1 for one in (told["curve"], *told["sets"])):
        message = "a curve of its held_out has not one slope more than knots"
        raise ValueError(message)
    read = [*card.get("extractors", {}), *card.get("kinds", ())]
    if new := [name for name in read if name not in EXTRACTORS]:
        message = f"it reads {new[0]}, which this version does not know: a later one may"
        raise ValueError(message)
    terms = [name for name in read if EXTRACTORS[name].is_term]
    if len(terms) < len(read) and (lacking := [name for name in terms if name not in card.get("weights", {})]):
        message = f"its weights do not say how much of {lacking[0]} is added"
        raise ValueError(message)
