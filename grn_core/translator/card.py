"""The card of a translator, and what it says of its extractors; reading it needs no torch."""

from __future__ import annotations

import json
from itertools import combinations
from typing import TYPE_CHECKING, Any

from grn_core.damaged_records import UPDATE, newer_words
from grn_core.errors import TranslatorError
from grn_core.translator.entries import check_card

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

NAME = "card.json"
MOST_BYTES = 16_000_000
"""A larger file is no card: those that ship have a hundredth of it."""


def read_card(folder: Path) -> dict[str, Any]:
    """Read the card in a folder.

    Parameters
    ----------
    folder
        Of a translator.

    Returns
    -------
    dict
        Its entries; of those that are read elsewhere each that is there is of its type, and every number is finite.

    Raises
    ------
    OSError, ValueError
        It is not there, or is no card; the error says why.
    TranslatorError
        A newer version has written it.
    """
    path = folder / NAME
    if path.stat().st_size > MOST_BYTES:
        message = f"it has more than {MOST_BYTES / 1e6:.0f} MB"
        raise ValueError(message)
    try:
        card = json.loads(path.read_text(encoding="utf-8"), parse_constant=_refuse_constant)
    except RecursionError as error:
        message = "its entries lie too deep in each other"
        raise ValueError(message) from error
    if newer := newer_words(card if isinstance(card, dict) else None):
        message = f"the translator in {folder.name} {newer}"
        raise TranslatorError(message, needed="one of this version or an earlier one", todo=UPDATE)
    check_card(card)
    return dict(card)


def _refuse_constant(text: str) -> None:
    message = f"it says {text} for a number"
    raise ValueError(message)


def learnt(card: Mapping[str, Any]) -> dict[str, int]:
    """Extractors that a translator has learnt to read, and the length of a pair's feature of each, by its card.

    A card of before there were others than VVP and GDT calls them ``kinds``, and their length follows from its grid.
    Empty if the card names none.
    """
    if "extractors" in card:
        return {str(name): int(length) for name, length in dict(card["extractors"]).items()}
    length = len(card.get("grid", ())) * int(card.get("members", 1))
    return dict.fromkeys(card.get("kinds", ()), length)


def combinations_of(extractors: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Every combination of extractors, each in the order of their names, the shorter ones first."""
    names = sorted(extractors)
    return tuple(some for size in range(1, len(names) + 1) for some in combinations(names, size))


def combined(extractors: Iterable[str]) -> str:
    """Name of a combination of extractors, whatever their order: ``gdt+vvp``."""
    return "+".join(sorted(extractors))
