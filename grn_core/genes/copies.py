"""Numbers that R and scanpy put behind names to tell copies apart: ``GATA1.1`` of `make.unique`, ``SPI1-1``."""

from __future__ import annotations

import re
from collections.abc import Sequence

from grn_core.genes import spelling, tables
from grn_core.genes.lookup import n_known

COPY = re.compile(r"(?P<name>.+)[-._]\d{1,2}")
EXAMPLES = 3


def original_of(name: str) -> str:
    """Return the symbol of today that a name is a numbered copy of, ``""`` where it is none, or is a gene itself."""
    hit = COPY.fullmatch(name)
    if hit is None or not any(hit["name"] in tables.symbols(species) for species in tables.SPECIES):
        return ""
    return "" if n_known([name, *spelling.variants(name)]) else hit["name"]


def without_copy_numbers(names: Sequence[str], notes: list[str]) -> tuple[str, ...]:
    """Read a numbered copy as its gene where the gene itself is not among the names.

    Beside the gene a copy stays unknown: it may be another gene of that name, but also an antibody, whose counts are
    none of the gene.

    Parameters
    ----------
    names
        Without what programs put in front of them.
    notes
        Where what was done is said, in sentences.
    """
    there = frozenset(names)
    found = {name: original for name in there if (original := original_of(name))}
    alone = {name: original for name, original in found.items() if original not in there}
    beside = [name for name in names if name in found and name not in alone]
    if alone:
        some = ", ".join(f"{name} is {alone[name]}" for name in [one for one in names if one in alone][:EXAMPLES])
        taken = "number was" if len(alone) == 1 else "numbers were"
        notes.append(f"{len(alone):,} {taken} taken off the end of names, as of copies: {some}.")
    if beside:
        some = ", ".join(beside[:EXAMPLES])
        are = "name is a numbered copy" if len(beside) == 1 else "names are numbered copies"
        why = "a copy may be another gene, or an antibody"
        notes.append(f"{len(beside):,} {are} of a gene that is there, too ({some}): left out, since {why}.")
    return tuple(alone.get(name, name) for name in names)
