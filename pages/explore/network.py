"""Network: the strongest edges of a run as a drawing to work in; what is picked in it stands beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from grn_core import networks
from pages.components.network import placing
from pages.components.network.colouring import colouring
from pages.components.network.downloads import downloads
from pages.components.network.filters import clear, filters, say_absent_filters
from pages.components.network.genes_chosen import saved_subnetworks
from pages.components.network.panel import picked_of
from pages.components.network.parts import WHOLE
from pages.components.network.reading import caption, reading
from pages.components.network.tables import tables
from pages.components.network.tools import Paths, arrangement, ask_path, find_gene, path_ends
from pages.components.network.view import drawn
from pages.components.network.working import Shown, working
from pages.components.runs.picker import pick_run
from pages.components.runs.view import RunView, say_tested
from pages.components.shared.messages import errors_shown

if TYPE_CHECKING:
    import pandas as pd


def page() -> None:
    """Lay out the page."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="network_head"):
        st.title("Network", icon=":material/hub:", anchor=False, width="content")
        menu = st.container(key="network_run")
    run = pick_run(menu)
    if run is not None:
        network(run)


@st.fragment(key=WHOLE)
@errors_shown()
def network(run: RunView) -> None:
    """Show the network of a run: tools, drawing, what is picked, and what there is to read."""
    edges = run.edges
    with st.container(horizontal=True, vertical_alignment="center", key="network_tools"):
        find = st.container(width=260, key="network_find")
        with st.popover("Filters", icon=":material/tune:"):
            chosen = filters(run)
            saved_subnetworks(run)
            st.button("Back to the first view", on_click=clear, key="clear_filters")
        look = st.popover("Look", icon=":material/palette:", help="Colours and layout")
        paths_menu = st.popover("Path", icon=":material/route:", help="Shortest paths between two genes")
        files = st.empty()
        shows_tables = st.toggle("Tables", key="shows_tables")
    say_absent_filters(run)
    best = placing.best(run, chosen, edges)
    with paths_menu:
        ask_path(run)
    paths = Paths(path_ends(run), placing.paths(run, path_ends(run), best))
    with look:
        how = arrangement()
        placing.put_back()
    graph, positions = placing.drawing(run, chosen, how=how, pairs=paths.pairs, edges=edges)
    if not graph.size():
        with find:
            find_gene(run, picked_of(run)[0])
        nothing_passes(edges)
        return
    with look:
        painting = colouring(run, graph, edges)
    with files.popover("Download", icon=":material/download:"):
        downloads(run, graph, edges, positions=placing.with_moved(positions))
    sent = drawn(
        graph,
        positions,
        version=placing.version(run, chosen, how=how, paths=paths),
        painting=painting,
        degrees=networks.out_degrees(best) if run.scored else None,
        layout=placing.layout_name(how),
        fills=True,
    )
    drawing, below = st.container(), st.container()
    with below:
        caption(run, graph, chosen)
        say_tested(run)
    with drawing:
        shown = Shown(run, edges, chosen=chosen, best=best, paths=paths, graph=graph, sent=sent)
        working(shown, tools=find, below=below)
    if shows_tables:
        tables(run, graph, edges)
    reading(run, graph, chosen=chosen, painting=painting, best=best)


def nothing_passes(edges: pd.DataFrame) -> None:
    """Say that the filters let nothing through, and offer the way back."""
    strength = networks.strength_column(edges)
    best = edges[strength].max() if len(edges) else 0.0
    st.info(f"No edge passes these filters. The strongest edge of this run has {strength} {best:z.3g}.")
    st.button("Show the strongest edges", on_click=clear, type="primary")


page()
