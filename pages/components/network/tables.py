"""The tables of the Network page, on demand: the genes of the drawing, and every edge of the run, searched."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from grn_core import networks
from pages.components.network.panel import pick_row
from pages.components.network.parts import PICKED, then
from pages.components.network.told import Picked
from pages.components.runs.edge_rows import COLUMNS, edge_rows
from pages.components.shared.messages import errors_shown, plain
from pages.components.shared.tables import show_table

if TYPE_CHECKING:
    import networkx as nx

    from pages.components.runs.view import RunView

HEIGHT = 420
ROWS = 500
"""Edges that are sent to the browser at once; the search goes over all of them."""


def genes_table(graph: nx.DiGraph[str]) -> None:
    """Show the table of every drawn gene."""
    table = networks.node_table(graph)
    directed = bool(graph.graph.get("directed", True))
    out, into = ("Targets", "Regulators") if directed else ("As TF", "As target")
    genes = [Picked(gene=gene) for gene in table["gene"]]
    rank = "High where much influence ends, following the arrows."
    if not directed:
        rank = "High for a gene with many strong partners: edges have no direction here."
    show_table(
        table,
        key="genes_table",
        hide_index=True,
        height=HEIGHT,
        alt="The genes of the drawing",
        column_order=["gene", "role", "out_degree", "in_degree", "pagerank", "betweenness"],
        column_config={
            "gene": "Gene",
            "role": "Role",
            "out_degree": st.column_config.NumberColumn(out, help="Drawn edges in which the gene is the TF."),
            "in_degree": st.column_config.NumberColumn(into, help="Drawn edges in which the gene is the target."),
            "pagerank": st.column_config.NumberColumn("PageRank", format="%.4f", help=rank),
            "betweenness": st.column_config.NumberColumn(
                "Betweenness", format="%.4f", help="Share of shortest paths that pass through."
            ),
        },
        on_select=lambda: then(PICKED, pick_row, "genes_table", genes),
        selection_mode="single-row",
    )


def edges_table(run: RunView, edges: pd.DataFrame) -> None:
    """Show the best edges of the whole run that a search finds."""
    search = st.text_input("Search TFs and targets", placeholder="Part of a name", key="search_edges").strip()
    found = networks.find_edges(edges, search)
    shown = found.head(ROWS)
    rows = [Picked(edge=(str(row.source), str(row.target))) for row in shown.itertuples()]
    show_table(
        edge_rows(run, shown),
        key="edges_table",
        hide_index=True,
        height=HEIGHT,
        alt="Edges of the run, best first",
        column_config=COLUMNS,
        on_select=lambda: then(PICKED, pick_row, "edges_table", rows),
        selection_mode="single-row",
    )
    where = f" with {plain(search)} in a name" if search else ""
    st.caption(f"The {len(shown):,} best of {len(found):,} edges{where}. Select a row to see the evidence of the edge.")


@st.fragment
@errors_shown()
def tables(run: RunView, graph: nx.DiGraph[str], edges: pd.DataFrame) -> None:
    """Show the tables below the drawing."""
    which = st.segmented_control(
        "Table", ["Genes drawn", "All edges"], default="Genes drawn", key="which_table", required=True, wrap=True
    )
    if which == "All edges":
        edges_table(run, edges)
    else:
        genes_table(graph)
