"""Tab-separated text with every column."""

from __future__ import annotations

from grn_core.networks.edge_table import edges_tsv
from grn_core.networks.exports.records import Export, Network


def write(network: Network) -> bytes:
    """Write one line an edge, best first, with the columns of the edge table and ``directed``."""
    return edges_tsv(network.edges)


RECORD = Export("tsv", "Table, tab-separated (TSV)", ".tsv", "text/tab-separated-values", write)
