"""The network to look at: vis-network in a Streamlit component. What is done in it comes back to Python.

vis-network is read from the pyvis wheel and mounted once per page by a component of its own: Streamlit sends a
component's script again whenever its data change, and half a megabyte for every click would be felt on a slow line.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from grn_core import networks, plots
from grn_core.assets import asset
from grn_core.networks import Painting
from grn_core.networks.exports.standalone import drawing_script, vis_network
from pages.components.network.told import Kept, Picked, as_asked, as_sent, heard_picked

if TYPE_CHECKING:
    import networkx as nx


def _asset(name: str) -> str:
    return asset("network", name).read_text(encoding="utf-8")


_library = st.components.v2.component("vis_network", js=vis_network() + "\nexport default function () {}\n")
_network = st.components.v2.component(
    "grn_network", html=_asset("drawing.html"), css=_asset("drawing.css"), js=drawing_script()
)


def drawn(
    graph: nx.DiGraph[str],
    positions: Mapping[str, tuple[float, float]],
    *,
    version: str,
    painting: Painting | None = None,
    degrees: Mapping[str, int] | None = None,
    faint: Collection[str] = (),
    layout: str = "",
    fills: bool = False,
) -> dict[str, Any]:
    """Return what the browser draws of a network, whatever is picked in it.

    Parameters
    ----------
    graph, positions
        From `grn_core.networks.build_graph` and `grn_core.networks.layout`.
    version
        Changes when the network does.
    painting
        Colours that say something else than the sign, and their legend.
    degrees
        Targets of each TF in the whole run: the size of its mark.
    faint
        Genes that are drawn faintly.
    layout
        Changes when places that genes were dragged to are no longer of use.
    fills
        Whether the drawing takes most of the window's height.
    """
    data: dict[str, Any] = networks.network_data(graph, positions, degrees=degrees)
    paints = painting or Painting()
    _paint(data, paints)
    colours = {"activation": plots.ACTIVATION, "repression": plots.REPRESSION, "unsigned": plots.NEUTRAL}
    if all(edge in paints.edges for edge in graph.edges):
        colours = dict.fromkeys(colours, plots.NEUTRAL)  # the shape of the head alone says the sign
    for node in data["nodes"] if faint else ():
        node["faint"] = node["id"] in faint
    return {
        **data,
        "version": version,
        "layout": layout,
        "fills": fills,
        "waits": True,  # until it is in sight; a file that is printed unseen does not
        "colours": colours,
        "legend": networks.legend(graph, painting),
        "description": f"{networks.description(graph)} The tables on this page say the same.",
    }


def network_view(
    graph: nx.DiGraph[str],
    sent: Mapping[str, Any],
    *,
    picked: Picked,
    on_pick: Callable[[Picked], None],
    kept: Kept | None = None,
    key: str = "network",
    library: bool = True,
) -> None:
    """Draw a network; `on_pick` is called, before the next run of the page, with what the user clicked.

    Parameters
    ----------
    graph
        From `grn_core.networks.build_graph`.
    sent
        What `drawn` returns of it.
    picked
        What is highlighted.
    on_pick
        Receives the gene or edge that was clicked, or nothing picked for a click beside them.
    kept
        What was dragged and chosen before, and who hears of it; None where nothing is kept.
    key
        Key of the component.
    library
        Whether vis-network comes with it: of several drawings on a page one brings it for all.
    """

    def clicked() -> None:
        value = st.session_state[key].get("picked") or {}
        edge = (str(value["source"]), str(value["target"])) if "source" in value and "target" in value else ()
        heard_picked(key, value)
        on_pick(Picked(gene=str(value.get("gene", "")), edge=edge).inside(graph))

    hears = kept or Kept()
    data = {**sent, **as_asked(key, sent, picked)}
    if kept is not None:
        data |= as_sent(key, sent["version"], kept)
    with st.container(gap=None):
        _network(
            key=key,
            data=data,
            on_picked_change=clicked,
            on_kept_change=lambda: _heard_kept(key, hears),
            on_chosen_change=lambda: _heard_chosen(key, hears, graph),
        )
        if library:
            _library(key=f"{key}_library")


def _paint(data: dict[str, Any], painting: Painting) -> None:
    """Give the genes and edges of a drawing their colours, and add the edges that a reference alone has."""
    for node in data["nodes"] if painting.nodes else ():
        node["colour"] = painting.nodes.get(node["id"])
    for edge in data["edges"] if painting.edges else ():
        edge["colour"] = painting.edges.get((edge["from"], edge["to"]))
        edge["faint"] = (edge["from"], edge["to"]) in painting.faint
    first = 1 + max((edge["id"] for edge in data["edges"]), default=0)
    for place, (source, target) in enumerate(painting.missed, start=first):
        data["edges"].append(networks.missed_edge(source, target, number=place))


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
