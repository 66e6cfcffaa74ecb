"""Find any gene of a run: as a TF, as a target, or why it is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from grn_core import networks
from grn_core.runs import RunStore
from grn_core.runs.absent import standing_of
from pages.components.shared.messages import plain
from pages.components.shared.session import linked, remember
from pages.components.shared.tables import show_table

if TYPE_CHECKING:
    import pandas as pd
    from streamlit.delta_generator import DeltaGenerator

    from pages.components.runs.view import RunView

N_REGULATORS = 20


def find_gene(run: RunView, edges: pd.DataFrame, *, place: DeltaGenerator) -> None:
    """Ask for a gene, and say where it stands: its targets, what regulates it, or why it is absent."""
    name = place.text_input(
        "Find any gene",
        placeholder="Symbol, id or common name",
        help="Also of genes that are no TF, and of those that are not in this run: it says why.",
        **linked("find", ""),
    ).strip()
    if not name:
        return
    found = standing_of(run.request, RunStore().panel(run.id), name)
    if found.is_tf and (edges["source"] == found.label).any():
        st.button(
            f"Targets of {plain(found.label)}",
            icon=":material/arrow_forward:",
            key="find_tf",
            on_click=_show,
            args=(found.label, ""),
        )
    if found.why:
        st.info(plain(found.why))
    if found.is_gene:
        _regulators(run, edges, found.label)


def _regulators(run: RunView, edges: pd.DataFrame, gene: str) -> None:
    """List the TFs of a gene, best first; a selected one is shown."""
    rows = edges[edges["target"] == gene].head(N_REGULATORS)
    if rows.empty:
        return
    strength = networks.strength_column(edges)
    tfs = rows["source"].tolist()
    key = f"regulators_{gene}"

    def chosen() -> None:
        selected = st.session_state[key].selection.rows
        if selected and selected[0] < len(tfs):
            _show(tfs[selected[0]], gene)

    show_table(
        rows[["source", strength, "rank"] if run.scored else ["source"]],
        key=key,
        hide_index=True,
        height=min(38 + 35 * len(rows), 180),
        column_config={
            "source": f"TFs of {gene}",
            "probability": st.column_config.NumberColumn("Probability", format="%.3f"),
            "score": st.column_config.NumberColumn("Score", format="%.3g"),
            "rank": st.column_config.NumberColumn("Run rank"),
        },
        on_select=chosen,
        selection_mode="single-row",
    )


def _show(tf: str, target: str) -> None:
    remember("tf", tf)
    remember("target", target or None)
    remember("find", None)
