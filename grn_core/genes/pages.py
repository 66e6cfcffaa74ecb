"""Addresses of a gene's pages in public databases: written into links that a user may follow, never fetched."""

from __future__ import annotations

from urllib.parse import quote

DATABASES = {
    "NCBI Gene": "https://www.ncbi.nlm.nih.gov/gene/?term={gene}%5Bsym%5D+AND+human%5Borgn%5D",
    "Ensembl": "https://www.ensembl.org/Homo_sapiens/Gene/Summary?g={gene}",
    "GeneCards": "https://www.genecards.org/cgi-bin/carddisp.pl?gene={gene}",
}
"""Database -> address of the page of a human gene by its symbol."""


def gene_pages(symbol: str) -> dict[str, str]:
    """Return the addresses of a gene's pages by database; whatever the symbol holds is quoted."""
    return {name: address.format(gene=quote(symbol, safe="")) for name, address in DATABASES.items()}
