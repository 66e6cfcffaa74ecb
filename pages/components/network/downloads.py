"""The shown network, and every edge of the run, as files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from grn_core import networks
from grn_core.networks.exports import EXPORTS, network_of
from pages.components.shared.session import linked

if TYPE_CHECKING:
    from collections.abc import Mapping

    import networkx as nx
    import pandas as pd

    from pages.components.runs.view import RunView


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
    contents = {
        "Shown network": (
            lambda: record.write(network_of(networks.graph_edges(graph), tfs=tfs, positions=positions)),
            f"network{record.ending}",
            record.mime,
        ),
        "All scored edges": (lambda: record.write(network_of(edges, tfs=tfs)), f"edges{record.ending}", record.mime),
        "Table of genes (TSV)": (lambda: networks.table_tsv(networks.node_table(graph)), "genes.tsv", "text/plain"),
    }
    if record.is_drawing:
        del contents["All scored edges"]
    for label, (content, file, mime) in contents.items():
        st.download_button(
            label,
            content,
            f"grn-{run.id[:8]}-{file}",
            mime,
            on_click="ignore",
            icon=":material/download:",
            width="stretch",
        )
