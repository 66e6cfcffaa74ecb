"""Laws of the places: the same graph is always laid out alike, and what is filtered moves nothing."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from grn_core.networks import ARRANGEMENTS, build_graph, communities, layout


def some_edges(*, n_tfs: int = 6, n_genes: int = 40, seed: int = 0) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    rows = [
        (f"T{tf}", f"G{gene:02d}", generator.normal() + 3 * (gene % n_tfs == tf))
        for tf in range(n_tfs)
        for gene in range(n_genes)
    ]
    table = pd.DataFrame(rows, columns=["source", "target", "score"]).sort_values("score", ascending=False)
    return table.assign(sign=1, rank=range(1, len(table) + 1)).reset_index(drop=True)


def turned(graph: nx.DiGraph) -> nx.DiGraph:
    other = nx.DiGraph(**graph.graph)
    other.add_nodes_from(reversed(list(graph.nodes(data=True))))
    other.add_edges_from(reversed(list(graph.edges(data=True))))
    return other


@pytest.mark.parametrize("name", ARRANGEMENTS)
def test_the_same_graph_has_the_same_places_whatever_the_order_of_its_genes_and_edges(name):
    graph = build_graph(some_edges(), max_edges=60)
    place = ARRANGEMENTS[name].place
    first = place(graph, aspect=1.8)
    assert first == place(graph, aspect=1.8) == place(turned(graph), aspect=1.8)
    points = np.array([first[gene] for gene in graph])
    assert np.isfinite(points).all()
    assert len(np.unique(points.round(6), axis=0)) == len(graph)
    np.testing.assert_allclose(points.min(axis=0) + points.max(axis=0), 0, atol=1e-9)


@pytest.mark.parametrize("name", ARRANGEMENTS)
def test_graphs_without_much_in_them_are_laid_out_too(name):
    edges = some_edges()
    assert len(ARRANGEMENTS[name].place(build_graph(edges, max_edges=1))) == 2
    assert ARRANGEMENTS[name].place(build_graph(edges, sources=[])) == {}


def test_tfs_stand_above_the_genes_that_they_act_on():
    graph = build_graph(some_edges(), max_edges=60)
    places = ARRANGEMENTS["layered"].place(graph)
    tfs = [places[gene][1] for gene in graph if graph.nodes[gene]["is_tf"]]
    assert min(tfs) > max(places[gene][1] for gene in graph if not graph.nodes[gene]["is_tf"])


def test_communities_are_numbered_by_size_and_no_order_changes_them():
    graph = build_graph(some_edges(), max_edges=60)
    found = communities(graph)
    assert found == communities(turned(graph)) == communities(graph)
    sizes = pd.Series(found).value_counts().sort_index()
    assert set(found) == set(graph)
    assert sizes.index.tolist() == list(range(len(sizes)))
    assert sizes.is_monotonic_decreasing
    together = pd.Series({gene: found[gene] for gene in found if gene.startswith("G")})
    own = pd.Series({gene: found[f"T{int(gene[1:]) % 6}"] for gene in together.index})
    assert (together == own).mean() > 0.8


def test_what_is_filtered_away_or_brought_in_moves_nothing():
    edges = some_edges()
    whole = build_graph(edges, max_edges=60)
    anchors = layout(whole)
    for chosen in (build_graph(edges, max_edges=30), build_graph(edges, max_edges=75)):
        places = layout(chosen, anchors=anchors)
        kept = set(chosen) & set(whole)
        assert len(kept) >= 0.6 * len(chosen)
        assert {gene: places[gene] for gene in kept} == {gene: anchors[gene] for gene in kept}
        points = np.array([places[gene] for gene in sorted(chosen)])
        apart = np.linalg.norm(points[:, None] - points[None], axis=-1) + np.eye(len(points))
        assert apart.min() > 0.1


def test_where_most_genes_are_new_they_are_laid_out_anew():
    edges = some_edges()
    chosen = build_graph(edges, max_edges=60)
    few = {gene: (0.0, float(place)) for place, gene in enumerate(sorted(chosen)[:5])}
    assert layout(chosen, anchors=few) == layout(chosen)
