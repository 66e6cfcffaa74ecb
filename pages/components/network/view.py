"""The clickable network: vis-network in a Streamlit component. What is clicked comes back to Python.

vis-network is read from the pyvis wheel and mounted once per page by a component of its own: Streamlit sends a
component's script again whenever its data change, and half a megabyte for every click would be felt on a slow line.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from grn_core import networks, plots
from grn_core.assets import asset
from grn_core.networks.exports.standalone import vis_network

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


def _asset(name: str) -> str:
    return asset(name).read_text(encoding="utf-8")


_library = st.components.v2.component("vis_network", js=vis_network() + "\nexport default function () {}\n")
_network = st.components.v2.component(
    "grn_network", html=_asset("network.html"), css=_asset("network.css"), js=_asset("network.js")
)


def network_view(
    graph: nx.DiGraph[str],
    positions: dict[str, tuple[float, float]],
    *,
    version: str,
    picked: Picked,
    on_pick: Callable[[Picked], None],
    edge_colours: Mapping[tuple[str, str], str] | None = None,
    faint: Collection[str] = (),
    key: str = "network",
) -> None:
    """Draw a network; `on_pick` is called, before the next run of the page, with what the user clicked.

    Parameters
    ----------
    graph, positions
        From `grn_core.networks.build_graph` and `grn_core.networks.layout`.
    version
        Changes when the network does; while it stays the same, zoom and position stay too.
    picked
        What is highlighted.
    on_pick
        Receives the gene or edge that was clicked, or nothing picked for a click beside them.
    edge_colours
        (source, target) to a colour, where colour is to say something else than the sign.
    faint
        Genes that are drawn faintly.
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
    drawn = networks.network_data(graph, positions)
    if shown and picked.edge and not any((one["from"], one["to"]) == picked.edge for one in drawn["edges"]):
        shown = {"source": picked.edge[1], "target": picked.edge[0]}  # drawn once for both orders
    colours = {"activation": plots.ACTIVATION, "repression": plots.REPRESSION, "unsigned": plots.NEUTRAL}
    if edge_colours is not None:
        colours = dict.fromkeys(colours, plots.NEUTRAL)  # the shape of the head alone says the sign
        for edge in drawn["edges"]:
            edge["colour"] = edge_colours[edge["from"], edge["to"]]
    for node in drawn["nodes"] if faint else ():
        node["faint"] = node["id"] in faint
    data = {
        **drawn,
        "version": version,
        "picked": shown,
        "colours": colours,
        "legend": networks.legend(graph),
        "description": f"{networks.description(graph)} The tables on this page say the same.",
    }
    with st.container(gap=None):
        _network(key=key, data=data, on_picked_change=clicked)
        _library(key=f"{key}_library")
