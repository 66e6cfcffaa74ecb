"""The best edges of a whole run, shown or not: how many targets a TF has among them, and how two genes are joined."""

from __future__ import annotations

from itertools import islice, pairwise
from typing import TYPE_CHECKING

import pandas as pd

from grn_core.networks.edge_table import expected_precision, is_directed

if TYPE_CHECKING:
    import networkx as nx

SHARE = 0.05
"""Share of a run's edges that count as its best where no cut is set."""

MOST_PATHS = 5
MOST_COMPARED = 2000
"""Equally short paths among which the strongest are looked for."""


def best_edges(edges: pd.DataFrame, *, cut: str = "", least: float | None = None) -> pd.DataFrame:
    """Return the edges of a whole run that pass a cut; without one the best `SHARE` of them.

    Parameters
    ----------
    edges
        Ranked edges of a whole run, see `grn_core.networks.edge_table`.
    cut
        What is cut by: ``min_probability``, ``min_percentile`` or ``min_precision``, see
        `grn_core.networks.selection.select_edges`.
    least
        The smallest value; None and 0 are no cut.
    """
    if not least:
        last = max(round(SHARE * len(edges)), 1)
    elif cut == "min_precision":
        last = int((expected_precision(edges.sort_values("rank")) >= least).sum())
    else:
        last = int((edges[cut.removeprefix("min_")] >= least).sum())
    return edges[edges["rank"] <= last]


def out_degrees(best: pd.DataFrame) -> dict[str, int]:
    """Return how many targets each TF has among a run's best edges."""
    return {str(gene): int(n) for gene, n in best["source"].value_counts().items()}


def shortest_paths(best: pd.DataFrame, start: str, end: str) -> list[list[str]]:
    """Return the shortest chains of edges from one gene to another, the strongest first.

    Parameters
    ----------
    best
        Edges that may be walked, of `best_edges`: along their direction, or both ways where they have none.
    start, end
        Names of two genes.

    Returns
    -------
    list
        At most `MOST_PATHS` lists of genes from `start` to `end`, all of the fewest edges; that comes first whose
        weakest edge ranks best, then by name. Empty where there is no way.
    """
    import networkx as nx

    graph: nx.DiGraph[str] = nx.DiGraph()
    ends = sorted(zip(best["rank"], best["source"], best["target"], strict=True), reverse=True)
    for rank, source, target in ends:  # the better rank is written last
        graph.add_edge(source, target, rank=int(rank))
    if not is_directed(best):
        for rank, source, target in ends:
            known = graph.get_edge_data(target, source, {"rank": int(rank)})["rank"]
            graph.add_edge(target, source, rank=min(known, int(rank)))
    if start == end or start not in graph or end not in graph or not nx.has_path(graph, start, end):
        return []

    def weakest(path: list[str]) -> int:
        return max(int(graph.edges[step]["rank"]) for step in pairwise(path))

    every = islice(nx.all_shortest_paths(graph, start, end), MOST_COMPARED)
    return sorted(every, key=lambda path: (weakest(path), path))[:MOST_PATHS]
