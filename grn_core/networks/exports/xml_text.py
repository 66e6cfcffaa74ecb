"""Text for XML: what GraphML and GEXF can hold."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import networkx as nx

if TYPE_CHECKING:
    from grn_core.networks.exports.records import Network

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def graph_for_xml(network: Network) -> nx.DiGraph[str]:
    """Return `Network.graph` without the characters that XML cannot hold.

    Edges of a symmetric method, too, lead from the TF to the gene, so that both ends stay what they are; the attribute
    ``directed`` of each edge is then false.
    """
    found: nx.DiGraph[str] = nx.DiGraph()
    for gene, data in network.graph.nodes(data=True):
        found.add_node(_plain(gene), **_attributes(data))
    for source, target, values in network.graph.edges(data=True):
        found.add_edge(_plain(source), _plain(target), **_attributes(values))
    return found


def _plain(value: str) -> str:
    return _NOT_XML.sub("", value)


def _attributes(data: dict[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) if isinstance(value, str) else value for name, value in data.items()}
