"""Networks of other tools, and our own exports, read again: one module and one record a format.

`read_network` reads any of them into the table of edges that the pages, Compare and the benchmark know.
"""

from __future__ import annotations

from grn_core.networks.imports.direction import DIRECTIONS, refuse_turned
from grn_core.networks.imports.formats import NETWORK_FORMATS, format_of, parse
from grn_core.networks.imports.isolated import edge_list_of, imported, read_network
from grn_core.networks.imports.matched import Imported
from grn_core.networks.imports.records import EdgeList, NetworkFormat

__all__ = [
    "DIRECTIONS",
    "NETWORK_FORMATS",
    "EdgeList",
    "Imported",
    "NetworkFormat",
    "edge_list_of",
    "format_of",
    "imported",
    "parse",
    "read_network",
    "refuse_turned",
]
