"""Groups of genes that are tied to each other more than to the rest of a network."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from grn_core.networks.graph import graph_edges
from grn_core.networks.selection import shares

if TYPE_CHECKING:
    import networkx as nx


def communities(graph: nx.DiGraph[str], *, seed: int = 0) -> dict[str, int]:
    """Find the communities of the shown network: the Leiden algorithm on modularity (Traag et al. 2019), in igraph.

    Directions and signs do not matter; an edge weighs as much as `grn_core.networks.selection.shares` says. Genes and
    edges are put in alphabetical order before, so that neither order changes the result.

    Parameters
    ----------
    graph
        Graph of `grn_core.networks.build_graph`.
    seed
        Of the algorithm's draws.

    Returns
    -------
    dict
        Gene to the number of its community; 0 is the largest, of equal ones that of the first gene by name.
    """
    import igraph

    genes = sorted(graph.nodes)
    index = {gene: place for place, gene in enumerate(genes)}
    shown = graph_edges(graph)
    weights: dict[tuple[int, int], float] = {}
    for source, target, share in zip(shown["source"], shown["target"], shares(shown), strict=True):
        pair = (min(index[source], index[target]), max(index[source], index[target]))
        weights[pair] = weights.get(pair, 0.0) + max(float(share), 1e-3)
    pairs = sorted(weights)
    drawn = igraph.Graph(n=len(genes), edges=pairs)
    igraph.set_random_number_generator(random.Random(seed))
    try:
        found = drawn.community_leiden(
            objective_function="modularity", weights=[weights[pair] for pair in pairs], n_iterations=-1
        )
    finally:
        igraph.set_random_number_generator(random)
    groups = sorted((sorted(genes[place] for place in part) for part in found), key=lambda part: (-len(part), part[0]))
    return {gene: place for place, part in enumerate(groups) for gene in part}
