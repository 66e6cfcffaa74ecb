"""Unknown names read as R or a spreadsheet may have changed them."""

from __future__ import annotations

from collections.abc import Sequence

from grn_core.genes import spelling
from grn_core.genes.lookup import own_symbols
from grn_core.in_words import counted


def mended(
    names: Sequence[str], own: list[str | None], species: str, notes: list[str]
) -> tuple[tuple[str, ...], list[str | None]]:
    """Read unknown names as R or a spreadsheet may have changed them, where that makes one known gene."""
    look, own = list(names), list(own)
    spelt, dated, lost = [], [], []
    for place, name in enumerate(names):
        if own[place] is not None:
            continue
        if meant := spelling.date_meanings(name):
            found = sorted(set(filter(None, own_symbols(meant, species, "symbol"))))
            if len(found) == 1 and len(meant) == 1:
                own[place] = look[place] = found[0]
                dated.append(f"{name} is {found[0]}")
            else:
                lost.append(f"{name} ({' or '.join(meant)})")
        elif other := spelling.variants(name):
            hits = [
                (one, symbol)
                for one, symbol in zip(other, own_symbols(other, species, "symbol"), strict=True)
                if symbol
            ]
            if len({symbol for _, symbol in hits}) == 1:
                look[place], own[place] = hits[0]
                spelt.append(f"{name} is {hits[0][0]}")
    if spelt:
        notes.append(f"Dots and underscores were read as hyphens in {counted(len(spelt), 'name')}: {_some(spelt)}.")
    if dated:
        notes.append(f"Names that a spreadsheet had made dates of, read back ({len(dated):,}): {_some(dated)}.")
    if lost:
        notes.append(f"Dates that a spreadsheet made of names of unknown genes ({len(lost):,}): {_some(lost)}.")
    return tuple(look), own


def _some(words: Sequence[str]) -> str:
    return ", ".join(words[:5]) + (" and more" if len(words) > 5 else "")
