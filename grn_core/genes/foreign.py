"""Names of things that are no genes of the tables here, said in words so that a user knows what to convert."""

from __future__ import annotations

import re
from collections.abc import Sequence

MOST = 0.5
"""Share of the names that must have the form."""

FORMS = {
    "NCBI (Entrez) gene numbers, or row numbers": r"\d+(\.0)?",
    "Affymetrix probe sets": r"\d+(_[a-z])?_at",
    "Illumina probes": r"ILMN_\d+",
    "HGNC ids (a column with the approved symbols is wanted)": r"HGNC:\d+",
    "MGI ids (a column with the symbols is wanted)": r"MGI:\d+",
    "KEGG ids of genes": r"(hsa|mmu):\d+",
    "RefSeq transcripts": r"[NX][MR]_\d+(\.\d+)?",
    "Ensembl transcript ids": r"ENS[A-Z]*T\d{11}(\.\d+)?",
    "Ensembl protein ids": r"ENS[A-Z]*P\d{11}(\.\d+)?",
    "UniProt accessions": r"[OPQ]\d[A-Z0-9]{3}\d|[A-NR-Z]\d([A-Z][A-Z0-9]{2}\d){1,2}",
    "regions of a genome (peaks)": r"(chr)?[\dXYM]{1,2}[:_-]\d+[-_]\d+",
    "sequences (cell barcodes)": r"([ACGT]{8,})([-_.]\w+)?",
}


def what_they_are(names: Sequence[str]) -> str:
    """Say what most of some names are, ``""`` where their form says nothing."""
    for words, form in FORMS.items():
        pattern = re.compile(form)
        if sum(pattern.fullmatch(name) is not None for name in names) > MOST * len(names):
            return words
    return ""
