"""What a model foretells: the genes that move, as a sentence, a picture and a table; a measurement beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from grn_core import plots
from grn_core.experiments.draws import CUT, NO_UNCERTAINTY
from grn_core.experiments.limits import limits_of
from grn_core.experiments.propagation import COLUMN, reached, worth_of_propagation
from grn_core.plots.changes import sure
from grn_core.runs import RunStore
from grn_core.runs.kinds.what_if import GENES, MEASURED
from pages.components.runs.view import say_tested, view
from pages.components.shared.messages import plain
from pages.components.shared.reading import how_to_read
from pages.components.shared.tables import download, first_rows, show_table

if TYPE_CHECKING:
    import pandas as pd

    from grn_core.runs import WhatIfRequest

N_BARS, NAMED = 10, 3
column = st.column_config
COLUMNS = {
    "rank": column.NumberColumn("Rank", width=52, help="By the size of the change."),
    "gene": column.TextColumn("Gene"),
    "change": column.NumberColumn("Change", format="%.3f", help="Afterwards minus before, in the model's units."),
    "uncertainty": column.NumberColumn("Uncertainty", format="%.2g", help="See How to read this."),
    COLUMN: column.NumberColumn("Propagated", format="%.3f", help="What the network passes on added, see below."),
    "agree": column.NumberColumn(
        "Draws agree",
        format="%.0f%%",
        help="Share of the model's draws that move it the same way: how sure the model is of itself, not how often "
        "it is right.",
    ),
}


def what_if_result(run_id: str, request: WhatIfRequest) -> None:
    """Show a finished run."""
    store = RunStore()
    table, result = store.table(run_id, GENES), store.record(run_id)["result"]
    over = result.get("over", "")
    _headline(table, request, over=over)
    shown = view(run_id)
    say_tested(shown)
    if over == CUT:
        st.caption(plain(result["covers"]))
    _worth(result, request, sha=shown.content("model"))
    with st.container(key="stacks_what_if"):
        left, right = st.columns([1, 1], gap="large")
    with left:
        known = over not in NO_UNCERTAINTY
        figure = plots.predicted_changes(table, n=N_BARS, whiskers=known)
        st.plotly_chart(figure, key="what_if_bars", alt=f"Bars of the {N_BARS} genes that rise and fall most.")
        whiskers = "Whiskers: uncertainty; pale: not counted. " if known else ""
        st.caption(f"{whiskers}Change in the model's units: see How to read this.")
    with right:
        _table(table, run_id, uncertain=known)
    if said := result.get("propagated"):
        st.caption(plain(reached(table)))
        how_to_read(
            plain(said),
            plain(worth_of_propagation(request.propagate)),
            title="What was propagated, and what that is worth",
        )
    if said := result.get("not_compared"):
        st.warning(f"Not compared with the measurement: {plain(said)}.", icon=":material/compare:")
    if result.get("measured"):
        _beside(store.table(run_id, MEASURED), result["measured"], run_id)
    for text in result.get("notes", ()):
        st.caption(plain(text))


def _headline(table: pd.DataFrame, request: WhatIfRequest, *, over: str) -> None:
    known = over not in NO_UNCERTAINTY
    counts = table[sure(table)] if known else table
    where = "the group of cells" if request.in_group else "a generic cell"
    parts = []
    for word, part in (("fall", counts[counts["change"] < 0]), ("rise", counts[counts["change"] > 0])):
        some = ", ".join(plain(gene) for gene in part["gene"].head(NAMED))
        parts.append(f"{len(part):,} {plain(word)} (most: {some})" if some else f"none {plain(word)}s")
    counted = "Counted are changes larger than twice their uncertainty" if known else "How sure that is, is not known"
    alone = ", which speaks of the drawn cells alone" if over == "cells" else ""
    st.markdown(
        f"**{plain(request.what.title)} of {plain(', '.join(request.changed))}** in {plain(where)}: of {len(table):,} "
        f"genes, {' and '.join(parts)}. {plain(counted)}{alone}."
    )


def _table(table: pd.DataFrame, run_id: str, *, uncertain: bool) -> None:
    search = st.text_input("Search genes", placeholder="Part of a name", key="what_if_search").strip()
    found = table[table["gene"].str.contains(search, case=False, regex=False)] if search else table
    if found.empty:
        st.info(f"No gene has {plain(search)} in its name.")
    found = first_rows(found, first="most changed", what="genes")
    found = found.assign(agree=100 * found["agree"])
    hidden = () if uncertain else ("uncertainty", "agree")
    shown = [name for name in COLUMNS if name in found and name not in hidden]
    show_table(found[shown], hide_index=True, column_config=COLUMNS, height=400, key="what_if_table")
    download("All genes (TSV)", table, f"{run_id[:8]}-what-if")


def _worth(result: dict[str, Any], request: WhatIfRequest, *, sha: str) -> None:
    """Say what such a prediction is worth, right below what it says."""
    limits = limits_of(request.model, sha=sha, **request.unlike_measured)
    st.info(f"**What it is worth.** {plain(' '.join(limits))}")
    moved = ", ".join(
        f"{tf} from {before:z.2g} to {after:z.2g}"
        for tf, (before, after) in zip(result["tfs"], result["levels"], strict=True)
    )
    how_to_read(
        f"**Change**: what the model expects of the gene afterwards, minus what it expected before. Its units: "
        f"{plain(result['units'])}. Moved: {plain(moved)}.",
        plain(result["covers"]),
        "The model has learnt which genes vary together, and no perturbation: a change may run from the gene to the "
        "TF, or from a third one to both.",
    )


def _beside(table: pd.DataFrame, told: dict[str, Any], run_id: str) -> None:
    st.header("Beside the measurement", anchor=False)
    with st.container(key="stacks_measured"):
        left, right = st.columns([1, 1], gap="large")
    with left:
        figure = plots.against_measured(table)
        n_genes = told["n_measured"]
        st.plotly_chart(figure, key="what_if_measured", alt=f"Predicted against measured change of {n_genes:,} genes.")
        st.caption("Each point is a gene. A good prediction lies along the rising diagonal.")
    with right:
        st.markdown("\n".join(f"- {plain(text)}" for text in told["words"]))
        download("Predicted and measured (TSV)", table, f"{run_id[:8]}-measured")
