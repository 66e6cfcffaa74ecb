"""Network: the strongest edges of a run as a signed graph; click a gene or an edge to look at it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from grn_core import networks
from grn_core.networks.exports import EXPORTS, network_of
from grn_core.settings import settings
from grn_core.translator import expected as precision
from pages.components.network.cell_evidence import UNDIRECTED, no_probability
from pages.components.network.panel import pick, picked_in_url, picked_panel
from pages.components.network.view import network_view
from pages.components.runs.picker import pick_run
from pages.components.runs.view import RunView
from pages.components.shared.messages import plain, told_apart
from pages.components.shared.session import Between, linked, remember

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd
    from streamlit.delta_generator import DeltaGenerator

SIGNS = {"both": None, "activation": 1, "repression": -1, "no sign": 0}
ALL = 0
MEANING = (
    "The probability is calibrated on as many edges as negatives; among all pairs true edges are rarer, so read it as "
    "an order of confidence, not as a share."
)
NO_CUT = 0.0
NO_HEADS = "Arrows only say which gene is the TF: this method has no sign."
MOUSE = "Drag to move, hold Ctrl and scroll to zoom."


def filters(run: RunView) -> dict[str, Any]:
    """Ask for the filters; return them as options of `networks.build_graph`."""
    cap = settings().max_graph_edges
    limits = sorted({n for n in (50, 100, 200, 300, 500, 1000) if n < cap} | {cap})
    columns = st.columns([3, 3, 4, 3, 3] if run.signed else [3, 3, 4, 3], gap="medium", vertical_alignment="bottom")
    cut = "min_percentile"
    if run.prior is not None:
        cut, least = "min_precision", _precision(run, columns[0])
    elif run.score is None:
        cut = "min_probability"
        least = columns[0].slider(
            "Smallest probability",
            0.0,
            1.0,
            step=0.01,
            help="Edges that are less probable are left out.",
            **linked("min_p", 0.5, Between(0.0, 1.0)),
        )
    elif not run.scored:
        least = None
        columns[0].caption("The edges of this list have no scores: none comes before another.")
    else:
        least = columns[0].slider(
            "Smallest percentile",
            0.0,
            100.0,
            step=0.5,
            format="%g",
            help="Percentile: the share of all edges of the run that rank lower. Edges below are left out.",
            **linked("min_pct", 0.0 if run.imported else 95.0, Between(0.0, 100.0)),
        )
    top_k = columns[1].select_slider(
        "Targets per TF",
        [1, 2, 3, 5, 10, 20, 50, ALL],
        format_func=lambda k: "all" if k == ALL else str(k),
        help="Only the best so many edges of every TF.",
        **linked("top_k", 10 if run.scored else ALL, [1, 2, 3, 5, 10, 20, 50, ALL]),
    )
    sources = columns[2].multiselect(
        "TFs",
        sorted(run.sources),
        placeholder="All TFs",
        format_func=told_apart(sorted(run.sources)),
        **linked("shown_tfs", (), run.sources),
    )
    sign = "both"
    if run.signed:
        sign = columns[3].selectbox("Effect", list(SIGNS), format_func=str.capitalize, **linked("sign", "both", SIGNS))
    limit = columns[-1].select_slider(
        "Most edges",
        limits,
        help="The strongest so many are drawn; more make the drawing hard to read.",
        **linked("max_edges", 300 if 300 in limits else cap, limits),
    )
    return {
        cut: least,
        "top_k_per_source": None if top_k == ALL else top_k,
        "sources": tuple(sources) or None,
        "sign": SIGNS[sign],
        "max_edges": limit,
    }


def _precision(run: RunView, column: DeltaGenerator) -> float | None:
    """Ask down to which expected precision edges are shown; None for all."""
    expected = networks.expected_precision(run.edges)
    levels = [NO_CUT, *(level for level in precision.LEVELS if len(expected) and level <= expected[0])]
    least: Any = column.select_slider(
        "Expected precision",
        levels,
        format_func=lambda level: f"{level:.1%}" if level else "all",
        help="The best edges of the run of which this share is expected to be true: the mean of their probabilities.",
        **linked("min_ep", precision.usual_level(expected.tolist()), levels),
    )
    return float(least) or None


@st.cache_data(max_entries=32, show_spinner="Laying out the network")
def drawing(
    run_id: str,  # noqa: ARG001 - what the cache goes by
    chosen: dict[str, Any],
    _edges: pd.DataFrame,
) -> tuple[nx.DiGraph[str], dict[str, tuple[float, float]]]:
    """Return graph and positions of a run under the chosen filters."""
    graph = networks.build_graph(_edges, **chosen)
    return graph, networks.layout(graph)


def downloads(run: RunView, graph: nx.DiGraph[str], positions: dict[str, tuple[float, float]]) -> None:
    """Offer the shown network, and every edge, as files."""
    tfs = frozenset(run.sources)
    shown = network_of(networks.graph_edges(graph), tfs=tfs, positions=positions)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox(
            "File format",
            list(EXPORTS),
            format_func=lambda name: EXPORTS[name].title,
            width=310,
            **linked("format", next(iter(EXPORTS)), EXPORTS),
        )
        record = EXPORTS[name]
        contents = {
            "Shown network": (lambda: record.write(shown), f"network{record.ending}", record.mime),
            "All scored edges": (
                lambda: record.write(network_of(run.edges, tfs=tfs)),
                f"edges{record.ending}",
                record.mime,
            ),
            "Table of genes (TSV)": (lambda: networks.table_tsv(networks.node_table(graph)), "genes.tsv", "text/plain"),
        }
        if record.is_drawing:
            del contents["All scored edges"]
        for label, (content, file, mime) in contents.items():
            st.download_button(
                label, content, f"grn-{run.id[:8]}-{file}", mime, on_click="ignore", icon=":material/download:"
            )


def _expected(run: RunView, least: float) -> str:
    """Return what an expected precision says, and what it was worth where it was measured."""
    rare = f"{run.prior:.1%} of all pairs are edges of the translator's reference"
    if not least:
        return f"There is no cut; {rare}."
    said = f"{least:.1%} of the edges down to this cut are expected to be true, where {rare}."
    return f"{said} {run.worth_of(least)}".strip()


def _meaning(run: RunView, chosen: dict[str, Any]) -> str:
    """Return how to read the edges of a run under the chosen filters."""
    arrows = plain(run.about_signs) or ("" if run.signed else NO_HEADS)
    arrows = arrows if run.directed else f"{'' if run.signed else arrows} {UNDIRECTED}".strip()
    if run.prior is not None:
        least = chosen["min_precision"] or 0.0
        return f"{plain(_expected(run, least))} {arrows}"
    if run.score is None:
        return f"{MEANING} {arrows}"
    if not run.scored:
        return "Every line is an edge of the list; it has no scores."
    return f"Width: {plain(run.score['title'])}, {plain(run.score['unit'])}. {no_probability(run)} {arrows}"


def show_strongest() -> None:
    """Take back the filters that can hide everything."""
    for name in ("min_p", "min_ep", "min_pct", "sign", "shown_tfs"):
        remember(name, 0.0 if name.startswith("min_") else None)


def page() -> None:
    """Lay out the page."""
    st.title("Network", icon=":material/hub:", anchor=False)
    run = pick_run()
    if run is None:
        return
    edges = run.edges
    chosen = filters(run)
    graph, positions = drawing(run.id, chosen, edges)
    if not graph.size():
        strength = networks.strength_column(edges)
        best = edges[strength].max() if len(edges) else 0.0
        st.info(f"No edge passes these filters. The strongest edge of this run has {strength} {best:.3g}.")
        st.button("Show the strongest edges", on_click=show_strongest, type="primary")
        return
    picked = picked_in_url().inside(graph)
    left, right = st.columns([12, 11], gap="medium")
    with left:
        network_view(graph, positions, version=f"{run.id} {chosen}", picked=picked, on_pick=pick)
        st.caption(f"{plain(graph.graph['selection'].sentence())} {_meaning(run, chosen)} {MOUSE}")
        downloads(run, graph, positions)
    with right:
        picked_panel(run, graph, edges, picked)


page()
