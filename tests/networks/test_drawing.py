"""The data of a drawing: plain, complete, and with heads where edges have a direction or a sign."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd

from grn_core import networks
from grn_core.networks import build_graph, layout
from tests.networks.toy import scored_edges, toy_edges


def test_network_data_is_plain_and_complete():
    edges = pd.concat([toy_edges(), toy_edges().iloc[[3]].assign(source="A", target="B")])
    graph = build_graph(edges.astype({"probability": np.float32}))
    data = networks.network_data(graph, layout(graph))
    assert json.loads(json.dumps(data)) == data
    nodes = {node["id"]: node for node in data["nodes"]}
    assert (nodes["A"]["shape"], nodes["x"]["shape"]) == ("square", "dot")
    assert nodes["x"]["title"] == "x: 2 regulators shown"
    arrows = {(edge["from"], edge["to"]): edge for edge in data["edges"]}
    assert arrows["A", "x"]["arrows"]["to"]["type"] == "arrow"
    assert arrows["A", "y"]["arrows"]["to"]["type"] == "bar"
    assert arrows["A", "x"]["width"] > arrows["B", "z"]["width"]
    assert arrows["A", "B"]["both"]
    assert not arrows["A", "x"]["both"]


def test_network_data_of_edges_without_probability_or_sign():
    graph = build_graph(scored_edges(signed=False))
    edges = {(edge["from"], edge["to"]): edge for edge in networks.network_data(graph, layout(graph))["edges"]}
    assert edges["A", "x"]["title"] == "A → x: score 0.9"
    assert {edge["arrows"]["to"]["type"] for edge in edges.values()} == {"arrow"}
    assert edges["A", "x"]["width"] == 3.5  # the highest score that is shown
    assert edges["A", "x"]["width"] > edges["B", "z"]["width"] > 0.5


def test_edges_of_a_symmetric_method_have_no_head_and_are_drawn_once():
    edges = pd.concat([scored_edges(), pd.DataFrame([{"source": "A", "target": "B", "score": 0.6, "sign": -1}])])
    graph = build_graph(edges, directed=False)
    data = networks.network_data(graph, layout(graph))
    assert len(data["edges"]) == graph.size() - 1 == 7  # A - B stands in the table in both orders
    assert " 7 undirected edges: " in networks.description(graph)
    assert not any(edge["arrows"]["to"]["enabled"] or edge["both"] for edge in data["edges"])
    assert {edge["sign"]: edge["dashes"] for edge in data["edges"]} == {1: False, -1: True}
    assert all("\u2013" in edge["title"] and "\u2192" not in edge["title"] for edge in data["edges"])
    assert data["nodes"][0]["title"] == "A: 4 partners shown"


def test_edges_without_a_sign_among_others_do_not_look_like_activation():
    edges = toy_edges().assign(sign=[1, 0, -1, 0, 1, 1, 1])
    graph = build_graph(edges)
    drawn = networks.network_data(graph, layout(graph))["edges"]
    heads = {(edge["from"], edge["to"]): edge["arrows"]["to"]["type"] for edge in drawn}
    assert heads["A", "x"] == "arrow"
    assert heads["A", "y"] == "circle"
    assert heads["B", "x"] == "bar"
    titles = {(edge["from"], edge["to"]): edge["title"] for edge in drawn}
    assert titles["A", "y"].startswith("A \u2192 y: no sign")
