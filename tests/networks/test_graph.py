from __future__ import annotations

import pandas as pd
import pytest

from grn_core.errors import DataError
from grn_core.networks import build_graph, graph_edges
from tests.networks.toy import scored_edges, toy_edges


def test_nodes_edges_and_attributes():
    graph = build_graph(toy_edges(), max_edges=4)
    assert list(graph.nodes) == ["A", "B", "x", "y"]
    assert dict(graph.nodes(data="is_tf")) == {"A": True, "B": True, "x": False, "y": False}
    assert set(graph.edges) == {("A", "x"), ("A", "y"), ("B", "x"), ("B", "A")}
    assert graph.edges["A", "y"] == {
        "score": 3.0,
        "probability": 0.8,
        "sign": -1,
        "uncertainty": 0.02,
        "rank": 2,
        "interaction": "repression",
    }
    assert graph.graph["selection"].n_total == 7
    assert len(graph_edges(graph)) == 4


def test_a_source_that_is_shown_only_as_a_target_is_still_a_tf():
    graph = build_graph(toy_edges(), targets=["A"])
    assert graph.nodes["A"]["is_tf"]


def test_no_edge_gives_an_empty_graph():
    graph = build_graph(toy_edges(), min_probability=1)
    assert (len(graph), graph.size()) == (0, 0)


def test_the_same_pair_twice_is_refused():
    with pytest.raises(DataError, match="twice"):
        build_graph(pd.concat([toy_edges(), toy_edges().iloc[:1]]))


def test_edges_without_sign_say_so():
    graph = build_graph(scored_edges(signed=False))
    assert {word for *_, word in graph.edges(data="interaction")} == {"no sign"}
    assert set(scored_edges()) - {"source", "target"} <= set(graph.edges["A", "x"])
