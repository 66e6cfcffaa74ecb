from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

from grn_core.networks import build_graph, neighbourhood, node_table
from tests.networks.toy import scored_edges, toy_edges


def test_degrees_and_order_by_hand():
    table = node_table(build_graph(toy_edges()))
    assert table[["gene", "role", "out_degree", "in_degree"]].to_numpy().tolist() == [
        ["A", "TF", 3, 1],
        ["B", "TF", 3, 0],
        ["C", "TF", 1, 0],
        ["x", "target", 0, 2],
        ["y", "target", 0, 2],
        ["z", "target", 0, 2],
    ]


def test_centrality_equals_networkx():
    graph = build_graph(toy_edges())
    table = node_table(graph).set_index("gene")
    pagerank = nx.pagerank(graph, weight="probability", tol=1e-12, max_iter=1000)
    betweenness = nx.betweenness_centrality(graph)
    for gene in graph:
        assert table.loc[gene, "pagerank"] == pytest.approx(pagerank[gene], abs=1e-9)
        assert table.loc[gene, "betweenness"] == pytest.approx(betweenness[gene], abs=1e-12)
    assert table.loc["A", "betweenness"] > 0


def test_order_of_rows_changes_nothing():
    edges = toy_edges()
    one, other = (node_table(build_graph(table)) for table in (edges, edges.iloc[::-1]))
    assert one[["gene", "role"]].equals(other[["gene", "role"]])
    np.testing.assert_allclose(one["pagerank"], other["pagerank"], rtol=1e-12)


def test_neighbourhood():
    table = neighbourhood(build_graph(toy_edges()), "A")
    assert table[["relation", "other", "interaction"]].to_numpy().tolist() == [
        ["target", "x", "activation"],
        ["target", "y", "repression"],
        ["target", "z", "activation"],
        ["regulator", "B", "repression"],
    ]
    assert table.loc[3, ["source", "target"]].tolist() == ["B", "A"]


def test_empty_graph():
    graph = build_graph(toy_edges(), min_probability=1)
    assert node_table(graph).empty


def test_edges_without_probability_count_by_their_score():
    graph = build_graph(scored_edges())
    pagerank = nx.pagerank(graph, weight="score", tol=1e-12, max_iter=1000)
    table = node_table(graph).set_index("gene")
    assert table.loc["x", "pagerank"] == pytest.approx(pagerank["x"], abs=1e-9)
    near = neighbourhood(graph, "A")
    assert list(near) == ["source", "target", "relation", "other", "score", "interaction"]
    assert near[near["relation"] == "target"]["other"].tolist() == ["x", "y", "z"]


def test_a_symmetric_method_is_read_both_ways():
    graph = build_graph(scored_edges(), directed=False)
    graph.add_edge("A", "B", **graph.edges["B", "A"])  # the same pair in the other order counts once
    table = node_table(graph).set_index("gene")
    plain = nx.Graph([(a, b, {"score": data["score"]}) for a, b, data in graph.edges(data=True)])
    pagerank = nx.pagerank(plain, weight="score", tol=1e-12, max_iter=1000)
    betweenness = nx.betweenness_centrality(plain)
    for gene in plain:
        assert table.loc[gene, "pagerank"] == pytest.approx(pagerank[gene], abs=1e-9)
        assert table.loc[gene, "betweenness"] == pytest.approx(betweenness[gene], abs=1e-12)
