"""The network to look at: vis-network in a Streamlit component. What is done in it comes back to Python.

vis-network is read from the pyvis wheel and mounted once per page by a component of its own: Streamlit sends a
component's script again whenever its data change, and half a megabyte for every click would be felt on a slow line.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import streamlit as st

from grn_core import networks, plots
from grn_core.assets import asset
from grn_core.networks import Painting
from grn_core.networks.exports.standalone import drawing_script, vis_network

if TYPE_CHECKING:
    import networkx as nx


@dataclass(frozen=True)
class Picked:
    """What the user looks at: a gene, an edge (source and target), or nothing.

    Attributes
    ----------
    gene
        Name of the gene, or "".
    edge
        (source, target), or ().
    """

    gene: str = ""
    edge: tuple[str, str] | tuple[()] = ()

    def inside(self, graph: nx.DiGraph[str]) -> Picked:
        """Return itself if `graph` shows it, else nothing picked."""
        known = graph.has_node(self.gene) if self.gene else bool(self.edge) and graph.has_edge(*self.edge)
        return self if known else Picked()


@dataclass(frozen=True)
class Kept:
    """What the hand has changed of a drawing, and is there again after a reload.

    Attributes
    ----------
    view
        Middle (x, y) and zoom of the part in view; () for the whole.
    moved
        Gene to the (x, y) that it was dragged to.
    chosen
        Genes that are chosen together.
    choice
        Changes when the page has chosen others.
    on_keep
        Called with the new view and places.
    on_choose
        Called with the genes that were chosen.
    """

    view: tuple[float, ...] = ()
    moved: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    chosen: tuple[str, ...] = ()
    on_keep: Callable[[tuple[float, ...], dict[str, tuple[float, float]]], None] | None = None
    choice: int = 0
    on_choose: Callable[[tuple[str, ...]], None] | None = None


def _asset(name: str) -> str:
    return asset("network", name).read_text(encoding="utf-8")


_library = st.components.v2.component("vis_network", js=vis_network() + "\nexport default function () {}\n")
_network = st.components.v2.component(
    "grn_network", html=_asset("drawing.html"), css=_asset("drawing.css"), js=drawing_script()
)


def network_view(
    graph: nx.DiGraph[str],
    positions: Mapping[str, tuple[float, float]],
    *,
    version: str,
    picked: Picked,
    on_pick: Callable[[Picked], None],
    painting: Painting | None = None,
    degrees: Mapping[str, int] | None = None,
    faint: Collection[str] = (),
    kept: Kept | None = None,
    layout: str = "",
    fills: bool = False,
    key: str = "network",
) -> None:
    """Draw a network; `on_pick` is called, before the next run of the page, with what the user clicked.

    Parameters
    ----------
    graph, positions
        From `grn_core.networks.build_graph` and `grn_core.networks.layout`.
    version
        Changes when the network does.
    picked
        What is highlighted.
    on_pick
        Receives the gene or edge that was clicked, or nothing picked for a click beside them.
    painting
        Colours that say something else than the sign, and their legend.
    degrees
        Targets of each TF in the whole run: the size of its mark.
    faint
        Genes that are drawn faintly.
    kept
        What was dragged and chosen before, and who hears of it; None where nothing is kept.
    layout
        Changes when places that genes were dragged to are no longer of use.
    fills
        Whether the drawing takes most of the window's height.
    key
        Key of the component.
    """

    def clicked() -> None:
        value = st.session_state[key].get("picked") or {}
        edge = (str(value["source"]), str(value["target"])) if "source" in value and "target" in value else ()
        on_pick(Picked(gene=str(value.get("gene", "")), edge=edge).inside(graph))

    shown = {"gene": picked.gene} if picked.gene else None
    if shown is None and picked.edge:
        shown = dict(zip(("source", "target"), picked.edge, strict=True))
    drawn: dict[str, Any] = networks.network_data(graph, positions, degrees=degrees)
    if shown and picked.edge and not any((one["from"], one["to"]) == picked.edge for one in drawn["edges"]):
        shown = {"source": picked.edge[1], "target": picked.edge[0]}  # drawn once for both orders
    paints = painting or Painting()
    _paint(drawn, paints)
    colours = {"activation": plots.ACTIVATION, "repression": plots.REPRESSION, "unsigned": plots.NEUTRAL}
    if all(edge in paints.edges for edge in graph.edges):
        colours = dict.fromkeys(colours, plots.NEUTRAL)  # the shape of the head alone says the sign
    for node in drawn["nodes"] if faint else ():
        node["faint"] = node["id"] in faint
    data = {
        **drawn,
        "version": version,
        "layout": layout,
        "picked": shown,
        "fills": fills,
        "colours": colours,
        "legend": networks.legend(graph, painting),
        "description": f"{networks.description(graph)} The tables on this page say the same.",
    }
    hears = kept or Kept()
    if kept is not None:
        data |= _as_sent(key, version, kept)
    with st.container(gap=None):
        _network(
            key=key,
            data=data,
            on_picked_change=clicked,
            on_kept_change=lambda: _heard_kept(key, hears),
            on_chosen_change=lambda: _heard_chosen(key, hears, graph),
        )
        _library(key=f"{key}_library")


def _paint(drawn: dict[str, Any], painting: Painting) -> None:
    """Give the genes and edges of a drawing their colours, and add the edges that a reference alone has."""
    for node in drawn["nodes"] if painting.nodes else ():
        node["colour"] = painting.nodes.get(node["id"])
    for edge in drawn["edges"] if painting.edges else ():
        edge["colour"] = painting.edges.get((edge["from"], edge["to"]))
    first = 1 + max((edge["id"] for edge in drawn["edges"]), default=0)
    for place, (source, target) in enumerate(painting.missed, start=first):
        drawn["edges"].append(networks.missed_edge(source, target, number=place))


def _as_sent(key: str, version: str, kept: Kept) -> dict[str, Any]:
    """Return what is kept, as the browser was told when it drew this last: it knows of its own changes since.

    What does not change is not sent again: else every look at another part of the drawing would send all of it.
    """
    told: dict[str, Any] = st.session_state.get(f"{key}_told", {})
    if key not in st.session_state or told.get("for") != (version, kept.choice):
        told = {"for": (version, kept.choice), "kept": _as_kept(kept)}
        st.session_state[f"{key}_told"] = told
    sent: dict[str, Any] = told["kept"]
    return sent


def _as_kept(kept: Kept) -> dict[str, Any]:
    """Return what is kept of a drawing; the browser reads it when it draws anew, and knows of all changes since."""
    return {
        "view": list(kept.view) or None,
        "moved": {gene: [x, y] for gene, (x, y) in kept.moved.items()},
        "chosen": list(kept.chosen),
        "choice": kept.choice,
        "keeps": kept.on_keep is not None,
        "chooses": kept.on_choose is not None,
    }


def _heard_kept(key: str, kept: Kept) -> None:
    value = st.session_state[key].get("kept") or {}
    if kept.on_keep is None or not isinstance(value, dict):
        return
    moved = {str(gene): (float(at[0]), float(at[1])) for gene, at in (value.get("moved") or {}).items()}
    kept.on_keep(tuple(float(part) for part in value.get("view") or ()), moved)


def _heard_chosen(key: str, kept: Kept, graph: nx.DiGraph[str]) -> None:
    value = st.session_state[key].get("chosen") or []
    if kept.on_choose is not None:
        kept.on_choose(tuple(str(gene) for gene in value if gene in graph))
