"""What the card of a translator says of its extractors; reading it needs no torch."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


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
