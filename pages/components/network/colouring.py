"""What the colours of the drawing say: chosen by the user, as far as the run has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from grn_core import networks
from grn_core.benchmark.references.named import any_reference
from grn_core.errors import GrnError
from grn_core.networks import Painting
from grn_core.runs import RunStore
from pages.components.compare.reference import reference_titles
from pages.components.shared.kept import copied, kept
from pages.components.shared.messages import show_error, told_apart
from pages.components.shared.session import linked

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

    from pages.components.runs.view import RunView

TITLES = {
    "sign": "Sign",
    "community": "Community",
    "expression": "Expression in the cells",
    "reference": "Reference: known or not",
}


def colouring(run: RunView, graph: nx.DiGraph[str], edges: pd.DataFrame) -> Painting:
    """Ask what colours say, and return them: the sign where there is one, else the community."""
    absent = {"sign": not run.signed, "expression": run.request.kind != "coexpression"}
    modes = [mode for mode in TITLES if not absent.get(mode)]
    mode = st.selectbox(
        "Colour by",
        modes,
        format_func=TITLES.__getitem__,
        **linked("colour_by", modes[0], modes),
    )
    if mode == "sign":
        return networks.by_sign(graph)
    if mode == "community":
        return networks.by_community(graph)
    if mode == "expression":
        try:
            return networks.by_expression(graph, _means(run.id), where="the cells kept with the run")
        except GrnError as error:
            show_error(error)
            return networks.by_community(graph)
    titles = reference_titles()
    reference = st.selectbox(
        "Reference network",
        list(titles),
        format_func=told_apart(list(titles), titles.__getitem__),
        **linked("shown_ref", next(iter(titles)), titles),
    )
    known = _known(run.id, reference, edges)
    return networks.by_reference(graph, known, name=titles[reference])


@copied(max_entries=8)
def _means(run_id: str) -> dict[str, float]:
    return RunStore().mean_expression(run_id)


@kept(max_entries=8, show_spinner="Reading the reference")
def _known(run_id: str, reference: str, _edges: pd.DataFrame) -> frozenset[tuple[str, str]]:  # noqa: ARG001
    """Return the edges of a reference that a run has scored, by the labels of the run."""
    return networks.scored_pairs(_edges, any_reference(reference).edges)
