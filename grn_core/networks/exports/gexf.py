"""GEXF: Gephi's own format, with the drawing's places and the colours of the signs."""

from __future__ import annotations

import io
import math
import re
from typing import Any

from networkx.readwrite.gexf import GEXFWriter

from grn_core.networks.colours import SIGN_COLOURS
from grn_core.networks.exports.records import Export, Network
from grn_core.networks.exports.xml_text import graph_for_xml

SCALE = 100
"""Gephi's units between typical neighbours."""


def write(network: Network) -> bytes:
    """Write every attribute of `Network.graph`; the weight of an edge is its probability, else its score if above 0."""
    graph = graph_for_xml(network)
    for label, data in graph.nodes(data=True):
        data["label"] = label
        if network.positions is not None:
            data["viz"] = {"position": {"x": SCALE * data["x"], "y": SCALE * data["y"], "z": 0.0}}
    for *_, values in graph.edges(data=True):
        weight = values.get("probability", values["score"])
        if math.isfinite(weight) and weight > 0:
            values["weight"] = weight
        values["viz"] = {"color": _channels(SIGN_COLOURS[values["sign"]])}
        for name in [name for name, value in values.items() if isinstance(value, float) and not math.isfinite(value)]:
            del values[name]
    writer: Any = GEXFWriter(encoding="utf-8", prettyprint=True, version="1.2draft")
    writer.add_graph(graph)
    for meta in writer.xml.iter("meta"):
        meta.attrib.pop("lastmodifieddate", None)  # the same network, the same bytes, on every day
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def _channels(colour: str) -> dict[str, int | float]:
    red, green, blue = (int(part, 16) for part in re.findall("[0-9a-f]{2}", colour))
    return {"r": red, "g": green, "b": blue, "a": 1.0}


RECORD = Export("gexf", "Graph (GEXF: Gephi)", ".gexf", "application/gexf+xml", write)
