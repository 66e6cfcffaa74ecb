"""Common names of genes (p53, OCT4), as a person writes them: read where they mean one gene."""

from __future__ import annotations

from grn_core.genes import tables
from grn_core.genes.lookup import own_symbols


def meanings(name: str) -> tuple[str, ...]:
    """Return the human genes that a common name, or a symbol with other hyphens, means; none for another name."""
    key = tables.folded(name)
    symbol = tables.by_upper_case("human").get(key)
    return (symbol,) if symbol else tables.synonyms().get(key, ())


def common_symbol(name: str, species: str) -> str | None:
    """Symbol, in its own species, of the one gene that a common name means: None for none, or for several."""
    genes = meanings(name)
    if len(genes) != 1 and species == "mouse":  # a human symbol, old or new, of a gene that mouse calls otherwise
        genes = tuple(filter(None, own_symbols((name,), "human", "symbol")))
    if len(genes) != 1 or genes[0] not in tables.human_symbols():
        return None
    return genes[0] if species == "human" else tables.ortholog_to_mouse().get(genes[0])
