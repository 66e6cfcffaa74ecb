"""The sets that genes are tested against: regulons of the bundled references, and sets of the user's own (GMT)."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterable
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from grn_core.benchmark.references.known import known_networks
from grn_core.benchmark.references.uploads import files_of, kept
from grn_core.errors import DataError, GeneError
from grn_core.files import note_use
from grn_core.genes import human_symbols, symbols_of
from grn_core.networks.enrichment import Enrichment, enrichment
from grn_core.networks.gmt_sets import check_bytes, read_gene_sets
from grn_core.settings import settings

REFERENCES = "references"
"""Name of the regulons of the bundled references, which need no download."""
TITLE = "Regulons of the bundled references"
KNOWN, MOST_SAID = 0.1, 60
"""Share of a universe that must be known genes, and letters of the others that an error names."""


@lru_cache(maxsize=1)
def reference_regulons() -> dict[str, frozenset[str]]:
    """Return the targets of every TF of every bundled reference, by ``TF (reference)``, canonical symbols."""
    found: dict[str, set[str]] = {}
    for network in known_networks():
        title = network.title.split(",")[0]
        for source, target in network.edges:
            found.setdefault(f"{source} ({title})", set()).add(target)
    return {name: frozenset(targets) for name, targets in found.items()}


def store_gene_sets(name: str, content: BinaryIO) -> str:
    """Keep a GMT file of the user's and return its name here; `DataError` where it holds no sets."""
    check_bytes(name, content.seek(0, io.SEEK_END))
    return kept(_root(), name, content, check=read_gene_sets).name


def stored_gene_sets() -> dict[str, str]:
    """Return the user's files of sets: name here -> name of the file as it was uploaded, newest first."""
    return files_of(_root())


def gene_sets(name: str) -> dict[str, frozenset[str]]:
    """Return the sets that a name stands for: `REFERENCES`, an upload, or the path of a GMT file.

    Raises
    ------
    DataError
        There are none of that name, or the file holds none.
    """
    if name == REFERENCES:
        return reference_regulons()
    if name in stored_gene_sets():
        note_use(_root() / name)
        return _uploaded(_root() / name)
    if not Path(name).expanduser().is_file():
        message = f"there are no gene sets {name!r}"
        raise DataError(message, needed=f"{REFERENCES}, or a GMT file", todo="check the name or the path")
    return read_gene_sets(name)


def is_all_that_is_known(name: str) -> bool:
    """Whether sets are what is known of genes at large, as references are, and not put together for a question."""
    return name == REFERENCES


def enrich(genes: Iterable[str], sets: str = REFERENCES, *, universe: Collection[str] | None = None) -> Enrichment:
    """Say which gene sets are over-represented among some genes.

    Parameters
    ----------
    genes
        The genes, the best first: symbols or Ensembl ids, of human or mouse. Others take no part, and are counted.
    sets
        ``references`` (the regulons of the bundled references), or the path of a GMT file.
    universe
        The genes that could have been chosen, named likewise; every human gene if None. Give the genes of your panel or
        of your data: against genes that were never asked anything looks enriched.

    Returns
    -------
    Enrichment
        ``table`` with overlap, share, precision at k, chance, fold, p and adjusted p of each set; ``words`` says the
        universe.

    Raises
    ------
    GrnError
        A subclass that says what was found, needed and what to do.
    """
    names = [str(name) for name in genes]
    if not names:
        message = "no gene was named"
        raise GeneError(message, needed="the genes that were chosen, the best first", todo="name them")
    chosen = [symbol or name for name, symbol in zip(names, symbols_of(names), strict=True)]
    could = human_symbols() if universe is None else _universe(universe)
    return enrichment(
        chosen, gene_sets(sets), universe={symbol for symbol in could if symbol}, only_held=is_all_that_is_known(sets)
    )


def _universe(names: Collection[str]) -> tuple[str | None, ...]:
    """Return the symbols of a universe, None for what is no gene; `GeneError` where hardly any name of it is one."""
    asked = [str(name) for name in names]
    found = symbols_of(asked)
    n_known = sum(symbol is not None for symbol in found)
    if n_known < KNOWN * len(asked) or not asked:
        some = ", ".join(name for name, symbol in zip(asked, found, strict=True) if symbol is None)[:MOST_SAID]
        message = f"of the universe {n_known:,} of {len(asked):,} names are genes with a human symbol"
        message += f"; not {some}" if some else ""
        needed = "symbols or Ensembl ids, of human or mouse"
        raise GeneError(message, needed=needed, todo="name the genes of your panel or of your data")
    return found


@lru_cache(maxsize=4)
def _uploaded(path: Path) -> dict[str, frozenset[str]]:
    """Read an upload; its content is in its name, so that it never changes."""
    return read_gene_sets(path)


def _root() -> Path:
    return settings().home / "gene-sets"
