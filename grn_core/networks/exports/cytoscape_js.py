"""The JSON of Cytoscape and Cytoscape.js."""

from __future__ import annotations

import json

import networkx as nx

from grn_core.networks.exports.records import Export, Network


def write(network: Network) -> bytes:
    """Write elements as Cytoscape reads them: ``id``, ``name``, attributes, and the positions of the drawing."""
    content = nx.cytoscape_data(network.graph)
    for node in content["elements"]["nodes"]:
        data = node["data"]
        data["name"] = data["value"]
        if network.positions is not None:  # on a screen y points down
            node["position"] = {"x": 100 * data["x"], "y": -100 * data["y"]}
    return json.dumps(content, ensure_ascii=False, indent=1).encode("utf-8")


RECORD = Export("cyjs", "Graph (Cytoscape JSON)", ".cyjs", "application/json", write)
