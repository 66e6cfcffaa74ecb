"""What took no part in a run: TFs with their reasons, to read and to download."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from grn_core.datasets.tf_choice import REASONS
from grn_core.runs import RunStore
from pages.components.shared.messages import plain
from pages.components.shared.tables import download

SOME = 40
"""TFs from which on their names scroll."""


def lost_tfs(table: pd.DataFrame, *, key: str) -> None:
    """Show TFs (``name``) that take no part, by their ``reason``; nothing where there are none."""
    if table.empty:
        return
    with st.expander(f"TFs that take no part ({len(table):,})", icon=":material/playlist_remove:"):
        with st.container(height=260 if len(table) > SOME else "content", border=False):
            for reason, own in table.groupby("reason", sort=False):
                st.markdown(f"**{plain(reason)}** ({len(own):,}): {plain(', '.join(own['name']))}")
        download("All, with reasons (TSV)", table, f"{key}-lost-tfs")


def lost_in_run(run_id: str) -> None:
    """Show the TFs that a run's panel has lost."""
    lost = RunStore().panel(run_id).get("lost_tfs", ())
    rows = [(str(name), REASONS.get(reason, str(reason))) for name, reason in lost]
    lost_tfs(pd.DataFrame(rows, columns=["name", "reason"], dtype=str), key=run_id[:8])
