"""What stands beside the network: what is known of the picked gene or edge."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from grn_core import networks
from pages.components.network.edge_evidence import edge_evidence
from pages.components.network.told import Picked
from pages.components.runs.absent_genes import gene_of
from pages.components.shared.links import TARGETS, WHAT_IF
from pages.components.shared.messages import plain
from pages.components.shared.session import query, remember, session, url_list
from pages.components.shared.tables import show_table

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

    from pages.components.runs.view import RunView

PROBABILITY = st.column_config.NumberColumn("Probability", format="%.3f", width="small")
SCORE = st.column_config.NumberColumn("Score", format="%.3g", width="small")


def pick(picked: Picked) -> None:
    """Look at a gene, an edge or nothing: written to the URL."""
    remember("gene", picked.gene or None)
    remember("edge", picked.edge or None)
    session().picked = picked.edge or tuple(filter(None, [picked.gene]))


def picked_in_url() -> Picked:
    """Return what the URL says is picked."""
    edge = query("edge", ())
    return Picked(gene=query("gene", ""), edge=(edge[0], edge[1]) if len(edge) == 2 else ())


def picked_of(run: RunView) -> tuple[Picked, str]:
    """Return what the URL says is picked, as the run spells it; nothing, with the reason, where the run lacks it."""
    wish = picked_in_url()
    found = [gene_of(run, gene, run.panel_genes, what="its genes") for gene in (wish.edge or (wish.gene,))]
    if whys := [why for _, why in found if why]:
        return Picked(), " ".join(whys)
    genes = [gene for gene, _ in found]
    return (Picked(edge=(genes[0], genes[1])) if wish.edge else Picked(gene=genes[0])), ""


def say_absent(why: str) -> None:
    """Say why what was asked for is not there."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.info(plain(why), width="stretch")
        st.button("Dismiss", on_click=pick, args=(Picked(),), key="dismiss_absent", width="content")


def pick_row(key: str, choices: list[Picked]) -> None:
    """Look at what the selected row of a table stands for."""
    rows = st.session_state[key].selection.rows
    if rows and rows[0] < len(choices):
        pick(choices[rows[0]])


def _gene_panel(run: RunView, graph: nx.DiGraph[str], gene: str) -> None:
    """Show the neighbourhood of a gene."""
    table = networks.neighbourhood(graph, gene)
    if gene in run.sources:
        st.page_link(
            TARGETS,
            label=f"All ranked targets of {plain(gene)}",
            icon=":material/format_list_numbered:",
            query_params={"run": run.id, "tf": gene},
        )
        st.page_link(
            WHAT_IF,
            label=f"What if {plain(gene)} is knocked out",
            icon=":material/science:",
            query_params={"run": run.id, "changed": url_list(gene)},
        )
    headings = (("target", "Targets"), ("regulator", "Regulators"))
    for relation, heading in headings if run.directed else (("target", "Partners"), ("regulator", "Partner TFs")):
        part = table[table["relation"] == relation]
        if part.empty:
            continue
        st.markdown(f"**{heading} shown: {len(part)}**")
        key = f"neighbours_{relation}_{gene}"
        edges = [Picked(edge=(str(row.source), str(row.target))) for row in part.itertuples()]
        show_table(
            part[["other", networks.strength_column(part), *(["interaction"] if run.signed else [])]],
            key=key,
            hide_index=True,
            height=min(38 + 35 * len(part), 290),
            column_config={"other": "Gene", "probability": PROBABILITY, "score": SCORE, "interaction": "Effect"},
            on_select=lambda key=key, edges=edges: pick_row(key, edges),
            selection_mode="single-row",
        )
    st.caption("Select a row to see the evidence of that edge. Only edges that pass the filters are listed.")


def picked_panel(run: RunView, graph: nx.DiGraph[str], edges: pd.DataFrame, picked: Picked) -> None:
    """Show what is picked beside the drawing: a gene with its neighbours, or an edge with its evidence."""
    between = f" {networks.BETWEEN[networks.is_directed(edges)]} "
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.header(between.join(plain(gene) for gene in picked.edge or (picked.gene,)), anchor=False, width="content")
        st.button("Close", on_click=pick, args=(Picked(),), width="content", help="Back to the whole network.")
    if picked.gene:
        _gene_panel(run, graph, picked.gene)
        return
    with st.container(horizontal=True):
        for gene in picked.edge:
            st.button(f"Edges of {plain(gene)}", on_click=pick, args=(Picked(gene=gene),), key=f"edges_of_{gene}")
    if picked.edge:
        edge_evidence(run, edges, picked.edge)
