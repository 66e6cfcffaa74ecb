"""A table of a run's edges: which columns say something there, and how they are called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from grn_core import networks

if TYPE_CHECKING:
    import pandas as pd

    from pages.components.runs.view import RunView

UNCERTAINTY = (
    "Standard deviation of the probability: over the translator's seeds, and where it was calibrated on held-out data "
    "sets over these and over training sets too."
)
"""What the uncertainty of an edge is, for the help of a column."""

COLUMNS: dict[str, Any] = {
    "rank": st.column_config.NumberColumn("Rank", format="%d", width="small", help="Among all edges of the run."),
    "source": "TF",
    "target": "Target",
    "probability": st.column_config.NumberColumn("Probability", format="%.3f"),
    "uncertainty": st.column_config.NumberColumn("Uncertainty", format="%.3f", help=UNCERTAINTY),
    "score": st.column_config.NumberColumn("Score", format="%.3g", help="In the method's own unit."),
    "percentile": st.column_config.NumberColumn(
        "Percentile", format="%.2f", help="Share of the run's edges that score lower, in percent."
    ),
    "effect": "Effect",
}
"""For `st.dataframe`, by the names of the columns of `edge_rows`."""


def edge_rows(run: RunView, edges: pd.DataFrame) -> pd.DataFrame:
    """Return edges of a run in the columns that differ between its edges, with the sign in words."""
    strength = ["probability", "uncertainty"] if run.score is None else ["score", "percentile"] if run.scored else []
    names = ["rank", "source", "target", *strength, *(["effect"] if run.signed else [])]
    table = edges.assign(effect=edges["sign"].map(networks.sign_words(directed=run.directed)))
    return table[[name for name in names if name in table]]
