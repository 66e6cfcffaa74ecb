"""The drawing of a network: what pictures and the standalone page share."""

from __future__ import annotations

from collections.abc import Mapping

import networkx as nx

from grn_core.errors import RequestError
from grn_core.networks.exports.records import Network
from grn_core.networks.graph import build_graph
from grn_core.networks.layout import layout
from grn_core.settings import settings

Positions = Mapping[str, tuple[float, float]]


def drawn(network: Network) -> tuple[nx.DiGraph[str], Positions]:
    """Return the graph of a network, and where its genes lie: as on the page, or laid out now.

    Raises
    ------
    RequestError
        It has more edges than are drawn at once.
    """
    n_edges, most = len(network.edges), settings().max_graph_edges
    if n_edges > most:
        message = f"the network has {n_edges:,} edges, too many to be told apart in a drawing"
        todo = "draw a part of them: --shown or --top N, or 'Shown network' in the app"
        raise RequestError(message, needed=f"at most {most:,}", todo=todo)
    graph = build_graph(network.edges, max_edges=max(n_edges, 1))
    for gene, data in graph.nodes(data=True):
        data["is_tf"] = gene in network.tfs
    return graph, layout(graph) if network.positions is None else network.positions
