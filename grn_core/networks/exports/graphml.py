"""GraphML: for Cytoscape, Gephi, igraph and others."""

from __future__ import annotations

import io
import re
from typing import Any

import networkx as nx

from grn_core.networks.exports.records import Export, Network

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(network: Network) -> bytes:
    """Write every attribute of `Network.graph`.

    Edges of a symmetric method, too, are written from the TF to the gene, so that both ends stay what they are; the
    attribute ``directed`` of each edge is then false.
    """
    written: nx.DiGraph[str] = nx.DiGraph()
    for gene, data in network.graph.nodes(data=True):
        written.add_node(_plain(gene), **_attributes(data))
    for source, target, values in network.graph.edges(data=True):
        written.add_edge(_plain(source), _plain(target), **_attributes(values))
    buffer = io.BytesIO()
    nx.write_graphml_xml(written, buffer, encoding="utf-8", named_key_ids=True)
    return buffer.getvalue()


def _plain(value: str) -> str:
    """Drop the characters that XML cannot hold."""
    return _NOT_XML.sub("", value)


def _attributes(data: dict[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) if isinstance(value, str) else value for name, value in data.items()}


RECORD = Export("graphml", "Graph (GraphML: Cytoscape, Gephi)", ".graphml", "application/graphml+xml", write)
