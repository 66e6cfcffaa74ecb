"""A graph as the plain data that vis-network draws. Colours are the page's: they follow its theme."""

from __future__ import annotations

from typing import Any

import networkx as nx

from grn_core.networks import BETWEEN, graph_edges, shares, strength_column

UNIT = 100
"""Pixels between typical neighbours, at zoom 1."""


def network_data(graph: nx.DiGraph[str], positions: dict[str, tuple[float, float]]) -> dict[str, list[dict[str, Any]]]:
    """Translate a graph for vis-network.

    Parameters
    ----------
    graph
        Graph of `grn_core.networks.build_graph`.
    positions
        Gene to (x, y) of `grn_core.networks.layout`.

    Returns
    -------
    dict
        ``nodes``: id, label, position, shape (TFs are boxes, plain targets are dots), role and tooltip. ``edges``: id
        (place among the shown edges), from, to, head (an arrow activates, a bar represses, a dot has no sign; where no
        edge has a sign, an arrow points at the target), width by probability (where there is none, by
        `grn_core.networks.selection.shares` of the scores that are shown) and tooltip. Edges without a direction have
        no head, are dashed where the sign is negative, and are drawn once where both genes are TFs. Names of genes are
        data only: vis-network draws them as text.
    """
    from pyvis.network import Network

    drawing = Network(directed=True)
    for gene, attributes in graph.nodes(data=True):
        x, y = positions[gene]
        drawing.add_node(
            gene,
            label=gene,
            shape="box" if attributes["is_tf"] else "dot",
            x=round(x * UNIT, 1),
            y=round(-y * UNIT, 1),
            role="tf" if attributes["is_tf"] else "target",
            title=_about(graph, gene),
        )
    edges = graph_edges(graph)
    strength = strength_column(edges)
    share = dict(zip(zip(edges["source"], edges["target"], strict=True), shares(edges), strict=True))
    directed = graph.graph.get("directed", True)
    signed = any(attributes["sign"] for *_, attributes in graph.edges(data=True))
    drawn: set[tuple[str, str]] = set()
    for place, (source, target, attributes) in enumerate(graph.edges(data=True)):
        if not directed and (target, source) in drawn:
            continue
        drawn.add((source, target))
        words = f"{attributes['interaction']}, " if signed else ""
        drawing.add_edge(
            source,
            target,
            id=place,
            arrows={"to": {"enabled": directed, "type": _head(attributes["sign"], signed=signed)}},
            dashes=not directed and attributes["sign"] < 0,
            sign=attributes["sign"],
            width=round(0.5 + 3 * float(share[source, target]) ** 2, 2),
            both=directed and graph.has_edge(target, source),
            title=f"{source} {BETWEEN[directed]} {target}: {words}{strength} {attributes[strength]:.3g}",
        )
    nodes, lines, *_ = drawing.get_network_data()
    for node in nodes:
        del node["color"]
    return {"nodes": nodes, "edges": lines}


def _head(sign: int, *, signed: bool) -> str:
    """Return the head of an edge; the network has signs at all if `signed`."""
    if sign == 0 and signed:
        return "circle"
    return "bar" if sign < 0 else "arrow"


def _about(graph: nx.DiGraph[str], gene: str) -> str:
    if not graph.graph.get("directed", True):
        return f"{gene}: {len({*graph.successors(gene), *graph.predecessors(gene)})} partners shown"
    parts = [f"{graph.out_degree(gene)} targets"] if graph.nodes[gene]["is_tf"] else []
    parts.append(f"{graph.in_degree(gene)} regulators")
    return f"{gene}: {', '.join(parts)} shown"
