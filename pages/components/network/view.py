"""The clickable network: vis-network in a Streamlit component. What is clicked comes back to Python.

vis-network is read from the pyvis wheel and mounted once per page by a component of its own: Streamlit sends a
component's script again whenever its data change, and half a megabyte for every click would be felt on a slow line.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from grn_core import plots
from grn_core.assets import asset

if TYPE_CHECKING:
    import networkx as nx


SIGNS = {1: "activation", -1: "repression", 0: "unsigned"}
DOES = {1: "activate", -1: "repress", 0: "without a sign"}
IN_LEGEND = {
    True: {1: "activates", -1: "represses", 0: "no sign"},
    False: {1: "rise together", -1: "one rises, one falls", 0: "no sign"},
}
"""What a line says where edges are directed, and where they are not."""


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


@st.cache_resource
def _vis_network() -> str:
    folder = Path(str(files("pyvis")))
    return (folder / "lib" / "vis-9.1.2" / "vis-network.min.js").read_text(encoding="utf-8")


def _asset(name: str) -> str:
    return asset(name).read_text(encoding="utf-8")


_library = st.components.v2.component("vis_network", js=_vis_network() + "\nexport default function () {}\n")
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
    drawn = plots.network_data(graph, positions)
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
        "legend": _legend(graph),
        "description": _description(graph),
    }
    with st.container(gap=None):
        _network(key=key, data=data, on_picked_change=clicked)
        _library(key=f"{key}_library")


def _legend(graph: nx.DiGraph[str]) -> dict[str, object]:
    likely = all("probability" in data for *_, data in graph.edges(data=True))
    ordered = graph.size() < 2 or len({data["score"] for *_, data in graph.edges(data=True)}) > 1
    directed = bool(graph.graph.get("directed", True))
    found = {data["sign"] for *_, data in graph.edges(data=True)}
    words = IN_LEGEND[directed] if found - {0} else {}  # without any sign there is nothing to tell apart
    return {
        "signs": {SIGNS[sign]: word for sign, word in words.items() if sign in found},
        "directed": directed,
        "thicker": "more probable" if likely else "higher score" if ordered else "",
    }


def _description(graph: nx.DiGraph[str]) -> str:
    tfs = sum(1 for _, is_tf in graph.nodes(data="is_tf") if is_tf)
    signs = [data["sign"] for *_, data in graph.edges(data=True)]
    counted = {word: sum(sign == value for sign in signs) for value, word in DOES.items()}
    said = ", ".join(f"{n} {word}" for word, n in counted.items() if n)
    how = "directed" if graph.graph.get("directed", True) else "undirected"
    return (
        f"Drawing of a gene regulatory network with {len(graph)} genes, {tfs} of them TFs, and {graph.size()} {how} "
        f"edges: {said}. The tables on this page say the same."
    )
