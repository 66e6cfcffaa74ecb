"""Look names up in the tables of one species: ids, symbols of today, older symbols."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from grn_core.genes import tables
from grn_core.genes.gene_match import RECOGNISED
from grn_core.genes.ids import ENSEMBL, TRANSCRIPT, id_type_of

SPELT, ALIKE = 0.1, 0.9
"""A species is told where more than a tenth of the names are spelt as one of them does, or where the other knows fewer
than nine tenths as many."""


def own_symbols(names: Sequence[str], species: str, id_type: str) -> list[str | None]:
    """Symbol of each name in `species`: that of an id, a symbol of today, then an alias; the exact spelling first."""
    if id_type == "ncbi":
        numbers = tables.ncbi_to_symbol(species)
        return [numbers.get(name) for name in names]
    known, upper, ids = tables.symbols(species), tables.by_upper_case(species), tables.ensembl_to_symbol(species)
    aliases, upper_aliases = tables.aliases(species), tables.aliases_by_upper_case(species)

    def find(name: str) -> str | None:
        if hit := ENSEMBL.match(name):
            return ids.get(hit.group(1).upper())
        if hit := TRANSCRIPT.match(name):
            return tables.transcript_to_symbol(species).get(hit.group(1).upper())
        key = name.upper()
        return upper.get(key) or aliases.get(name) or upper_aliases.get(key)

    return [name if name in known else find(name) for name in names]


def n_known(names: Sequence[str]) -> int:
    """Return how many of some names the table of one species knows, the better one."""
    own = (own_symbols(names, species, id_type_of(names)) for species in tables.SPECIES)
    return max(sum(symbol is not None for symbol in found) for found in own)


def species_of(names: Sequence[str], candidates: dict[str, list[str | None]]) -> str:
    """Choose the species that knows more names; a tie is decided by exact spelling (``Gata1`` or ``GATA1``)."""

    def evidence(kind: str) -> tuple[int, int]:
        found = candidates[kind]
        same = sum(name == symbol for name, symbol in zip(names, found, strict=True))
        return sum(symbol is not None for symbol in found), same

    return max(tables.SPECIES, key=evidence)


def undecided(names: Sequence[str], candidates: dict[str, list[str | None]]) -> str:
    """Say why names do not tell their species, a clause: both know nearly as many, and no spelling is of one of them.

    ``""`` where they tell, or where hardly any is known.
    """
    known = {kind: sum(symbol is not None for symbol in found) for kind, found in candidates.items()}
    spelt = sum(any(found[place] == name for found in candidates.values()) for place, name in enumerate(names))
    fewest, most = min(known.values()), max(known.values())
    if spelt > SPELT * len(names) or most < RECOGNISED * len(names) or fewest < ALIKE * most:
        return ""
    words = " and ".join(f"{n:,} as {kind}" for kind, n in known.items())
    return f"of {len(names):,} names {words} genes, and their capitals tell neither"


def present_names(names: Sequence[str]) -> tuple[str, ...]:
    """Human symbols under the names of today: those of a model's vocabulary may be older than our tables.

    An older name becomes the canonical symbol that it is an alias of, unless that symbol is in the list itself or two
    names of the list mean it; every other name stays as it is.
    """
    known, aliases = tables.human_symbols(), tables.human_aliases()
    newer = [None if name in known else aliases.get(name) for name in names]
    times = Counter(newer) + Counter(names)
    return tuple(new if new and times[new] == 1 else name for name, new in zip(names, newer, strict=True))
