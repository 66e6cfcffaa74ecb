"""The adjacencies of pySCENIC."""

from __future__ import annotations

from grn_core.networks.edge_table import table_tsv
from grn_core.networks.exports.records import Export, Network
from grn_core.networks.selection import strength_column


def write(network: Network) -> bytes:
    """Write ``TF``, ``target`` and ``importance`` (probability, else score), best first. Signs have no place in it."""
    table = network.edges[["source", "target", strength_column(network.edges)]]
    return table_tsv(table.set_axis(["TF", "target", "importance"], axis=1))


RECORD = Export("pyscenic", "Adjacencies (pySCENIC)", ".adjacencies.tsv", "text/tab-separated-values", write)
