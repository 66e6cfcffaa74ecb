"""Which TFs of the run on show to knock down first, with the reason and what such lists are worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from grn_core.errors import GrnError
from grn_core.experiments.proposals import METHOD, figures, propose, verdict
from pages.components.runs.view import view
from pages.components.shared.kept import kept
from pages.components.shared.links import PROPOSE, WHAT_IF
from pages.components.shared.messages import plain
from pages.components.shared.session import remember
from pages.components.shared.tables import download, show_table

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from grn_core.runs import RunInfo

column = st.column_config
COLUMNS = {
    "place": column.NumberColumn("Rank", width=52),
    "tf": column.TextColumn("TF", width=78),
    "unknown": column.NumberColumn("New", width=50, help="Of its best targets, those that no bundled reference has."),
    "probability": column.NumberColumn("Each", width=54, format="%.2f", help="Mean probability of the new targets."),
    "uncertainty": column.NumberColumn("±", width=50, format="%.2f", help="Their mean uncertainty."),
    "expected": column.NumberColumn(
        "Edges", width=58, format="%.1f", help="How many of them are expected to be edges."
    ),
    "bits": column.NumberColumn("Bits", width=52, format="%.1f", help="What its knock-down would tell."),
    "targets": column.TextColumn("New targets, best first", width=280),
}
"""What speaks for a TF, in numbers: their sentence stands in the file."""


def way_to_proposals(runs: Iterable[RunInfo]) -> None:
    """Lead to what the newest network with probabilities proposes, where none is on show."""
    for info in runs:
        if info.status.state == "done" and view(info.run_id).score is None:
            st.page_link(
                WHAT_IF,
                label="Propose experiments by your newest network",
                icon=":material/lightbulb:",
                query_params={"run": info.run_id, PROPOSE: "1"},
            )
            return


def proposals(run_id: str) -> None:
    """Show the TFs whose knock-down would tell most; a selected one is asked above. Nothing without probabilities."""
    if view(run_id).score is not None:
        return
    label = "Propose experiments: which TF first"
    with st.expander(label, icon=":material/lightbulb:", expanded=PROPOSE in st.query_params):
        try:
            table = _proposed(run_id)
        except GrnError as error:
            st.info(plain(error.found))
            return
        st.markdown(plain(verdict()), help=figures() or None)
        key = f"proposals_{run_id[:8]}"

        def chosen() -> None:
            rows = st.session_state[key].selection.rows
            if rows and rows[0] < len(table):
                remember("changed", (str(table["tf"].iloc[rows[0]]),))

        shown = [name for name in COLUMNS if name != "uncertainty" or table[name].gt(0).any()]  # one seed has none
        show_table(
            table[shown],
            key=key,
            hide_index=True,
            column_config=COLUMNS,
            on_select=chosen,
            selection_mode="single-row",
        )
        download("Proposed TFs (TSV)", table, f"{run_id[:8]}-proposed")
        st.caption(f"Select a row to ask what its knock-down or knock-out would do. {METHOD}")


@kept(max_entries=4)
def _proposed(run_id: str) -> pd.DataFrame:
    return propose(view(run_id).edges)
