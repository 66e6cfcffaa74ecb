"""The card of a compact model's folder, checked before anything is built from it. Torch-free."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from grn_core.errors import ModelError
from grn_core.models.reading.plain_file import read_json, read_text
from grn_core.models.record import CONDITIONS, OFFERS

READOUTS = (CONDITIONS, "masked", "plain")
TEXTS = ("name", "title", "family", "description", "licence", "limits", "units", "default_readout")
SIZES = ("n_conditions", "width", "heads", "layers", "feedforward")
MOST_TEXT, MOST_LEVELS = 20_000, 1000


def read_card(folder: Path) -> tuple[dict[str, Any], list[str]]:
    """Read ``card.json`` and ``vocabulary.txt``.

    Returns
    -------
    card, vocabulary
        The card; the genes in the order of the model's ids.

    Raises
    ------
    ModelError
        If a file is missing, or says something that no compact model can be; the error names it.
    """
    path = folder / "card.json"
    card, vocabulary = read_json(path), read_text(folder / "vocabulary.txt").split()
    if len(set(vocabulary)) < len(vocabulary) or len(vocabulary) < 2:
        found = f"has {len(vocabulary):,} names, {len(set(vocabulary)):,} of them different"
        message = f"{folder / 'vocabulary.txt'} {found}"
        raise ModelError(message, needed="each gene once", todo="copy the original file")
    for name, (fits, needed) in _rules(card, len(vocabulary)).items():
        if name not in card or not fits(card[name]):
            found = f"says {name} = {card[name]!r:.80}" if name in card else f"lacks {name}"
            message = f"{path} {found}"
            raise ModelError(message, needed=needed, todo="restore the folder from the release")
    return card, vocabulary


def _rules(card: Mapping[str, Any], n_genes: int) -> dict[str, tuple[Callable[[Any], bool], str]]:
    """Field -> whether a value of it can be, and what is needed instead."""
    low, high = card["value_range"] if _is_range(card.get("value_range")) else (-math.inf, math.inf)
    readouts = card["readouts"] if _are_texts(card.get("readouts")) else []
    texts: dict[str, tuple[Callable[[Any], bool], str]] = {
        name: (lambda value: isinstance(value, str) and len(value) <= MOST_TEXT, "a text") for name in TEXTS
    }
    optional: dict[str, tuple[Callable[[Any], bool], str]] = {
        "conditions": (
            lambda value: _are_texts(value) and len(value) == (card.get("shape") or {}).get("n_conditions", 0),
            "a list of texts, one for each condition of its shape",
        ),
        "offers": (lambda value: _are_texts(value) and set(value) <= set(OFFERS), f"some of {', '.join(OFFERS)}"),
        "max_genes": (lambda value: value is None or _is_count(value), "a number of genes"),
        "width": (_is_count, "a whole number"),
        "unavailable": (lambda value: isinstance(value, str), "a text"),
        "adapted": (lambda value: isinstance(value, dict), "an object"),
    }
    return {
        "shape": (_is_shape, "whole numbers, and heads a divisor of width"),
        **texts,
        "n_parameters": (lambda value: type(value) is int and value >= 0, "a whole number"),
        "n_genes": (lambda value: value == n_genes, f"{n_genes}, the names in vocabulary.txt"),
        "value_range": (_is_range, "two rising numbers"),
        "background": (lambda value: _is_number(value) and low <= value <= high, "a number within value_range"),
        "grid": (
            lambda value: _are_numbers(value) and value == sorted(set(value)) and low <= value[0] <= value[-1] <= high,
            "rising numbers within value_range",
        ),
        "readouts": (lambda value: _are_texts(value) and bool(value) and set(value) <= set(READOUTS), "known readouts"),
        "hiding_readouts": (lambda value: _are_texts(value) and set(value) <= set(readouts), "some of its readouts"),
        "default_readout": (lambda value: isinstance(value, str) and value in readouts, "one of its readouts"),
        **{name: rule for name, rule in optional.items() if name in card},
    }


def _is_number(value: object) -> bool:
    return type(value) in (int, float) and math.isfinite(value)  # type: ignore[arg-type]


def _is_count(value: object) -> bool:
    return type(value) is int and value > 0


def _are_numbers(value: object) -> bool:
    return isinstance(value, list) and 0 < len(value) <= MOST_LEVELS and all(map(_is_number, value))


def _is_range(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(map(_is_number, value)) and value[0] < value[1]


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and len(value) <= MOST_LEVELS and all(isinstance(one, str) for one in value)


def _is_shape(value: object) -> bool:
    if not isinstance(value, dict) or not set(value) <= {*SIZES, "dropout"}:
        return False
    sizes = [value.get(name, 1) for name in SIZES[1:]]
    conditions, dropout = value.get("n_conditions", 0), value.get("dropout", 0.0)
    return (
        all(map(_is_count, sizes))
        and type(conditions) is int
        and conditions >= 0
        and _is_number(dropout)
        and 0 <= dropout < 1
        and value.get("width", 128) % value.get("heads", 4) == 0
    )
