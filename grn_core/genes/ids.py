"""What gene names are: symbols, Ensembl ids of genes or transcripts, NCBI gene numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from grn_core.genes import tables

NUMBERS_KNOWN = 0.6
"""Share of whole numbers that must be NCBI gene numbers: of cells that are numbered a fifth are by chance."""
ID_TYPES = {"ensembl": "Ensembl ids", "transcript": "Ensembl transcript ids", "ncbi": "NCBI gene numbers"}
ENSEMBL = re.compile(r"^(ENS(?:MUS)?G\d{11})(?:\.\d+)?(?:_PAR_Y)?$", re.IGNORECASE)
TRANSCRIPT = re.compile(r"^(ENS(?:MUS)?T\d{11})(?:\.\d+)?(?:_PAR_Y)?$", re.IGNORECASE)
OF_ENSEMBL = {"ensembl": ENSEMBL, "transcript": TRANSCRIPT}


def is_ensembl(name: str) -> bool:
    """Whether a name has the form of a human or mouse Ensembl gene id, with or without a version."""
    return ENSEMBL.match(name) is not None


def id_type_of(names: Sequence[str]) -> str:
    """Tell what most of the names are."""
    for id_type, pattern in OF_ENSEMBL.items():
        if sum(pattern.match(name) is not None for name in names) > len(names) / 2:
            return id_type
    numbers = [int(name) for name in names if name.isascii() and name.isdigit() and len(name) < 10]
    if len(numbers) > 0.9 * len(names) and max(numbers) - min(numbers) + 1 > 1.5 * len(numbers):
        known = max(sum(str(number) in tables.ncbi_to_symbol(kind) for number in numbers) for kind in tables.SPECIES)
        if known >= NUMBERS_KNOWN * len(names):
            return "ncbi"
    return "symbol"
