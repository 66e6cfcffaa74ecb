"""Comma-separated text with every column."""

from __future__ import annotations

from grn_core.networks.edge_table import DIGITS
from grn_core.networks.exports.records import Export, Network
from grn_core.spreadsheets import text_of


def write(network: Network) -> bytes:
    """Write one line an edge, best first, with the columns of the edge table, ``interaction`` and ``directed``."""
    return text_of(network.table, delimiter=",", digits=DIGITS)


RECORD = Export("csv", "Table, comma-separated (CSV)", ".csv", "text/csv", write)
