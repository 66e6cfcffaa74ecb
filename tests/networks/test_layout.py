from __future__ import annotations

import networkx as nx
import numpy as np

from grn_core.networks import build_graph, layout
from grn_core.networks.layout import TARGET_LABEL
from tests.networks.toy import toy_edges


def two_stars(n_leaves: int = 12) -> nx.DiGraph:
    graph = nx.DiGraph()
    for hub, size in (("P", n_leaves), ("Q", n_leaves // 2)):
        graph.add_node(hub, is_tf=True)
        graph.add_edges_from((hub, f"{hub}{leaf}") for leaf in range(size))
    return graph


def test_every_gene_has_a_place_of_its_own():
    graph = two_stars()
    places = layout(graph)
    assert set(places) == set(graph.nodes)
    points = np.array(list(places.values()))
    assert np.isfinite(points).all()
    apart = np.abs(points[:, None] - points[None]) - TARGET_LABEL
    overlap = (apart < -0.1).all(axis=2)
    np.fill_diagonal(overlap, val=False)
    assert not overlap.any()


def test_same_seed_same_places_whatever_the_order_of_nodes_and_edges():
    graph = build_graph(toy_edges())
    turned = nx.DiGraph()
    turned.add_nodes_from(reversed(list(graph.nodes(data=True))))
    turned.add_edges_from(reversed(list(graph.edges)))
    assert layout(graph, seed=3) == layout(graph, seed=3) == layout(turned, seed=3)
    assert layout(graph, seed=3) != layout(graph, seed=4)


def test_components_do_not_overlap_and_the_whole_is_centred():
    places = layout(two_stars())
    boxes = []
    for hub in "PQ":
        points = np.array([place for gene, place in places.items() if gene.startswith(hub)])
        boxes.append((points.min(axis=0), points.max(axis=0)))
    (low, high), (other_low, other_high) = boxes
    assert ((high < other_low) | (other_high < low)).any()
    points = np.array(list(places.values()))
    np.testing.assert_allclose(points.min(axis=0) + points.max(axis=0), 0, atol=1e-9)


def test_degenerate_graphs():
    assert layout(nx.DiGraph()) == {}
    lonely = nx.DiGraph()
    lonely.add_node("A")
    assert layout(lonely) == {"A": (0.0, 0.0)}
    loop = nx.DiGraph([("A", "A"), ("A", "B"), ("B", "A")])
    assert set(layout(loop)) == {"A", "B"}
