"""What the colours of the drawing say: chosen by the user, as far as the run has it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import streamlit as st

from grn_core import networks
from grn_core.benchmark.references.named import any_reference
from grn_core.datasets.annotations import column_title
from grn_core.datasets.cell_columns import group_columns
from grn_core.errors import GrnError
from grn_core.networks import Painting
from grn_core.runs import RunStore
from grn_core.runs.group_expression import mean_expression, why_no_cells
from grn_core.runs.kinds.panel import PanelRequest
from pages.components.compare.reference import reference_titles
from pages.components.data.choices import values_of
from pages.components.shared.kept import copied, kept
from pages.components.shared.messages import plain, show_error, told_apart
from pages.components.shared.session import linked

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    why = why_no_cells(run.request)
    absent = {"sign": not run.signed, "expression": bool(why)}
    modes = [mode for mode in TITLES if not absent.get(mode)]
    mode = st.selectbox(
        "Colour by",
        modes,
        format_func=TITLES.__getitem__,
        **linked("colour_by", modes[0], modes),
    )
    if why:
        st.caption(plain(f"No colours by expression: {why}."))
    if mode == "sign":
        return networks.by_sign(graph)
    if mode == "community":
        return networks.by_community(graph)
    if mode == "expression":
        return _expression(run, graph)
    titles = reference_titles()
    reference = st.selectbox(
        "Reference network",
        list(titles),
        format_func=told_apart(list(titles), titles.__getitem__),
        **linked("shown_ref", next(iter(titles)), titles),
    )
    known = _known(run.id, reference, edges)
    return networks.by_reference(graph, known, name=titles[reference])


def _expression(run: RunView, graph: nx.DiGraph[str]) -> Painting:
    """Ask in which cells, and colour genes by their mean there; where the dataset is gone, in those kept with the run.

    Where there are none either, say why and colour by community.
    """
    try:
        columns = _columns(run.id)
        by, group = _cells(columns) if columns else ("", "")
        means, units = _means(run.id, by, group)
        where = f"the cells of {column_title(by)}: {group}" if by else "the cells of the run"
        return networks.by_expression(graph, means, where=where, units=units)
    except GrnError as error:
        if run.request.kind == "coexpression":
            with suppress(GrnError):
                return networks.by_expression(graph, _kept_means(run.id), where="the cells kept with the run")
        show_error(error)
        return networks.by_community(graph)


def _cells(columns: Mapping[str, tuple[str, ...]]) -> tuple[str, str]:
    """Ask for a group of cells; return its column and value, both empty for all cells of the run."""
    options = ["", *columns]
    by: str = st.selectbox(
        "In the cells",
        options,
        format_func=told_apart(options, lambda name: f"Of a group, by {column_title(name)}" if name else "Of the run"),
        **linked("shown_by", "", options),
    )
    if not by:
        return "", ""
    values = list(columns[by])
    group: str = st.selectbox(
        "Group of cells", values, format_func=told_apart(values), **linked("shown_in", values[0], values)
    )
    return by, group


@kept(max_entries=8)
def _columns(run_id: str) -> Mapping[str, tuple[str, ...]]:
    """Return the columns that sort the cells of a run, and the values of each."""
    request = RunStore().request(run_id)
    assert isinstance(request, PanelRequest)
    dataset = request.dataset()
    return {name: tuple(values_of(dataset, name)) for name in group_columns(dataset)}


@copied(max_entries=16, show_spinner="Reading the cells")
def _means(run_id: str, by: str, group: str) -> tuple[dict[str, float], str]:
    return mean_expression(RunStore().request(run_id), RunStore().panel(run_id), by=by, group=group)


@copied(max_entries=8)
def _kept_means(run_id: str) -> dict[str, float]:
    return RunStore().mean_expression(run_id)


@kept(max_entries=8, show_spinner="Reading the reference")
def _known(run_id: str, reference: str, _edges: pd.DataFrame) -> frozenset[tuple[str, str]]:  # noqa: ARG001
    """Return the edges of a reference that a run has scored, by the labels of the run."""
    return networks.scored_pairs(_edges, any_reference(reference).edges)
