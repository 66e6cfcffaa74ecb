"""Networks: from a table of scored edges to a graph that can be looked at, described and exported."""

from __future__ import annotations

from grn_core.networks.cells import CellReading, read_cells
from grn_core.networks.drawing import description, legend, network_data
from grn_core.networks.edge_table import (
    COLUMNS,
    edge_table,
    expected_precision,
    is_directed,
    percentile,
    ranked,
    read_edges,
    table_tsv,
    write_edges,
)
from grn_core.networks.evidence import EdgeReading, read_edge, typical_band, typical_readings, unusual
from grn_core.networks.gene_names import GeneNames
from grn_core.networks.graph import build_graph, graph_edges
from grn_core.networks.layout import layout
from grn_core.networks.selection import (
    BETWEEN,
    EDGE_COLUMNS,
    SIGN_WORDS,
    LeftOut,
    Selection,
    select_edges,
    shares,
    strength_column,
)
from grn_core.networks.tables import neighbourhood, node_table

__all__ = [
    "BETWEEN",
    "COLUMNS",
    "EDGE_COLUMNS",
    "SIGN_WORDS",
    "CellReading",
    "EdgeReading",
    "GeneNames",
    "LeftOut",
    "Selection",
    "build_graph",
    "description",
    "edge_table",
    "expected_precision",
    "graph_edges",
    "is_directed",
    "layout",
    "legend",
    "neighbourhood",
    "network_data",
    "node_table",
    "percentile",
    "ranked",
    "read_cells",
    "read_edge",
    "read_edges",
    "select_edges",
    "shares",
    "strength_column",
    "table_tsv",
    "typical_band",
    "typical_readings",
    "unusual",
    "write_edges",
]
