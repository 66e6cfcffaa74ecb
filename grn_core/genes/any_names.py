"""Genes that a person named, each in a way of its own: ids of human and of mouse, and symbols, in one list."""

from __future__ import annotations

from collections.abc import Sequence

from grn_core.genes.ids import ENSEMBL, TRANSCRIPT
from grn_core.genes.match import match_genes

MOUSE = "ENSMUS"


def symbols_of(names: Sequence[str], *, common: bool = False) -> tuple[str | None, ...]:
    """Return the canonical human symbol of each name, None for what is no gene here.

    `grn_core.genes.match_genes` takes the names of a file, which are of one kind and one species. Here the ids of each
    species and all other names are taken by themselves; what is no human symbol among human ones is looked up as one
    of mouse, so that a few ids among symbols, or a few mouse symbols among human ones, are found too. Not the other
    way round: a mouse gene without a 1:1 ortholog would be found by its spelling.

    Parameters
    ----------
    names
        Ensembl ids of human or mouse with or without a version, and symbols; NCBI numbers, where all others are such.
    common
        Whether a name may be a common one, as in `match_genes`.
    """
    found: list[str | None] = [None] * len(names)
    kinds = [_kind(str(name).strip()) for name in names]
    for kind in dict.fromkeys(kinds):
        places = [place for place, own in enumerate(kinds) if own == kind]
        match = match_genes([names[place] for place in places], common=common)
        for place, symbol in zip(places, match.symbols, strict=True):
            found[place] = symbol
        rest = [place for place in places if found[place] is None and match.species == "human" and not kind]
        if rest:
            match = match_genes([names[place] for place in rest], species="mouse", common=common)
            for place, symbol in zip(rest, match.symbols, strict=True):
                found[place] = symbol
    return tuple(found)


def _kind(name: str) -> str:
    """Return which names a name is matched together with: ids of genes or transcripts of one species, or all others."""
    for pattern in (ENSEMBL, TRANSCRIPT):
        if pattern.match(name):
            return f"{pattern.pattern} {name.upper().startswith(MOUSE)}"
    return ""
