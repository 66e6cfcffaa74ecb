"""GraphML: for Cytoscape, Gephi, igraph and others."""

from __future__ import annotations

import io

import networkx as nx

from grn_core.networks.exports.records import Export, Network
from grn_core.networks.exports.xml_text import graph_for_xml


def write(network: Network) -> bytes:
    """Write every attribute of `Network.graph`."""
    buffer = io.BytesIO()
    nx.write_graphml_xml(graph_for_xml(network), buffer, encoding="utf-8", named_key_ids=True)
    return buffer.getvalue()


RECORD = Export("graphml", "Graph (GraphML: Cytoscape, Gephi)", ".graphml", "application/graphml+xml", write)
