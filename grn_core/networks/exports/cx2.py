"""CX2: the exchange format of Cytoscape and NDEx, version 2."""

from __future__ import annotations

import json
import math
from typing import Any

from grn_core.networks.exports.records import Export, Network

TYPES = {bool: "boolean", int: "integer", float: "double", str: "string"}
"""Kind of a value -> its name in CX2; the first that fits, because a bool is an int."""


def write(network: Network) -> bytes:
    """Write the attributes of `Network.graph` and the positions of the drawing.

    Aspects stand in the order of the specification: what the attributes are, the network's own, nodes, edges. Nodes and
    edges are numbered in the order of the graph; a number that is not finite is left out, as JSON has none.
    """
    graph = network.graph
    numbers = {label: number for number, label in enumerate(graph)}
    nodes: list[dict[str, Any]] = []
    for label, data in graph.nodes(data=True):
        node: dict[str, Any] = {"id": numbers[label]}
        if network.positions is not None:  # on a screen y points down
            node |= {"x": 100 * data["x"], "y": -100 * data["y"]}
        own = {name: value for name, value in data.items() if name not in ("x", "y")}
        nodes.append({**node, "v": {"name": label, **_finite(own)}})
    edges = [
        {"id": number, "s": numbers[source], "t": numbers[target], "v": _finite(values)}
        for number, (source, target, values) in enumerate(graph.edges(data=True))
    ]
    own = {"name": "Gene regulatory network", "directed": network.directed}
    declared = {"networkAttributes": _declared([own]), "nodes": _of(nodes), "edges": _of(edges)}
    aspects = {"attributeDeclarations": [declared], "networkAttributes": [own], "nodes": nodes, "edges": edges}
    content = [
        {"CXVersion": "2.0", "hasFragments": False},
        {"metaData": [{"name": name, "elementCount": len(elements)} for name, elements in aspects.items()]},
        *({name: elements} for name, elements in aspects.items()),
        {"status": [{"success": True}]},
    ]
    return json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8")


def _finite(values: dict[str, Any]) -> dict[str, Any]:
    return {name: one for name, one in values.items() if not (isinstance(one, float) and not math.isfinite(one))}


def _of(elements: list[dict[str, Any]]) -> dict[str, dict[str, str]]:
    return _declared([element["v"] for element in elements])


def _declared(values: list[dict[str, Any]]) -> dict[str, dict[str, str]]:
    """Say of what type each attribute is: that of all its values; an attribute without a value is not declared."""
    found: dict[str, set[str]] = {}
    for one in values:
        for name, value in one.items():
            found.setdefault(name, set()).add(next(word for kind, word in TYPES.items() if isinstance(value, kind)))
    return {name: {"d": kinds.pop() if len(kinds) == 1 else "double"} for name, kinds in found.items()}


RECORD = Export("cx2", "Graph (CX2: Cytoscape, NDEx)", ".cx2", "application/json", write)
