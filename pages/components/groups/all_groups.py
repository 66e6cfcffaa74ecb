"""The networks of all groups of a column: what is asked, and in which groups each edge stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from grn_core import plots
from grn_core.datasets.annotations import column_title
from grn_core.datasets.groups import groups_of
from grn_core.datasets.replicates import without_value
from grn_core.differential import ways
from grn_core.differential.all_groups import matrix_of, written
from grn_core.runs import AllGroupsRequest, RunStore, manager
from grn_core.runs.kinds.groups import BEST
from pages.components.data.choices import groupings, panel_choice
from pages.components.runs.command import command_line, show_command
from pages.components.runs.estimate import say_estimate_of
from pages.components.runs.no_part import lost_in_run
from pages.components.runs.progress import watch_run
from pages.components.runs.view import say_tested, view
from pages.components.shared.kept import kept
from pages.components.shared.messages import plain, told_apart
from pages.components.shared.session import linked, one_of
from pages.components.shared.tables import download

if TYPE_CHECKING:
    import pandas as pd

    from grn_core.datasets import Dataset

STEPS = (50, 100, 200, 500, 1000, 2000)
SHOWN = 40
ORDERS = {"shared": "In most groups", "specific": "In one group alone"}


def all_groups(dataset: Dataset) -> None:
    """Show the form, and what a finished run has found."""
    columns = groupings(dataset)
    if not columns:
        st.info("These cells have no labels yet. Compute clusters, or upload labels, under Dataset.")
        return
    chosen, titles = groups_of(dataset.sha256), ways()
    usual = chosen.a.column if chosen is not None and chosen.a.column in columns else columns[0]
    first, second, third = st.columns([3, 3, 2], gap="medium", vertical_alignment="bottom")
    by = first.selectbox(
        "Groups of cells",
        columns,
        format_func=told_apart(columns, column_title),
        **linked("all_by", usual, columns),
        help="Each group of ten cells or more gets a network on the same genes.",
    )
    method = second.selectbox(
        "Networks by",
        list(titles),
        format_func=told_apart(titles, titles.__getitem__),
        **linked("groups_by", "pearson", titles),
    )
    best = third.select_slider("Best edges", STEPS, format_func=lambda n: f"{n:,}", **linked("standing", BEST, STEPS))
    choice = panel_choice(dataset).asked_of(dataset, "compact")
    request = choice.of_kind(AllGroupsRequest, method=method, by=by, best=best)
    run_id = request.run_id()
    if manager.status_if_known(run_id) is None:
        say_estimate_of(request, dataset)
        if st.button("Compute the networks", type="primary", icon=":material/hub:", key="compute_all_groups"):
            manager.submit(request)
            st.rerun()
    elif watch_run(run_id).state == "done":
        all_groups_result(run_id)
    show_command(command_line(request))


@kept(max_entries=4, show_spinner="Reading where edges stand")
def _matrix(run_id: str) -> pd.DataFrame:
    return matrix_of(RunStore().standing(run_id))


def all_groups_result(run_id: str) -> None:
    """Show a finished run."""
    facts: dict[str, Any] = RunStore().record(run_id)["result"]["facts"]
    matrix = _matrix(run_id)
    n_groups = matrix.notna().sum(axis=1)
    alone, everywhere = (int((n_groups == n).sum()) for n in (1, len(matrix.columns)))
    st.markdown(
        f"**{len(matrix):,} edges** are among the best {int(facts['best']):,} of some group: {int(alone):,} of one of "
        f"the {len(matrix.columns):,} groups alone, {int(everywhere):,} of all of them."
    )
    say_tested(view(run_id))
    for text in without_value(facts.get("unnamed", 0), facts.get("by", ""), so="in no group"):
        st.caption(plain(text))
    if left := facts["left_out"]:
        st.caption(f"Fewer than ten cells, so no network: {plain(', '.join(left))}.")
    lost_in_run(run_id)
    order = one_of("Show", ORDERS, "standing_order", "shared", label_visibility="collapsed")
    shown = matrix if order == "shared" else matrix[n_groups == 1]
    if order == "specific" and not shown.empty:
        group = np.nanargmin(shown.to_numpy(dtype=float), axis=1)
        order_of = np.lexsort((shown.min(axis=1).to_numpy(), group))
        per_group = max(1, SHOWN // len(matrix.columns))
        shown = shown.iloc[order_of].groupby(group[order_of]).head(per_group)
    if shown.empty:
        st.info("There is no such edge.")
    else:
        figure = plots.standing_heatmap(shown.head(SHOWN), directed=bool(facts["directed"]))
        alt = f"Ranks of {min(len(shown), SHOWN)} edges in {len(matrix.columns)} groups of cells."
        st.plotly_chart(figure, key="standing_map", alt=alt)
        st.caption("Coloured where an edge stands, by its rank. No test is made: small groups rank more by chance.")
    download("Every edge and where it stands (TSV)", written(matrix), f"{run_id[:8]}-standing")
