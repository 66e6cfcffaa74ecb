"""What stands below the drawing: two lines on what is shown, and how to read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from grn_core import networks
from pages.components.network.cell_evidence import UNDIRECTED, no_probability
from pages.components.shared.messages import plain
from pages.components.shared.reading import how_to_read

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

    from grn_core.networks import Painting
    from pages.components.network.filters import Chosen
    from pages.components.runs.view import RunView

MEANING = (
    "The probability is calibrated on as many edges as negatives; among all pairs true edges are rarer, so read it as "
    "an order of confidence, not as a share."
)
NO_HEADS = "Arrows only say which gene is the TF: this method has no sign."
HANDS = (
    "Click a gene or an edge to see the evidence behind it; drag a gene and it stays. Drag the ground to move, hold "
    "Ctrl and scroll (or pinch) to zoom: the nearer, the more names. Shift and drag, or Ctrl and click, choose several "
    "genes. By keyboard: Tab goes through the genes, Enter picks, the arrows, + and − move and zoom, 0 shows all, "
    "Escape goes back."
)


def caption(run: RunView, graph: nx.DiGraph[str], chosen: Chosen) -> None:
    """Say which edges are drawn, how many, what share of them is expected to be known, and what such lists held."""
    shown = networks.graph_edges(graph)
    rule = chosen.rule(ordered=run.scored, directed=run.directed)
    lines = len(networks.lines_of(graph))
    both = f" They are {lines:,} lines: two TFs are listed in both orders." if lines < len(shown) else ""
    are = "edge is" if len(shown) == 1 else "edges are"
    st.caption(plain(f"{rule} {len(shown):,} of {graph.graph['selection'].n_total:,} {are} shown.{both}"))
    if run.prior is not None and len(shown):
        share = float(shown["probability"].mean())
        expected = f"{share:z.1%} of them are expected to be known edges, against {run.prior:z.1%} of all pairs."
        st.caption(plain(f"{expected} {run.worth_of(share)}"))


def reading(run: RunView, graph: nx.DiGraph[str], *, chosen: Chosen, painting: Painting, best: pd.DataFrame) -> None:
    """Show, folded, what lines, sizes, colours and places mean, and what hands can do."""
    arrows = run.about_signs or ("" if run.signed else NO_HEADS)
    if not run.directed:
        arrows = UNDIRECTED if run.signed else " ".join([arrows, UNDIRECTED])
    lines = [
        graph.graph["selection"].sentence(),
        _strength(run, chosen),
        run.of_further_genes,
        arrows,
        f"The larger a TF, the more targets it has among the {len(best):,} best edges of the whole run, shown or not."
        if run.scored
        else "",
        painting.reading,
        "Genes lie where the layout puts them, the same every time; distance itself is no result.",
        HANDS,
    ]
    how_to_read("\n".join(f"- {plain(line)}" for line in lines if line))


def _strength(run: RunView, chosen: Chosen) -> str:
    """Return what the width of a line stands for."""
    if run.prior is not None:
        least = chosen.least or 0.0
        rare = run.share_of_edges
        if not least:
            return f"There is no cut; {rare}."
        return f"{least:z.1%} of the edges down to this cut are expected to be known edges, where {rare}."
    if run.score is None:
        return MEANING
    if not run.scored:
        return "Every line is an edge of the list; it has no scores."
    return f"Width: {run.score['title']}, {run.score['unit']}. {no_probability(run)}"
