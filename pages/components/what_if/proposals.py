"""Which TFs of the run on show to knock down first, with the reason and what such lists are worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from grn_core.errors import GrnError
from grn_core.experiments.proposals import BEST, METHOD, figures, propose, verdict
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
    "place": column.NumberColumn("Rank", width=56, help="By the bits: the TF to try first stands first."),
    "tf": column.TextColumn("TF", width=78, help="Select a row to ask what its knock-down or knock-out would do."),
    "unknown": column.NumberColumn(
        "New targets", width=90, help=f"Of its {BEST} best targets, those that no bundled reference has."
    ),
    "probability": column.NumberColumn(
        "Probability", width=88, format="%.2f", help="That a new target is a true one: the mean of them."
    ),
    "uncertainty": column.NumberColumn(
        "Uncertainty", width=90, format="%.2f", help="How far such a probability may be off: the mean of them."
    ),
    "expected": column.NumberColumn(
        "True ones", width=80, format="%.1f", help="How many of the new targets are expected to be true ones."
    ),
    "bits": column.NumberColumn("Bits", width=56, format="%.1f", help=METHOD),
    "targets": column.TextColumn("New targets, best first", width=280, help="The five most probable ones."),
}
"""What speaks for a TF, in numbers: their sentence stands in the file."""
NO_PROPOSALS = "This run proposes no experiments: that takes probabilities of its edges, and its scores are none."


def way_to_proposals(runs: Iterable[RunInfo]) -> None:
    """Lead to what the newest network with probabilities proposes, where none is on show."""
    for info in runs:
        if info.status.state == "done" and view(info.run_id).score is None:
            st.page_link(
                WHAT_IF,
                label="Propose experiments by a model's network",
                icon=":material/lightbulb:",
                query_params={"run": info.run_id, PROPOSE: "1"},
            )
            return


def proposals(run_id: str, runs: Iterable[RunInfo]) -> None:
    """Show the TFs whose knock-down would tell most; a selected one is asked above.

    Of a run without probabilities it says that there are none, and leads to one of `runs` that has some.
    """
    if view(run_id).score is not None:
        st.caption(NO_PROPOSALS)
        way_to_proposals(runs)
        return
    label = "Propose experiments: which TF first"
    with st.expander(label, icon=":material/lightbulb:", expanded=PROPOSE in st.query_params):
        try:
            table = _proposed(run_id)
        except GrnError as error:
            st.info(plain(error.found))
            return
        first, _, more = verdict().partition(". ")
        st.markdown(f"**{plain(first)}.** {plain(more)}", help=figures() or None)
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
        st.caption(
            "Select a row to ask what its knock-down or knock-out would do. Point at a heading to read what it means."
        )


@kept(max_entries=4)
def _proposed(run_id: str) -> pd.DataFrame:
    return propose(view(run_id).edges)
