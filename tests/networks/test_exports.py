from __future__ import annotations

import io

import networkx as nx
import numpy as np
import pandas as pd

from grn_core.networks import adjacency_tsv, build_graph, graph_edges, graphml, layout, table_tsv
from tests.networks.toy import scored_edges, toy_edges


def test_adjacencies_as_pyscenic_reads_them():
    text = adjacency_tsv(graph_edges(build_graph(toy_edges(), max_edges=2))).decode()
    assert text == "TF\ttarget\timportance\nA\tx\t0.9\nA\ty\t0.8\n"


def test_table_keeps_every_column_and_comes_back():
    edges = toy_edges().astype({"probability": np.float32})
    back = pd.read_csv(io.BytesIO(table_tsv(edges)), sep="\t")
    assert list(back.columns) == list(edges.columns)
    np.testing.assert_allclose(back["probability"], edges["probability"], rtol=1e-5)


def test_graphml_comes_back_with_attributes_and_positions():
    graph = build_graph(toy_edges().astype({"probability": np.float32, "sign": np.int8}))
    places = layout(graph)
    back = nx.read_graphml(io.BytesIO(graphml(graph, positions=places)))
    assert set(back.edges) == set(graph.edges)
    assert back.is_directed()
    assert back.edges["A", "y"]["interaction"] == "repression"
    assert back.edges["A", "y"]["sign"] == -1
    assert back.nodes["A"]["is_tf"] is True
    assert back.nodes["A"]["x"] == places["A"][0]
    assert graphml(graph) == graphml(graph)
    assert "x" not in nx.read_graphml(io.BytesIO(graphml(graph))).nodes["A"]


def test_names_that_would_break_xml():
    edges = toy_edges().replace({"source": {"A": "A<&\x00>"}, "target": {"A": "A<&\x00>"}})
    back = nx.read_graphml(io.BytesIO(graphml(build_graph(edges))))
    assert ("A<&>", "x") in back.edges


def test_without_probability_the_score_is_the_importance():
    text = adjacency_tsv(scored_edges().head(2)).decode()
    assert text == "TF\ttarget\timportance\nA\tx\t0.9\nA\ty\t0.8\n"
