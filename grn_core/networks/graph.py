"""Build the signed graph of a run's strongest edges, from TFs to targets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pandas as pd

from grn_core.errors import DataError
from grn_core.networks.edge_table import is_directed
from grn_core.networks.selection import Selection, select_edges, sign_words

if TYPE_CHECKING:
    import networkx as nx


def build_graph(
    edges: pd.DataFrame,
    *,
    min_probability: float | None = None,
    min_percentile: float | None = None,
    min_precision: float | None = None,
    top_k_per_source: int | None = None,
    sources: Iterable[str] | None = None,
    targets: Iterable[str] | None = None,
    among: Iterable[str] | None = None,
    sign: int | None = None,
    also: Iterable[str] = (),
    pairs: Iterable[tuple[str, str]] = (),
    max_edges: int = 300,
    directed: bool | None = None,
) -> nx.DiGraph[str]:
    """Build the graph of the edges that pass the filters of `select_edges`.

    Parameters
    ----------
    edges
        Table of edges (source TF, target gene, score, sign, ...; probability where there is one).
    min_probability, min_percentile, min_precision, top_k_per_source, sources, targets, among, sign, also,
    pairs, max_edges
        See `grn_core.networks.selection.select_edges`.
    directed
        Whether the edges have a direction; as the table says if None, see `grn_core.networks.edge_table.is_directed`.

    Returns
    -------
    networkx.DiGraph
        Nodes in alphabetical order with ``is_tf`` (the gene is a source anywhere in `edges`, shown or not). Edges from
        source to target with every further column of the table and ``interaction`` (a word of `sign_words`).
        ``graph.graph["selection"]`` is the `Selection`: what is shown, and what was left out.
        ``graph.graph["directed"]`` says whether the edges have a direction: the graph of a symmetric method, too, leads
        from TFs to genes.
    """
    selection = select_edges(
        edges,
        min_probability=min_probability,
        min_percentile=min_percentile,
        min_precision=min_precision,
        top_k_per_source=top_k_per_source,
        sources=sources,
        targets=targets,
        among=among,
        sign=sign,
        also=also,
        pairs=pairs,
        max_edges=max_edges,
    )
    chosen = selection.edges
    if chosen.duplicated(["source", "target"]).any():
        message = "the table of edges names the same source and target twice"
        raise DataError(message, needed="one row per pair", todo="drop the duplicates")
    tfs = set(edges["source"].unique())
    directed = is_directed(edges) if directed is None else directed
    words = sign_words(directed=directed)
    import networkx as nx

    graph: nx.DiGraph[str] = nx.DiGraph(selection=selection, directed=directed)
    for gene in sorted(set(chosen["source"]) | set(chosen["target"])):
        graph.add_node(gene, is_tf=gene in tfs)
    for record in chosen.to_dict("records"):
        row = {str(name): value for name, value in record.items()}
        source, target, sign = row.pop("source"), row.pop("target"), int(row.pop("sign"))
        graph.add_edge(source, target, sign=sign, interaction=words[sign], **row)
    return graph


def graph_edges(graph: nx.DiGraph[str]) -> pd.DataFrame:
    """Return the table of the edges that `graph` shows, best first."""
    selection: Selection = graph.graph["selection"]
    return selection.edges
