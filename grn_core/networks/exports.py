"""Write a network in the formats of other programs. Every function returns bytes; the same network, the same bytes."""

from __future__ import annotations

import io
import re

import networkx as nx
import pandas as pd

from grn_core.networks.edge_table import table_tsv
from grn_core.networks.selection import strength_column

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def adjacency_tsv(edges: pd.DataFrame) -> bytes:
    """Write the adjacencies of pySCENIC: ``TF``, ``target``, ``importance`` (probability, else score), best first."""
    table = edges[["source", "target", strength_column(edges)]]
    return table_tsv(table.set_axis(["TF", "target", "importance"], axis=1))


def graphml(graph: nx.DiGraph[str], *, positions: dict[str, tuple[float, float]] | None = None) -> bytes:
    """Write GraphML for Cytoscape, Gephi and others, with every attribute of nodes and edges.

    Parameters
    ----------
    graph
        Graph of `build_graph`.
    positions
        Gene to (x, y) of `layout`; written as the node attributes ``x`` and ``y`` when given.
    """
    written: nx.DiGraph[str] = nx.DiGraph()
    for gene, data in graph.nodes(data=True):
        written.add_node(_plain(gene), **_attributes(data))
        if positions:
            x, y = positions[gene]
            written.add_node(_plain(gene), x=x, y=y)
    for source, target, data in graph.edges(data=True):
        written.add_edge(_plain(source), _plain(target), **_attributes(data))
    buffer = io.BytesIO()
    nx.write_graphml_xml(written, buffer, encoding="utf-8", named_key_ids=True)
    return buffer.getvalue()


def _plain(value: str) -> str:
    """Drop the characters that XML cannot hold."""
    return _NOT_XML.sub("", value)


def _attributes(data: dict[str, object]) -> dict[str, object]:
    """Return Python scalars, which is what the writer knows."""
    plain = {name: value.item() if hasattr(value, "item") else value for name, value in data.items()}
    return {name: _plain(value) if isinstance(value, str) else value for name, value in plain.items()}
