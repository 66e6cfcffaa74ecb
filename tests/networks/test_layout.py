from __future__ import annotations

import sys

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from grn_core.networks import ARRANGEMENTS, build_graph, layout
from grn_core.networks.clear import MARGIN, TARGET_CLEAR, TF_CLEAR, off_lines
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


def some_graph(seed: int) -> nx.DiGraph:
    """Return up to 12 genes, a third of them TFs, and about as many edges as genes."""
    generator = np.random.default_rng(seed)
    n_genes = int(generator.integers(3, 13))
    n_tfs = max(1, n_genes // 3)
    graph = nx.DiGraph()
    for gene in range(n_genes):
        graph.add_node(f"G{gene:02d}", is_tf=gene < n_tfs)
    ends = generator.integers([n_tfs, n_genes], size=(int(generator.integers(2, n_genes + 6)), 2))
    graph.add_edges_from((f"G{a:02d}", f"G{b:02d}") for a, b in ends)
    return graph


def on_foreign_lines(graph: nx.DiGraph, places: dict[str, tuple[float, float]]) -> list[tuple[str, str, str]]:
    found = []
    for a, b in graph.edges:
        start, along = np.array(places[a]), np.subtract(places[b], places[a])
        for gene in set(graph) - {a, b}:
            least = TF_CLEAR if graph.nodes[gene].get("is_tf") else TARGET_CLEAR
            share = np.clip((places[gene] - start) @ along / max(along @ along, 1e-12), 0, 1)
            if np.linalg.norm(places[gene] - start - share * along) < least - 1e-9:
                found.append((a, gene, b))
    return found


@pytest.mark.parametrize("seed", range(100))
def test_no_gene_lies_on_the_line_of_others(seed):
    graph = some_graph(seed)
    places = layout(graph, aspect=1.9)
    assert on_foreign_lines(graph, places) == []
    more = some_graph(seed)
    more.add_edge("G00", "new")
    beside = layout(more, anchors=places)
    assert [found for found in on_foreign_lines(more, beside) if "new" in found] == []
    assert {gene: beside[gene] for gene in graph} == places


@pytest.mark.parametrize("seed", range(20))
def test_a_drawing_stays_as_large_as_it_is_where_genes_leave_the_lines_of_others(monkeypatch, seed):
    """Else all of it is drawn smaller."""
    generator = np.random.default_rng(seed)
    pairs = generator.integers([0, 5], [5, 45], size=(60, 2))
    graph = nx.DiGraph((f"G{a:02d}", f"G{b:02d}") for a, b in pairs)
    nx.set_node_attributes(graph, {gene: gene < "G05" for gene in graph}, "is_tf")
    graph = graph.subgraph(max(nx.weakly_connected_components(graph), key=len))
    cleared = layout(graph, aspect=1.9)
    monkeypatch.setattr(sys.modules[layout.__module__], "off_lines", lambda points, *_, **__: points)
    before = layout(graph, aspect=1.9)
    wide, high = (np.ptp(np.array([list(one.values()) for one in (cleared, before)]), axis=1)).T
    assert wide[0] <= wide[1] + 2 * MARGIN + 1e-9
    assert high[0] <= high[1] + 2 * MARGIN + 1e-9
    assert len(on_foreign_lines(graph, cleared)) < 0.7 * len(on_foreign_lines(graph, before))


@pytest.mark.parametrize("name", ARRANGEMENTS)
def test_no_arrangement_draws_a_line_through_a_third_gene(name):
    pairs = [
        ("E2f8", "E2f4"),
        ("E2f4", "Ccna2"),
        ("E2f8", "E2f1"),
        ("E2f4", "Mcm2"),
        ("E2f1", "Mcm2"),
        ("E2f4", "E2f1"),
    ]
    edges = pd.DataFrame(pairs, columns=["source", "target"])
    graph = build_graph(edges.assign(score=range(6, 0, -1), sign=1, rank=range(1, 7)))
    assert on_foreign_lines(graph, ARRANGEMENTS[name].place(graph, aspect=1.9)) == []


def test_large_drawings_are_left_as_they_are():
    points = np.zeros((1000, 2))
    points[:, 0] = range(1000)
    pairs = [(0, other) for other in range(1, 1000)]
    assert off_lines(points, pairs, clear=np.full(1000, 0.1), labels=np.full((1000, 2), 0.1)) is points
