"""A graph as the plain data that vis-network draws, its legend and its description in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from grn_core.networks.colours import MISSED
from grn_core.networks.graph import graph_edges
from grn_core.networks.painting import Painting
from grn_core.networks.selection import BETWEEN, TOGETHER, shares, sign_words, strength_column

if TYPE_CHECKING:
    import networkx as nx

UNIT = 100
"""Pixels between typical neighbours, at zoom 1."""

SIGNS = {1: "activation", -1: "repression", 0: "unsigned"}
DOES = {1: "activate", -1: "repress", 0: "without a sign"}
IN_LEGEND = {
    True: {1: "activates", -1: "represses", 0: "no sign"},
    False: TOGETHER,
}
"""What a line says where edges are directed, and where they are not."""


TF_SIZE, TARGET_SIZE = (8.0, 24.0), 6.0
"""Half the width of a TF without and with the most targets, and of another gene, in pixels at zoom 1."""


def network_data(
    graph: nx.DiGraph[str],
    positions: Mapping[str, tuple[float, float]],
    *,
    degrees: Mapping[str, int] | None = None,
) -> dict[str, list[dict[str, Any]]]:
    """Translate a graph for vis-network.

    Parameters
    ----------
    graph
        Graph of `grn_core.networks.build_graph`.
    positions
        Gene to (x, y) of `grn_core.networks.layout`.
    degrees
        Targets of each TF in the whole run, see `grn_core.networks.paths.out_degrees`; those that are shown if None.

    Returns
    -------
    dict
        ``nodes``: id, label, position, shape (TFs are squares, the larger the more targets; other genes are dots),
        size, role, weight (of genes that lie too close the heavier is named) and tooltip. ``edges``: id (place among
        the shown edges), from, to, head (an arrow activates, a bar represses, a dot has no sign; where no edge has a
        sign, an arrow points at the target), width by probability (where there is none, by
        `grn_core.networks.selection.shares` of the scores that are shown) and tooltip. Edges without a direction have
        no head, are dashed where the sign is negative, and are drawn once where both genes are TFs. Names of genes are
        data only: vis-network draws them as text.
    """
    from pyvis.network import Network

    drawing = Network(directed=True)
    counts = dict(graph.out_degree()) if degrees is None else degrees
    most = max((counts.get(gene, 0) for gene in graph), default=0) or 1
    for gene, attributes in graph.nodes(data=True):
        x, y = positions[gene]
        drawing.add_node(
            gene,
            label=gene,
            shape="square" if attributes["is_tf"] else "dot",
            size=_size(counts.get(gene, 0) / most) if attributes["is_tf"] else TARGET_SIZE,
            weight=graph.degree(gene) + (len(graph) if attributes["is_tf"] and graph.out_degree(gene) else 0),
            x=round(x * UNIT, 1),
            y=round(-y * UNIT, 1),
            role="tf" if attributes["is_tf"] else "target",
            title=_about(graph, gene, degrees),
        )
    edges = graph_edges(graph)
    strength = strength_column(edges)
    share = dict(zip(zip(edges["source"], edges["target"], strict=True), shares(edges), strict=True))
    directed = graph.graph.get("directed", True)
    signed = any(attributes["sign"] for *_, attributes in graph.edges(data=True))
    drawn = set(lines_of(graph))
    for place, (source, target, attributes) in enumerate(graph.edges(data=True)):
        if (source, target) not in drawn:
            continue
        words = f"{sign_words(directed=directed)[attributes['sign']]}, " if signed else ""
        drawing.add_edge(
            source,
            target,
            id=place,
            arrows={"to": {"enabled": directed, "type": _head(attributes["sign"], signed=signed)}},
            dashes=not directed and attributes["sign"] < 0,
            sign=attributes["sign"],
            width=round(0.5 + 3 * float(share[source, target]) ** 2, 2),
            both=directed and graph.has_edge(target, source),
            title=f"{source} {BETWEEN[directed]} {target}: {words}{strength} {attributes[strength]:z.3g}",
        )
    nodes, lines, *_ = drawing.get_network_data()
    for node in nodes:
        del node["color"]
    return {"nodes": nodes, "edges": lines}


def lines_of(graph: nx.DiGraph[str]) -> list[tuple[str, str]]:
    """Return the edges that are drawn: all; where none has a direction, one of two that join the same two TFs."""
    if graph.graph.get("directed", True):
        return list(graph.edges)
    drawn: dict[tuple[str, str], None] = {}
    for source, target in graph.edges:
        if (target, source) not in drawn:
            drawn[source, target] = None
    return list(drawn)


def _head(sign: int, *, signed: bool) -> str:
    """Return the head of an edge; the network has signs at all if `signed`."""
    if sign == 0 and signed:
        return "circle"
    return "bar" if sign < 0 else "arrow"


def _size(share: float) -> float:
    """Return the size of a TF with a share of the most targets: its area grows with it."""
    least, most = TF_SIZE
    return float(round(least + (most - least) * share**0.5, 1))


def _about(graph: nx.DiGraph[str], gene: str, degrees: Mapping[str, int] | None) -> str:
    if not graph.graph.get("directed", True):
        return f"{gene}: {_counted(len({*graph.successors(gene), *graph.predecessors(gene)}), 'partner')} shown"
    parts = [_counted(graph.out_degree(gene), "target")] if graph.nodes[gene]["is_tf"] else []
    parts.append(_counted(graph.in_degree(gene), "regulator"))
    said = f"{gene}: {', '.join(parts)} shown"
    return said if not degrees or gene not in degrees else f"{said}; {degrees[gene]:,} among the run's best edges"


def _counted(n: int, what: str) -> str:
    return f"{n} {what}" if n == 1 else f"{n} {what}s"


def missed_edge(source: str, target: str, *, number: int) -> dict[str, Any]:
    """Return an edge of a reference network that the run has not among those that are drawn: dashed, and thin."""
    return {
        "id": number,
        "from": source,
        "to": target,
        "missed": True,
        "colour": MISSED,
        "arrows": {"to": {"enabled": True, "type": "arrow"}},
        "dashes": True,
        "sign": 0,
        "width": 1.2,
        "both": False,
        "title": f"{source} {BETWEEN[True]} {target}: in the reference, not among the drawn edges",
    }


def legend(graph: nx.DiGraph[str], painting: Painting | None = None) -> dict[str, object]:
    """Return what lines say: ``signs`` (kind to word), ``directed``, what ``thicker`` stands for, ``entries``.

    The entries are those of `painting`; where it colours the edges itself, a line's end alone says its sign.
    """
    likely = all("probability" in data for *_, data in graph.edges(data=True))
    ordered = graph.size() < 2 or len({data["score"] for *_, data in graph.edges(data=True)}) > 1
    directed = bool(graph.graph.get("directed", True))
    found = {data["sign"] for *_, data in graph.edges(data=True)}
    words = IN_LEGEND[directed] if found - {0} else {}  # without any sign there is nothing to tell apart
    return {
        "signs": {SIGNS[sign]: word for sign, word in words.items() if sign in found},
        "directed": directed,
        "thicker": "more probable" if likely else "higher score" if ordered else "",
        "tf": "TF, larger: more targets among the run's best edges",
        "entries": [] if painting is None else [list(entry) for entry in painting.entries],
    }


def description(graph: nx.DiGraph[str]) -> str:
    """Say in words what a drawing shows, for who cannot see it."""
    tfs = sum(1 for _, is_tf in graph.nodes(data="is_tf") if is_tf)
    lines = lines_of(graph)
    signs = [graph.edges[line]["sign"] for line in lines]
    counted = {word: sum(sign == value for sign in signs) for value, word in DOES.items()}
    said = ", ".join(f"{n} {word}" for word, n in counted.items() if n)
    how = "directed" if graph.graph.get("directed", True) else "undirected"
    return (
        f"Drawing of a gene regulatory network with {len(graph)} genes, {tfs} of them TFs, and {len(lines)} {how} "
        f"edges: {said}."
    )
