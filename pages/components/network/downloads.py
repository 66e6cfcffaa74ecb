"""The shown network, and every edge of the run, as files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from grn_core import networks
from grn_core.networks.exports import EXPORTS, Export, network_of
from grn_core.networks.exports.records import Account
from grn_core.runs.account import account_of
from pages.components.runs.command import command_line
from pages.components.shared.later import later
from pages.components.shared.session import linked

if TYPE_CHECKING:
    from collections.abc import Mapping

    import networkx as nx
    import pandas as pd

    from pages.components.runs.view import RunView


def _left_out(record: Export) -> tuple[str, ...]:
    """Return the contents that a format cannot be made of."""
    if record.of_run:
        return "Shown network", "All scored edges"
    return ("Report", "All scored edges") if record.is_drawing else ("Report",)


def told_of(run: RunView) -> Account:
    """Return what a report says of a run."""
    return account_of(run, command=command_line(run.request))


def downloads(
    run: RunView, graph: nx.DiGraph[str], edges: pd.DataFrame, *, positions: Mapping[str, tuple[float, float]]
) -> None:
    """Offer the drawing and its tables in every format, and all edges in those that hold data."""
    tfs = frozenset(run.sources)
    name = st.selectbox(
        "File format",
        list(EXPORTS),
        format_func=lambda name: EXPORTS[name].title,
        **linked("format", next(iter(EXPORTS)), EXPORTS),
    )
    record = EXPORTS[name]
    shown = networks.graph_edges(graph)
    contents = {
        "Report": (
            lambda: record.write(network_of(edges, tfs=tfs, positions=positions, account=told_of(run), shown=shown)),
            record.ending,
            record.mime,
        ),
        "Shown network": (
            lambda: record.write(network_of(shown, tfs=tfs, positions=positions)),
            f"network{record.ending}",
            record.mime,
        ),
        "All scored edges": (lambda: record.write(network_of(edges, tfs=tfs)), f"edges{record.ending}", record.mime),
        "Table of genes (TSV)": (lambda: networks.table_tsv(networks.node_table(graph)), "genes.tsv", "text/plain"),
    }
    for left_out in _left_out(record):
        del contents[left_out]
    for label, (content, file, mime) in contents.items():
        st.download_button(
            label,
            later(content),
            f"grn-{run.id[:8]}-{file}",
            mime,
            on_click="ignore",
            icon=":material/download:",
            width="stretch",
        )
