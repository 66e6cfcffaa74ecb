"""The gene tables under ``assets/genes``, read once and kept (see PROVENANCE.md there)."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterable
from functools import lru_cache

from grn_core.assets import asset
from grn_core.errors import GeneError

SPECIES = ("human", "mouse")
NOTHING = frozenset({"NA", "NAN", "NONE", "NULL"})
"""What programs write where there is no name. R's ``NA`` is an old name of XK as well, and is never taken for it."""
_FOLD = str.maketrans("", "", "-./_ ")


def _rows(name: str) -> list[list[str]]:
    with gzip.open(asset("genes", name), "rt", encoding="utf-8", newline="") as lines:
        return list(csv.reader(lines, delimiter="\t"))[1:]


def check_species(species: str) -> str:
    """Return `species` if the tables know it, else raise `GeneError`."""
    if species not in SPECIES:
        message = f"species {species!r} is not known"
        raise GeneError(message, needed="human or mouse", todo="map the genes to one of these first")
    return species


@lru_cache(maxsize=2)
def ensembl_to_symbol(species: str) -> dict[str, str]:
    """Ensembl gene id (no version) -> symbol, of one species."""
    return {row[0]: row[1] for row in _rows(f"{check_species(species)}.tsv.gz")}


@lru_cache(maxsize=2)
def ncbi_to_symbol(species: str) -> dict[str, str]:
    """NCBI (Entrez) gene number as text -> symbol, of one species."""
    return dict(_rows(f"{check_species(species)}_ncbi.tsv.gz"))


@lru_cache(maxsize=2)
def transcript_to_symbol(species: str) -> dict[str, str]:
    """Ensembl transcript id (no version) -> symbol of its gene, of one species."""
    before, genes = ("ENST" if check_species(species) == "human" else "ENSMUST"), ensembl_to_symbol(species)
    return {
        f"{before}{int(number):011d}": genes[gene]
        for gene, numbers in _rows(f"{species}_transcripts.tsv.gz")
        for number in numbers.split()
    }


@lru_cache(maxsize=2)
def symbols(species: str) -> frozenset[str]:
    """Every symbol of one species."""
    return frozenset(ensembl_to_symbol(species).values())


def human_symbols() -> frozenset[str]:
    """Every canonical human symbol (GENCODE v44)."""
    return symbols("human")


@lru_cache(maxsize=2)
def aliases(species: str) -> dict[str, str]:
    """Older or newer symbol -> the symbol of our tables, of one species; only names that mean one gene."""
    found = dict(_rows(f"{check_species(species)}_aliases.tsv.gz"))
    return {name: symbol for name, symbol in found.items() if name.upper() not in NOTHING}


def human_aliases() -> dict[str, str]:
    """Older or newer symbol -> canonical human symbol."""
    return aliases("human")


@lru_cache(maxsize=2)
def by_upper_case(species: str) -> dict[str, str]:
    """Upper-cased symbol -> symbol, of one species; spellings that collide are left out."""
    return _in_upper_case((symbol, symbol) for symbol in ensembl_to_symbol(species).values())


@lru_cache(maxsize=2)
def aliases_by_upper_case(species: str) -> dict[str, str]:
    """Upper-cased alias -> symbol, of one species; spellings that collide are left out."""
    return _in_upper_case(aliases(species).items())


def _in_upper_case(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str | None] = {}
    for name, symbol in pairs:
        key = name.upper()
        found[key] = symbol if found.get(key, symbol) == symbol else None
    return {key: symbol for key, symbol in found.items() if symbol is not None}


@lru_cache(maxsize=1)
def ortholog_to_human() -> dict[str, str]:
    """Mouse symbol -> human symbol, 1:1 orthologs, unique on both sides."""
    return {row[0]: row[1] for row in _rows("orthologs.tsv.gz")}


@lru_cache(maxsize=1)
def ortholog_to_mouse() -> dict[str, str]:
    """Human symbol -> mouse symbol, 1:1 orthologs."""
    return {human: mouse for mouse, human in ortholog_to_human().items()}


@lru_cache(maxsize=1)
def synonyms() -> dict[str, tuple[str, ...]]:
    """Common name, as `folded` writes it -> the human genes that it means; several where it is ambiguous.

    HGNC's synonyms and previous symbols (``p53``, ``OCT-4``, ``HER2``), and the symbols themselves without hyphens.
    """
    return {row[0]: tuple(row[1].split("|")) for row in _rows("human_synonyms.tsv.gz")}


def folded(name: str) -> str:
    """Return a name as synonyms are compared: in upper case, without hyphens, dots, slashes, underscores and spaces."""
    return name.upper().translate(_FOLD)
