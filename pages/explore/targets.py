"""TF targets: the ranked targets of one TF, and the evidence behind the selected edge."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from grn_core import networks, plots
from pages.components.network.cell_evidence import UNDIRECTED, no_probability
from pages.components.network.edge_evidence import edge_evidence
from pages.components.runs.picker import pick_run
from pages.components.runs.view import RunView
from pages.components.shared.links import NETWORK
from pages.components.shared.messages import plain, told_apart
from pages.components.shared.session import linked, query, remember
from pages.components.shared.tables import download

if TYPE_CHECKING:
    import pandas as pd

column = st.column_config
COLUMNS = {
    "place": column.NumberColumn("Rank", width=46, help="Among the targets of this TF."),
    "target": column.TextColumn("Target"),
    "probability": column.NumberColumn("Probability", width=88, format="%.3f"),
    "uncertainty": column.NumberColumn(
        "Uncertainty",
        width=78,
        format="%.3f",
        help="Standard deviation of the probability over the translator's seeds.",
    ),
    "score": column.NumberColumn("Score", width=80, format="%.3g", help="In the method's own unit."),
    "effect": column.TextColumn("Effect", width=78, help="Whether the target rises or falls with the TF."),
    "percentile": column.NumberColumn(
        "Percentile", width=75, format="%.2f", help="Share of the run's edges that score lower, in percent."
    ),
    "rank": column.NumberColumn("Run rank", width=70, help="Among all edges of the run."),
}
N_BARS = 20


def ranked_targets(edges: pd.DataFrame, tf: str) -> pd.DataFrame:
    """Return the edges of a TF, best first, with their place and the sign in words."""
    own = edges[edges["source"] == tf].sort_values(["score", "target"], ascending=[False, True])
    words = own["sign"].map(networks.SIGN_WORDS)
    return own.assign(place=range(1, len(own) + 1), effect=words).reset_index(drop=True)


def select_target(key: str, targets: list[str]) -> None:
    """Write the target of the selected row to the URL."""
    rows = st.session_state[key].selection.rows
    if rows and rows[0] < len(targets):
        remember("target", targets[rows[0]])


def targets_table(run: RunView, table: pd.DataFrame, *, tf: str, search: str, chosen: str) -> None:
    """Show the ranked targets; selecting a row chooses its edge."""
    found = table[table["target"].str.contains(search, case=False, regex=False)] if search else table
    if found.empty:
        st.info(f"No target of {plain(tf)} has {plain(search)} in its name. Clear the search to see all of them.")
        return
    targets = found["target"].tolist()
    left_out = {"score"} if run.score is None else {"probability", "uncertainty"}
    left_out |= set() if run.signed else {"effect"}
    left_out |= set() if run.scored else {"place", "score", "percentile", "rank"}
    columns = [name for name in COLUMNS if name not in left_out]
    key = f"targets_{tf}_{search}"
    st.dataframe(
        found[columns],
        key=key,
        hide_index=True,
        height=430,
        column_config=COLUMNS,
        on_select=lambda: select_target(key, targets),
        selection_mode="single-row",
        selection_default={"selection": {"rows": [targets.index(chosen)] if chosen in targets else []}},
    )
    st.caption(f"{len(found):,} of {len(table):,} targets. Select a row to see its evidence; click a heading to sort.")


def _reading(run: RunView) -> str:
    """Return how to read the bars of a run."""
    whiskers = (
        "Whiskers: standard deviation over the translator's seeds; where they are wide, the order is uncertain."
        if run.score is None
        else no_probability(run)
    )
    hatched = " Hatched: repression; dotted: no sign." if run.signed else ""
    undirected = "" if run.directed else f" {UNDIRECTED}"
    return f"{whiskers}{hatched} {plain(run.about_signs)}{undirected}"


def page() -> None:
    """Lay out the page."""
    st.title("TF targets", icon=":material/format_list_numbered:", anchor=False)
    run: RunView | None = pick_run()
    if run is None:
        return
    edges = run.edges
    if edges.empty:
        st.info("This run has no edges. Choose another run, or infer a network with more genes.")
        return
    sources = sorted(edges["source"].unique())
    ask_tf, ask_search = st.columns([1, 1], vertical_alignment="bottom")
    tf = ask_tf.selectbox(
        "TF",
        sources,
        format_func=told_apart(sources),
        help="Every TF of the run. At first, the one with the strongest edge.",
        **linked("tf", edges["source"].iloc[0], sources),
    )
    search = ask_search.text_input("Search targets", placeholder="Part of a gene's name", key="target_search").strip()
    table = ranked_targets(edges, tf)
    target = query("target", "", set(table["target"])) or table["target"].iloc[0]

    left, right = st.columns([7, 5], gap="medium")
    with left:
        targets_table(run, table, tf=tf, search=search, chosen=target)
        download("All targets of this TF (TSV)", table.drop(columns=["place", "effect"]), f"{run.id[:8]}-targets")
        if run.scored:
            st.plotly_chart(
                plots.top_targets(table, source=tf, n=N_BARS, unit=run.score["unit"] if run.score else ""),
                key="top_targets",
                alt=f"Bars of the {min(N_BARS, len(table))} strongest targets of {tf}.",
            )
            st.caption(f"The {min(N_BARS, len(table))} strongest targets of {plain(tf)}. {_reading(run)}")
        else:
            st.caption("The edges of this list have no scores: its targets stand in the order of their names.")
    with right:
        st.subheader(f"{plain(tf)} {networks.BETWEEN[run.directed]} {plain(target)}", anchor=False)
        st.page_link(
            NETWORK,
            label=f"{plain(tf)} in the network",
            icon=":material/hub:",
            query_params={"run": run.id, "gene": tf},
        )
        edge_evidence(run, edges, (tf, target))


page()
