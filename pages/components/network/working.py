"""The drawing to work in, and what is picked in it beside it: the part of the page that runs after a click."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.components.network import placing
from pages.components.network.genes_chosen import choice, choose, chosen_bar, chosen_enrichment, genes_in_url, only_bar
from pages.components.network.panel import pick, picked_of, picked_panel, say_absent
from pages.components.network.parts import PICKED
from pages.components.network.told import Kept, Picked
from pages.components.network.tools import Paths, find_gene, not_drawn, paths_bar
from pages.components.network.view import network_view
from pages.components.shared.messages import errors_shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    import networkx as nx
    import pandas as pd
    from streamlit.delta_generator import DeltaGenerator

    from pages.components.network.filters import Chosen
    from pages.components.runs.view import RunView


@dataclass(frozen=True, eq=False)
class Shown:
    """What filters and tools make of a run: the same, whatever is picked.

    Attributes
    ----------
    run, edges
        The run, and all its edges.
    chosen
        What the filters let through.
    best
        The best edges of the whole run.
    paths
        The paths that are asked for.
    graph
        What is drawn.
    sent
        What the browser draws of it, see `pages.components.network.view.drawn`.
    """

    run: RunView
    edges: pd.DataFrame
    chosen: Chosen
    best: pd.DataFrame
    paths: Paths
    graph: nx.DiGraph[str]
    sent: Mapping[str, Any]

    def picked(self, wish: Picked) -> Picked:
        """Return what the URL says is picked, where it is drawn, or is an edge between two genes of the run."""
        if wish.edge and all(gene in self.run.panel_genes for gene in wish.edge):
            return wish
        return wish.inside(self.graph)


@st.fragment(key=PICKED)
@errors_shown()
def working(shown: Shown, *, tools: DeltaGenerator, below: DeltaGenerator) -> None:
    """Show the drawing and what is picked; the box that finds a gene in `tools`, what chosen genes share `below`."""
    run, graph, paths = shown.run, shown.graph, shown.paths
    wish, why = picked_of(run)
    picked = shown.picked(wish)
    with tools:
        find_gene(run, wish)
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
                if why:
                    say_absent(why)
                if wish.gene in run.panel_genes and picked == Picked():
                    not_drawn(run, shown.edges, wish.gene, shown.chosen)
                only_bar(shown.chosen.only)
                paths_bar(paths, shown.best, graph)
                chosen_bar(run, together)
            network_view(graph, shown.sent, picked=picked, on_pick=pick_alone, kept=kept)
        with st.container(key="network_panel"):
            if picked != Picked():
                picked_panel(run, graph, shown.edges, picked)
    with below:
        chosen_enrichment(run, together)


def pick_alone(picked: Picked) -> None:
    """Look at what was clicked in the drawing; genes are no longer chosen together."""
    pick(picked)
    choose(())
