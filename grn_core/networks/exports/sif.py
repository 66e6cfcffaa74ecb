"""Cytoscape's simple interaction format."""

from __future__ import annotations

from grn_core.networks.exports.records import Export, Network


def write(network: Network) -> bytes:
    """Write source, a word of `sign_words`, and target, one line an edge, best first."""
    table = network.table[["source", "interaction", "target"]].replace(r"[\t\r\n]", " ", regex=True)
    lines = ["\t".join(map(str, row)) for row in table.itertuples(index=False)]
    return "".join(f"{line}\n" for line in lines).encode("utf-8")


RECORD = Export("sif", "Simple interactions (SIF: Cytoscape)", ".sif", "text/plain", write)
