"""Apache Parquet: every edge with its types, for pandas, R (arrow), DuckDB and others."""

from __future__ import annotations

import io

from grn_core.networks.exports.records import Export, Network


def write(network: Network) -> bytes:
    """Write `Network.table`; names stand as they are, because nothing runs them here."""
    buffer = io.BytesIO()
    network.table.to_parquet(buffer, index=False)
    return buffer.getvalue()


RECORD = Export("parquet", "Table of edges (Parquet: pandas, R arrow)", ".parquet", "application/octet-stream", write)
