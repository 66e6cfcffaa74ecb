"""Network: the strongest edges of a run as a drawing to work in; what is picked in it stands beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from grn_core import networks
from pages.components.network import placing
from pages.components.network.colouring import colouring
from pages.components.network.downloads import downloads
from pages.components.network.filters import clear, filters
from pages.components.network.genes_chosen import (
    choice,
    choose,
    chosen_bar,
    chosen_enrichment,
    genes_in_url,
    only_bar,
    saved_subnetworks,
)
from pages.components.network.panel import pick, picked_in_url, picked_panel
from pages.components.network.reading import caption, reading
from pages.components.network.tables import tables
from pages.components.network.tools import Paths, arrangement, ask_path, find_gene, not_drawn, path_ends, paths_bar
from pages.components.network.view import Kept, Picked, network_view
from pages.components.runs.picker import pick_run
from pages.components.runs.view import RunView
from pages.components.shared.messages import errors_shown

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd


def page() -> None:
    """Lay out the page."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="network_head"):
        st.title("Network", icon=":material/hub:", anchor=False, width="content")
        with st.container(key="network_run"):
            run = pick_run()
    if run is not None:
        network(run)


@st.fragment
@errors_shown()
def network(run: RunView) -> None:
    """Show the network of a run: tools, drawing, what is picked, and what there is to read."""
    edges, wish = run.edges, picked_in_url()
    with st.container(horizontal=True, vertical_alignment="center", key="network_tools"):
        find_gene(run, wish)
        with st.popover("Filters", icon=":material/tune:"):
            chosen = filters(run)
            saved_subnetworks(run)
            st.button("Back to the first view", on_click=clear, key="clear_filters")
        look = st.popover("Look", icon=":material/palette:", help="Colours and layout")
        paths_menu = st.popover("Path", icon=":material/route:", help="Shortest paths between two genes")
        files = st.empty()
        shows_tables = st.toggle("Tables", key="shows_tables")
    best = placing.best(run, chosen, edges)
    with paths_menu:
        ask_path(run)
    paths = Paths(path_ends(run), placing.paths(run, path_ends(run), best))
    with look:
        how = arrangement()
        placing.put_back()
    graph, positions = placing.drawing(run, chosen, how=how, pairs=paths.pairs, edges=edges)
    if not graph.size():
        nothing_passes(edges)
        return
    with look:
        painting = colouring(run, graph, edges)
    with files.popover("Download", icon=":material/download:"):
        downloads(run, graph, edges, positions=placing.with_moved(positions))
    picked = shown_pick(run, wish, graph=graph)
    together = () if picked != Picked() else genes_in_url(run)
    kept = Kept(
        view=placing.view_in_url(),
        moved=placing.moved_in_url(),
        chosen=together or tuple(gene for path in paths.found[:1] for gene in path),
        choice=choice(),
        on_keep=placing.keep,
        on_choose=choose,
    )
    with st.container(horizontal=True, gap="medium", key="network_body"):
        with st.container(key="network_drawing"):
            with st.container(key="network_bars"):  # always there: a drawing that changes its place is drawn anew
                if wish.gene in run.panel_genes and picked == Picked():
                    not_drawn(run, edges, wish.gene, chosen)
                only_bar(chosen.only)
                paths_bar(paths, best, graph)
                chosen_bar(run, together)
            network_view(
                graph,
                positions,
                version=placing.version(run, chosen, how=how, paths=paths),
                picked=picked,
                on_pick=pick_alone,
                painting=painting,
                degrees=networks.out_degrees(best) if run.scored else None,
                kept=kept,
                layout=placing.layout_name(how),
                fills=True,
            )
        with st.container(key="network_panel"):
            if picked != Picked():
                picked_panel(run, graph, edges, picked)
    caption(run, graph, chosen)
    chosen_enrichment(run, together)
    if shows_tables:
        tables(run, graph, edges)
    reading(run, graph, chosen=chosen, painting=painting, best=best)


def shown_pick(run: RunView, wish: Picked, *, graph: nx.DiGraph[str]) -> Picked:
    """Return what the URL says is picked, where it is drawn, or is an edge between two genes of the run."""
    if wish.edge and all(gene in run.panel_genes for gene in wish.edge):
        return wish
    return wish.inside(graph)


def pick_alone(picked: Picked) -> None:
    """Look at what was clicked in the drawing; genes are no longer chosen together."""
    pick(picked)
    choose(())


def nothing_passes(edges: pd.DataFrame) -> None:
    """Say that the filters let nothing through, and offer the way back."""
    strength = networks.strength_column(edges)
    best = edges[strength].max() if len(edges) else 0.0
    st.info(f"No edge passes these filters. The strongest edge of this run has {strength} {best:.3g}.")
    st.button("Show the strongest edges", on_click=clear, type="primary")


page()
