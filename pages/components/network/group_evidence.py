"""The same edge in the runs of other groups of cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from grn_core import networks, plots
from grn_core.runs import RunStore
from grn_core.runs.other_groups import edge_in_runs, runs_of_other_groups, words_of_cells
from pages.components.shared.kept import copied
from pages.components.shared.messages import plain
from pages.components.shared.tables import show_table

if TYPE_CHECKING:
    import pandas as pd

    from pages.components.runs.view import RunView


def other_groups(run: RunView) -> dict[str, str]:
    """Return the runs that asked the same of other cells: run id -> its cells in words."""
    return _others(run.id, len(RunStore().list_runs()))


@copied(max_entries=32, ttl=10)
def _others(run_id: str, n_runs: int) -> dict[str, str]:  # noqa: ARG001 - what the cache goes by
    return runs_of_other_groups(run_id, RunStore().request(run_id))


def group_evidence(run: RunView, row: pd.Series) -> None:
    """Show how high an edge, the `row` of a run's table, ranks in the run of each group."""
    here = words_of_cells(run.request)
    table = edge_in_runs({run.id: here, **other_groups(run)}, str(row["source_symbol"]), str(row["target_symbol"]))
    if len(table) < 2:
        st.info("No run of another group has scored this pair: both genes must be among the genes of that run.")
        return
    edge = f" {networks.BETWEEN[run.directed]} ".join(plain(str(row[end])) for end in ("source", "target"))
    st.plotly_chart(
        plots.edge_by_group(table, here=here),
        theme="streamlit",
        key="edge_by_group",
        alt=f"Percentile of {row['source']} to {row['target']} in the runs of {len(table)} groups of cells.",
    )
    st.caption(
        f"**{edge} in each group** inferred with the same settings: how many in 100 edges of that run rank lower. "
        "Filled: this run."
    )
    show_table(
        table.assign(effect=table["sign"].astype(int).map(networks.sign_words(directed=run.directed))),
        hide_index=True,
        key="edge_in_groups",
        alt="Rank, percentile and score of the edge in the run of each group",
        column_order=["group", "rank", "percentile", "score", *(["effect"] if run.signed else [])],
        column_config={
            "group": "Cells",
            "rank": st.column_config.NumberColumn("Rank", format="%d"),
            "percentile": st.column_config.NumberColumn("Percentile", format="%.2f"),
            "score": st.column_config.NumberColumn("Score", format="%.3g"),
            "effect": "Effect",
        },
    )
