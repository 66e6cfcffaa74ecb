"""The graph that is drawn, where its genes lie, and what a hand has changed of it: kept in the URL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from grn_core import networks
from grn_core.networks.drawing import UNIT
from grn_core.networks.first_view import MOST, PER_TF
from pages.components.network.parts import WHOLE
from pages.components.shared.kept import copied, kept
from pages.components.shared.session import query, remember

if TYPE_CHECKING:
    from collections.abc import Mapping

    import networkx as nx
    import pandas as pd

    from pages.components.network.filters import Chosen
    from pages.components.network.tools import Paths
    from pages.components.runs.view import RunView

Positions = dict[str, tuple[float, float]]
Pairs = tuple[tuple[str, str], ...]
WIDE = 1.9
"""Width of the drawing divided by its height, on a usual screen."""
MOST_MOVED = 100
"""Dragged genes that an address holds."""


@kept(max_entries=32)
def _best(run_id: str, cut: str, least: float | None, _edges: pd.DataFrame) -> pd.DataFrame:  # noqa: ARG001
    return networks.best_edges(_edges, cut=cut, least=least)


def best(run: RunView, chosen: Chosen, edges: pd.DataFrame) -> pd.DataFrame:
    """Return the best edges of the whole run: those that pass the cut, or the best twentieth."""
    return _best(run.id, chosen.cut, chosen.least, edges)


@copied(max_entries=32, show_spinner="Looking for paths")
def _paths(
    run_id: str,  # noqa: ARG001 - what the cache goes by
    ends: tuple[str, ...],
    n_best: int,  # noqa: ARG001
    _best_edges: pd.DataFrame,
) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(path) for path in networks.shortest_paths(_best_edges, *ends))


def paths(run: RunView, ends: tuple[str, ...], best_edges: pd.DataFrame) -> tuple[tuple[str, ...], ...]:
    """Return the shortest paths between two genes; none where none are asked for."""
    return _paths(run.id, ends, len(best_edges), best_edges) if ends else ()


@kept(max_entries=32, show_spinner="Laying out the network")
def _drawing(
    run_id: str,
    chosen: Chosen,
    pairs: Pairs,
    how: str,
    _edges: pd.DataFrame,
) -> tuple[nx.DiGraph[str], Positions]:
    graph = networks.build_graph(
        _edges,
        min_probability=chosen.least if chosen.cut == "min_probability" else None,
        min_percentile=chosen.least if chosen.cut == "min_percentile" else None,
        min_precision=chosen.least if chosen.cut == "min_precision" else None,
        top_k_per_source=chosen.per_tf,
        sources=chosen.sources or None,
        among=chosen.only or None,
        sign=chosen.sign,
        also=chosen.also,
        pairs=pairs,
        max_edges=chosen.max_edges,
    )
    if how != "force":
        return graph, networks.ARRANGEMENTS[how].place(graph, aspect=WIDE)
    return graph, networks.layout(graph, aspect=WIDE, anchors=_first_view(run_id, _edges))


@kept(max_entries=32)
def _first_view(run_id: str, _edges: pd.DataFrame) -> Positions:  # noqa: ARG001
    """Return the places of the genes in the run's first view; filters leave them where they are."""
    graph = networks.build_graph(_edges, top_k_per_source=PER_TF, max_edges=MOST)
    return networks.layout(graph, aspect=WIDE)


def drawing(
    run: RunView, chosen: Chosen, *, how: str, pairs: Pairs, edges: pd.DataFrame
) -> tuple[nx.DiGraph[str], Positions]:
    """Return graph and positions of a run under the chosen filters; neither may be changed."""
    return _drawing(run.id, chosen, pairs, how, edges)


def version(run: RunView, chosen: Chosen, *, how: str, paths: Paths) -> str:
    """Return a text that changes whenever the drawing does."""
    return f"{run.id} {chosen} {layout_name(how)} {paths.ends}"


def layout_name(how: str) -> str:
    """Return a text that changes when dragged genes go back to where the layout puts them."""
    return f"{how} {st.session_state.get('put_back', 0)}"


def moved_in_url() -> Positions:
    """Return where genes were dragged to, in the browser's units; what cannot be read counts as absent."""
    parts = query("moved", ())
    found = {}
    # Not strict: an address that was cut off may end within a gene, which then counts as absent.
    for gene, x, y in zip(parts[::3], parts[1::3], parts[2::3], strict=False):
        if _whole(x) and _whole(y):
            found[gene] = (float(x), float(y))
    return found


def _whole(text: str) -> bool:
    return text.removeprefix("-").isdecimal() and len(text) < 8


def view_in_url() -> tuple[float, ...]:
    """Return the part in view: its middle (x, y) and zoom; () for the whole."""
    parts = query("view", ())
    if len(parts) != 3 or not all(_whole(part) for part in parts):
        return ()
    x, y, scale = (float(part) for part in parts)
    return (x, y, min(max(scale, 50.0), 5000.0) / 1000)


def keep(view: tuple[float, ...], moved: Mapping[str, tuple[float, float]]) -> None:
    """Write the part in view and the dragged genes to the URL; what is said of dragged genes is said anew."""
    before = query("moved", ())
    texts = (str(round(view[0])), str(round(view[1])), str(round(1000 * view[2]))) if len(view) == 3 else ()
    remember("view", texts or None)
    places = [(gene, str(round(x)), str(round(y))) for gene, (x, y) in list(moved.items())[-MOST_MOVED:]]
    after = tuple(part for place in places for part in place)
    remember("moved", after or None)
    if after != before:
        st.rerun(WHOLE)


def _put_back() -> None:
    remember("moved", None)
    st.session_state["put_back"] = st.session_state.get("put_back", 0) + 1


def put_back() -> None:
    """Offer to put dragged genes back to where the layout has them."""
    st.button("Put dragged genes back", on_click=_put_back, disabled=not moved_in_url(), key="put_genes_back")


def with_moved(positions: Positions) -> Positions:
    """Return the positions with dragged genes where they are now."""
    moved = {gene: (x / UNIT, -y / UNIT) for gene, (x, y) in moved_in_url().items() if gene in positions}
    return {**positions, **moved}
