"""Networks: from a table of scored edges to a graph that can be looked at, described and exported."""

from __future__ import annotations

from grn_core.networks.arrangements import ARRANGEMENTS, Arrangement
from grn_core.networks.cells import CellReading, read_cells
from grn_core.networks.communities import communities
from grn_core.networks.drawing import description, legend, lines_of, missed_edge, network_data
from grn_core.networks.edge_columns import COLUMNS, percentile
from grn_core.networks.edge_table import (
    edge_table,
    expected_precision,
    is_directed,
    ranked,
    read_edges,
    table_tsv,
    write_edges,
)
from grn_core.networks.evidence import EdgeReading, read_edge, typical_band, typical_readings, unusual
from grn_core.networks.gene_names import GeneNames
from grn_core.networks.graph import build_graph, graph_edges
from grn_core.networks.layout import layout
from grn_core.networks.painting import Painting, by_community, by_expression, by_reference, by_sign, scored_pairs
from grn_core.networks.paths import best_edges, out_degrees, shortest_paths
from grn_core.networks.selection import (
    ALSO_OF_EACH,
    BETWEEN,
    EDGE_COLUMNS,
    SIGN_WORDS,
    LeftOut,
    Selection,
    read_as,
    select_edges,
    shares,
    sign_words,
    strength_column,
)
from grn_core.networks.tables import find_edges, neighbourhood, node_table

__all__ = [
    "ALSO_OF_EACH",
    "ARRANGEMENTS",
    "BETWEEN",
    "COLUMNS",
    "EDGE_COLUMNS",
    "SIGN_WORDS",
    "Arrangement",
    "CellReading",
    "EdgeReading",
    "GeneNames",
    "LeftOut",
    "Painting",
    "Selection",
    "best_edges",
    "build_graph",
    "by_community",
    "by_expression",
    "by_reference",
    "by_sign",
    "communities",
    "description",
    "edge_table",
    "expected_precision",
    "find_edges",
    "graph_edges",
    "is_directed",
    "layout",
    "legend",
    "lines_of",
    "missed_edge",
    "neighbourhood",
    "network_data",
    "node_table",
    "out_degrees",
    "percentile",
    "ranked",
    "read_as",
    "read_cells",
    "read_edge",
    "read_edges",
    "scored_pairs",
    "select_edges",
    "shares",
    "shortest_paths",
    "sign_words",
    "strength_column",
    "table_tsv",
    "typical_band",
    "typical_readings",
    "unusual",
    "write_edges",
]
