"""The ranked targets of a TF as a table that can be searched, sorted and taken along."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from grn_core import networks
from grn_core.benchmark.references.known import n_known, seen_in_training
from grn_core.networks.exports import EXPORTS, network_of
from grn_core.runs import InferRequest
from pages.components.runs.edge_rows import UNCERTAINTY
from pages.components.shared.later import later
from pages.components.shared.messages import plain
from pages.components.shared.session import remember
from pages.components.shared.steps import how_many
from pages.components.shared.tables import download, first_rows, show_table

if TYPE_CHECKING:
    import pandas as pd

    from pages.components.runs.view import RunView

column = st.column_config
COLUMNS = {
    "place": column.NumberColumn("Rank", width=46, help="Among the targets of this TF."),
    "target": column.TextColumn("Target"),
    "probability": column.NumberColumn("Probability", width=84, format="%.3f"),
    "uncertainty": column.NumberColumn(
        "Uncertainty",
        width=84,
        format="%.3f",
        help=UNCERTAINTY,
    ),
    "score": column.NumberColumn("Score", width=64, format="%.3g", help="In the method's own unit."),
    "effect": column.TextColumn("Effect", help="Whether the target rises or falls with the TF."),
    "known": column.TextColumn("Known", width=56, help="Bundled references that have this edge."),
    "seen": column.TextColumn("Training", width=64, help="Whether it was an edge of the translator's training."),
    "percentile": column.NumberColumn(
        "Percentile", width=72, format="%.2f", help="Share of the run's edges that score lower, in percent."
    ),
    "rank": column.NumberColumn("Run rank", width=66, help="Among all edges of the run."),
}
OWN = ["place", "effect", "known", "seen"]
"""Columns that this page adds to the table of edges."""
HEIGHT = 380
SIZES = (10, 20, 50, 100, 200, 500)


def ranked_targets(run: RunView, edges: pd.DataFrame, tf: str) -> pd.DataFrame:
    """Return the edges of a TF, best first, with place, sign in words, and what is known of each."""
    own = edges[edges["source"] == tf].sort_values(["score", "target"], ascending=[False, True])
    pairs = list(zip(own["source_symbol"], own["target_symbol"], strict=True))
    request = run.request
    seen = seen_in_training(request.translator, pairs) if isinstance(request, InferRequest) else None
    return own.assign(
        place=range(1, len(own) + 1),
        effect=own["sign"].map(networks.sign_words(directed=run.directed)),
        known=["" if not n else f"in {n}" for n in n_known(pairs)],
        seen="" if seen is None else ["seen" if one else "" for one in seen],
    ).reset_index(drop=True)


def targets_table(run: RunView, table: pd.DataFrame, *, tf: str, chosen: str) -> None:
    """Show the ranked targets, with a search; selecting a row chooses its edge."""
    search = st.text_input(
        "Search targets", placeholder="Search these targets", key="target_search", label_visibility="collapsed"
    ).strip()
    found = table[table["target"].str.contains(search, case=False, regex=False)] if search else table
    if found.empty:
        st.info(f"No target of {plain(tf)} has {plain(search)} in its name. Clear the search to see all of them.")
        return
    found = first_rows(found, first="best", what="targets")
    targets = found["target"].tolist()
    left_out = {"score", "percentile"} if run.score is None else {"probability", "uncertainty"}
    left_out |= set() if run.signed else {"effect"}
    left_out |= set() if run.scored else {"place", "score", "percentile", "rank"}
    left_out |= {name for name in ("known", "seen") if not table[name].any()}
    key = f"targets_{tf}_{search}"

    def select() -> None:
        rows = st.session_state[key].selection.rows
        if rows and rows[0] < len(targets):
            remember("target", targets[rows[0]])

    show_table(
        found[[name for name in COLUMNS if name in found and name not in left_out]],
        key=key,
        hide_index=True,
        height=HEIGHT,
        column_config=COLUMNS,
        on_select=select,
        selection_mode="single-row",
        selection_default={"selection": {"rows": [targets.index(chosen)] if chosen in targets else []}},
    )
    order = "" if run.scored else " The edges of this list have no scores: targets stand in the order of their names."
    st.caption(f"{len(found):,} of {len(table):,} targets; select a row for its evidence.{order}")


def downloads(run: RunView, table: pd.DataFrame, *, tf: str) -> None:
    """Offer the targets of a TF as a table, and its regulon."""
    with st.popover("Download", icon=":material/download:"):
        download("All targets of this TF (TSV)", table.drop(columns=OWN), f"{run.id[:8]}-targets")
        sizes = [size for size in SIZES if size < len(table)] + [len(table)]
        about = "The best so many; activated and repressed ones are sets of their own where there are signs."
        size = how_many("Targets in the regulon", sizes, "regulon", 50, about=about)
        best = table.head(size).drop(columns=OWN)
        best.attrs["directed"] = run.directed
        record = EXPORTS["gmt"]
        st.download_button(
            "Regulon (GMT)",
            later(lambda: record.write(network_of(best, tfs=frozenset({tf})))),
            f"{run.file_name}-regulon{record.ending}",
            record.mime,
            on_click="ignore",
            icon=":material/download:",
            key="regulon_gmt",
        )
