"""Apache Parquet: every edge with its types, for pandas, R (arrow), DuckDB and others."""

from __future__ import annotations

import io

from grn_core.networks.exports.records import Export, Network
from grn_core.networks.row_groups import write_parquet


def write(network: Network) -> bytes:
    """Write `Network.table`; names stand as they are, because nothing runs them here."""
    buffer = io.BytesIO()
    write_parquet(network.table, buffer)
    return buffer.getvalue()


RECORD = Export("parquet", "Table of edges (Parquet: pandas, R arrow)", ".parquet", "application/octet-stream", write)
