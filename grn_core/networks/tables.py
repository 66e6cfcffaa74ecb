"""Tables about the genes of a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from grn_core.networks.graph import graph_edges
from grn_core.networks.selection import shares, sign_words, strength_column

if TYPE_CHECKING:
    import networkx as nx


def node_table(graph: nx.DiGraph[str]) -> pd.DataFrame:
    """Count and rank the genes of the shown network.

    Parameters
    ----------
    graph
        Graph of `build_graph`.

    Returns
    -------
    pandas.DataFrame
        One row per gene: ``gene``, ``role`` (TF or target), ``out_degree`` (targets), ``in_degree`` (regulators),
        ``pagerank`` (weighted by `grn_core.networks.selection.shares`, along the arrows: high for a gene on which much
        influence ends; sums to 1) and ``betweenness`` (share of the shortest paths along the arrows between two other
        genes that pass through this one, 0 to 1). Where the edges have no direction, both take every edge both ways,
        and a pair that is named in both orders once. Sorted by out-degree, then in-degree, then name.
    """
    import igraph

    genes = sorted(graph.nodes)
    index = {gene: place for place, gene in enumerate(genes)}
    shown = graph_edges(graph)
    ends = zip(shown["source"], shown["target"], strict=True)
    directed = graph.graph.get("directed", True)
    weights: dict[tuple[int, int], float] = {}
    for (a, b), weight in zip(ends, shares(shown), strict=True):
        pair = (index[a], index[b]) if directed or index[a] < index[b] else (index[b], index[a])
        weights[pair] = max(float(weight), weights.get(pair, 0.0))
    arcs = sorted(weights)
    counted = igraph.Graph(n=len(genes), edges=arcs, directed=directed)
    pairs = max((len(genes) - 1) * (len(genes) - 2) / (1 if directed else 2), 1)
    table = pd.DataFrame(
        {
            "gene": genes,
            "role": ["TF" if graph.nodes[gene]["is_tf"] else "target" for gene in genes],
            "out_degree": [graph.out_degree(gene) for gene in genes],
            "in_degree": [graph.in_degree(gene) for gene in genes],
            "pagerank": counted.pagerank(weights=[weights[arc] for arc in arcs], damping=0.85) if genes else [],
            "betweenness": [value / pairs for value in counted.betweenness()],
        }
    )
    order = ["out_degree", "in_degree", "gene"]
    return table.sort_values(order, ascending=[False, False, True]).reset_index(drop=True)


def neighbourhood(graph: nx.DiGraph[str], gene: str) -> pd.DataFrame:
    """List the shown edges that start or end at `gene`, its targets first, the strongest of each group first.

    Returns
    -------
    pandas.DataFrame
        ``source``, ``target``, ``relation`` (``"target"`` or ``"regulator"``: what the other gene is to `gene`),
        ``other`` (the other gene), ``probability`` (``score`` where there is none), ``interaction`` (a word of
        `grn_core.networks.selection.sign_words`).
    """
    words = sign_words(directed=graph.graph.get("directed", True))
    strength = strength_column(graph_edges(graph))
    found = [("target", gene, other) for other in graph.successors(gene)]
    found += [("regulator", other, gene) for other in graph.predecessors(gene)]
    rows = [
        {
            "source": source,
            "target": target,
            "relation": relation,
            "other": target if relation == "target" else source,
            strength: graph.edges[source, target][strength],
            "interaction": words[graph.edges[source, target]["sign"]],
        }
        for relation, source, target in found
    ]
    columns = ["source", "target", "relation", "other", strength, "interaction"]
    table = pd.DataFrame(rows, columns=columns)
    order = ["relation", strength, "other"]
    return table.sort_values(order, ascending=[False, False, True]).reset_index(drop=True)


def find_edges(edges: pd.DataFrame, text: str) -> pd.DataFrame:
    """Return the edges that have a text in the name of an end, in whatever case; all of them for an empty text.

    Each gene's name is looked at once, not that of every edge.
    """
    if not text:
        return edges
    found: dict[str, set[str]] = {}
    for end in ("source", "target"):
        names = pd.Series(edges[end].unique(), dtype=str)
        found[end] = set(names[names.str.contains(text, case=False, regex=False)])
    return edges[edges["source"].isin(found["source"]) | edges["target"].isin(found["target"])]
