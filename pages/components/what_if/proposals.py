"""Which TFs of the run on show to knock down first, with the reason and what such lists are worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from grn_core.errors import GrnError
from grn_core.experiments.proposals import METHOD, propose, worth
from pages.components.runs.view import view
from pages.components.shared.kept import kept
from pages.components.shared.messages import plain
from pages.components.shared.session import remember
from pages.components.shared.tables import download

if TYPE_CHECKING:
    import pandas as pd

column = st.column_config
COLUMNS = {
    "place": column.NumberColumn("Rank", width=52),
    "tf": column.TextColumn("TF", width=90),
    "bits": column.NumberColumn("Bits", width=64, format="%.1f", help="What its knock-down would tell."),
    "targets": column.TextColumn("New targets, best first", width=240),
    "reason": column.TextColumn("Why", width="large"),
}


def proposals(run_id: str) -> None:
    """Show the TFs whose knock-down would tell most; a selected one is asked above. Nothing without probabilities."""
    if view(run_id).score is not None:
        return
    with st.expander("Which TF to knock down first", icon=":material/lightbulb:"):
        try:
            table = _proposed(run_id)
        except GrnError as error:
            st.info(plain(error.found))
            return
        st.markdown(plain(worth()))
        key = f"proposals_{run_id[:8]}"

        def chosen() -> None:
            rows = st.session_state[key].selection.rows
            if rows and rows[0] < len(table):
                remember("changed", (str(table["tf"].iloc[rows[0]]),))

        st.dataframe(
            table[list(COLUMNS)],
            key=key,
            hide_index=True,
            column_config=COLUMNS,
            on_select=chosen,
            selection_mode="single-row",
        )
        download("Proposed TFs (TSV)", table, f"{run_id[:8]}-proposed")
        st.caption(f"Select a row to ask what its knock-out would do. {METHOD}")


@kept(max_entries=4)
def _proposed(run_id: str) -> pd.DataFrame:
    return propose(view(run_id).edges)
