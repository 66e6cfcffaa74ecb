"""The best edges of a run, and the shortest ways along them."""

from __future__ import annotations

from itertools import pairwise

import networkx as nx
import pandas as pd
import pytest

from grn_core.networks import best_edges, out_degrees, shortest_paths
from grn_core.networks.edge_table import DIRECTED
from tests.networks.test_arrangements import some_edges
from tests.networks.toy import toy_edges


def chain(*pairs: str) -> pd.DataFrame:
    table = pd.DataFrame([tuple(pair) for pair in pairs], columns=["source", "target"])
    return table.assign(rank=range(1, len(table) + 1))


@pytest.mark.parametrize(
    ("cut", "least", "n_edges"),
    [
        ("min_probability", 0.65, 3),
        ("min_probability", None, 1),
        ("min_precision", 0.75, 4),
        ("min_precision", 0.0, 1),
        ("", None, 1),
    ],
)
def test_the_best_edges_pass_the_cut_or_are_a_twentieth(cut, least, n_edges):
    found = best_edges(toy_edges(), cut=cut, least=least)
    assert found["rank"].tolist() == list(range(1, n_edges + 1))
    assert sum(out_degrees(found).values()) == n_edges


def test_every_path_is_one_of_the_shortest_and_the_strongest_stands_first():
    best = chain("AB", "BD", "AC", "CD", "DE", "AX")
    assert shortest_paths(best, "A", "D") == [["A", "B", "D"], ["A", "C", "D"]]
    assert shortest_paths(best, "A", "E") == [["A", "B", "D", "E"], ["A", "C", "D", "E"]]
    assert shortest_paths(best, "E", "A") == []
    assert shortest_paths(best, "A", "A") == []
    assert shortest_paths(best, "A", "nobody") == []


def test_without_a_direction_edges_are_walked_both_ways():
    best = chain("AB", "CB")
    assert shortest_paths(best, "A", "C") == []
    best.attrs[DIRECTED] = False
    assert shortest_paths(best, "A", "C") == [["A", "B", "C"]]


def test_paths_are_as_long_as_networkx_says():
    edges = some_edges(n_genes=20)
    edges.loc[::3, "target"] = "T" + (edges.index[::3] % 6).astype(str)
    best = best_edges(edges[edges["source"] != edges["target"]].drop_duplicates(["source", "target"]))
    graph = nx.DiGraph(list(zip(best["source"], best["target"], strict=True)))
    for start in graph:
        for end in graph:
            found = shortest_paths(best, start, end)
            assert bool(found) == (start != end and nx.has_path(graph, start, end))
            for path in found:
                assert len(path) - 1 == nx.shortest_path_length(graph, start, end)
                assert all(graph.has_edge(*step) for step in pairwise(path))
