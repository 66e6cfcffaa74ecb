"""The tools above the drawing: find a gene, colour, layout, the paths between two genes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import streamlit as st

from grn_core import networks
from pages.components.network.filters import Chosen
from pages.components.network.panel import pick
from pages.components.network.parts import WHOLE, then
from pages.components.network.told import Picked
from pages.components.shared.messages import plain, told_apart
from pages.components.shared.session import linked, query, remember

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

    from pages.components.runs.view import RunView

FIND = "find_gene"


def find_gene(run: RunView, picked: Picked) -> None:
    """Show the search box over all genes of the run; what is chosen is picked, drawn or not."""
    genes = sorted(run.panel_genes)
    st.session_state[FIND] = picked.gene or None

    def found() -> None:
        pick(Picked(gene=st.session_state[FIND] or ""))

    st.selectbox(
        "Find a gene",
        genes,
        index=None,
        format_func=told_apart(genes),
        key=FIND,
        on_change=found,
        accept_new_options=True,
        placeholder=f"Find one of {len(genes):,} genes",
        label_visibility="collapsed",
    )


def not_drawn(run: RunView, edges: pd.DataFrame, gene: str, chosen: Chosen) -> None:
    """Say that a gene of the run is not in the drawing, how good its best edge is, and offer to bring it in."""
    own = edges[(edges["source"] == gene) | (edges["target"] == gene)]
    if own.empty:
        st.info(f"{plain(gene)} is a gene of this run, but no edge of it was scored.")
        return
    rank = f" Its best edge has rank {int(own['rank'].min()):,} of {len(edges):,}." if run.scored else ""
    n_edges = min(len(own), networks.ALSO_OF_EACH)
    add = (*chosen.also, gene)
    words = f"Add its {n_edges} best edges" if n_edges > 1 else "Add its edge"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.info(f"{plain(gene)} is not among the drawn edges.{rank}", width="stretch")
        st.button(words, on_click=then, args=(WHOLE, remember, "also", add), type="primary", width="content")
        st.button("Dismiss", on_click=pick, args=(Picked(),), key="dismiss_gene", width="content")


def arrangement() -> str:
    """Ask how genes are placed; return the name of an arrangement."""
    records = networks.ARRANGEMENTS
    name: str = st.selectbox(
        "Layout",
        list(records),
        format_func=lambda one: records[one].title,
        **linked("layout", "force", records),
    )
    return name


@dataclass(frozen=True)
class Paths:
    """The shortest paths between two genes of the run.

    Attributes
    ----------
    ends
        The two genes; () where none are asked for.
    found
        The paths, the strongest first.
    """

    ends: tuple[str, ...] = ()
    found: tuple[tuple[str, ...], ...] = ()

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The steps of all paths, in both orders."""
        steps = {step for path in self.found for step in pairwise(path)}
        return tuple(sorted(steps | {(b, a) for a, b in steps}))


def path_ends(run: RunView) -> tuple[str, ...]:
    """Return the two genes between which the URL asks for paths; () for none."""
    ends = query("path", (), run.panel_genes)
    return ends if len(ends) == 2 and ends[0] != ends[1] else ()


def ask_path(run: RunView) -> None:
    """Ask for two genes."""
    genes, ends = sorted(run.panel_genes), path_ends(run)
    names = told_apart(genes)
    for key, place in (("path_from", 0), ("path_to", 1)):
        st.session_state.setdefault(key, ends[place] if ends else None)

    def asked() -> None:
        chosen = (st.session_state["path_from"], st.session_state["path_to"])
        remember("path", chosen if all(chosen) and chosen[0] != chosen[1] else None)

    st.selectbox("From", genes, index=None, format_func=names, key="path_from", on_change=asked)
    st.selectbox("To", genes, index=None, format_func=names, key="path_to", on_change=asked)
    st.caption("The fewest edges from one gene to another, among the run's best edges.")


def _forget_path() -> None:
    remember("path", None)
    for key in ("path_from", "path_to"):
        st.session_state.pop(key, None)


def paths_bar(paths: Paths, best: pd.DataFrame, graph: nx.DiGraph[str]) -> None:
    """Say which paths were found, and where they were looked for."""
    if not paths.ends:
        return
    between = f" {networks.BETWEEN[bool(graph.graph.get('directed', True))]} "
    start, end = paths.ends
    if not paths.found:
        said = f"No path leads from {start} to {end} among the {len(best):,} best edges of the run."
    else:
        n_edges = len(paths.found[0]) - 1
        shown = "; ".join(between.join(path) for path in paths.found[:3])
        more = f" and {len(paths.found) - 3} more" if len(paths.found) > 3 else ""
        steps = "1 edge" if n_edges == 1 else f"{n_edges} edges"
        said = f"{start} to {end} in {steps}, among the {len(best):,} best of the run: {shown}{more}."
    with st.container(horizontal=True, vertical_alignment="center"):
        st.info(plain(said), width="stretch")
        st.button("Close", on_click=then, args=(WHOLE, _forget_path), key="close_path", width="content")
