"""What differs between two groups: a sentence, a picture, a table, both networks with one layout, and TF activity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from grn_core import networks, plots
from grn_core.datasets.groups import CellGroup
from grn_core.datasets.replicates import who_takes_part
from grn_core.differential.comparing import SEEN, SURE, networks_of_tested
from grn_core.differential.words import limit_of, null_in_words, sure_in_words, tested_in_words
from grn_core.networks.matched import Matched, match_networks
from grn_core.runs import GroupsRequest, RunStore, manager
from grn_core.settings import settings
from pages.components.activity.result import activity_differences
from pages.components.compare.networks import SAME, Told, side_by_side
from pages.components.groups.limit import limit_shown
from pages.components.network.panel import pick
from pages.components.network.told import Picked
from pages.components.runs.no_part import lost_in_run
from pages.components.runs.progress import watch_run
from pages.components.runs.view import say_tested, view
from pages.components.runs.ways import ASKED
from pages.components.shared.kept import kept
from pages.components.shared.links import ACTIVITY
from pages.components.shared.messages import plain
from pages.components.shared.reading import how_to_read
from pages.components.shared.steps import how_many
from pages.components.shared.tables import download, first_rows, show_table

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

    from grn_core.runs import ActivityRequest

number = st.column_config.NumberColumn
COLUMNS = {
    "source": st.column_config.TextColumn("TF"),
    "target": st.column_config.TextColumn("Target"),
    "q": number("q", format="%.2g", help="Benjamini-Hochberg over all tested edges."),
    "score_a": number("Score in A", format="%.3f"),
    "score_b": number("Score in B", format="%.3f"),
    "stronger": st.column_config.TextColumn("Stronger in"),
    "rank_a": number("Rank in A", format="%.0f"),
    "rank_b": number("Rank in B", format="%.0f"),
    "difference": number("A minus B", format="%.3f"),
}
BY_VALUE = "Right: higher score in A."
BY_SIZE = "Right: A's score is the more positive. Colour: where it is larger, whatever its sign."

WHY_TWO_TESTS = "Edges are judged by permuted labels, which assume nothing; TFs by a test that does, see below."
FLAT = 0.9
"""A smallest q from which all points of a picture would lie on its lower edge."""
UNSEEN = "Draw pairs that were not tested too"
WHY_UNSEEN = f"A gene that fewer than {SEEN} cells show scores high by chance."


@kept(max_entries=4, show_spinner="Reading what differs")
def _found(run_id: str) -> tuple[pd.DataFrame, dict[str, Any]]:
    return RunStore().differences(run_id)


@kept(max_entries=4, show_spinner="Putting both networks side by side")
def _matched(run_id: str, a: str, b: str, *, every: bool) -> Matched:
    if every:
        whole = RunStore().differential(run_id)
        return match_networks({a: whole.a, b: whole.b})
    return match_networks(dict(zip((a, b), networks_of_tested(*_found(run_id)), strict=True)))


@kept(max_entries=4)
def _told(run_id: str) -> dict[tuple[str, str], Told]:
    """Return what was found of each tested edge, as `side_by_side` takes it."""
    table, _ = _found(run_id)
    told = table["stronger"].where((table["q"] < SURE) & (table["stronger"] != ""), SAME)
    return dict(zip(zip(table["source"], table["target"], strict=True), told, strict=True))


@kept(max_entries=4)
def _volcano(run_id: str, _table: pd.DataFrame, *, directed: bool) -> go.Figure:  # noqa: ARG001
    """Return the picture of the tested edges; a page only sends it, and changes nothing in it."""
    return plots.edge_volcano(_table, a="A", b="B", directed=directed)


def groups_result(run_id: str) -> None:
    """Show a finished run."""
    table, facts = _found(run_id)
    request = RunStore().request(run_id)
    chosen = request.cells if isinstance(request, GroupsRequest) else None
    _headline(facts, table, among=CellGroup(*chosen).title if chosen else "")
    say_tested(view(run_id))
    lost_in_run(run_id)
    picture_and_table(table, run_id, directed=bool(facts["directed"]))
    st.header("Both networks", anchor=False)
    names = [f"{letter.upper()}: {facts[letter]}" for letter in "ab"]
    directed = dict.fromkeys(names, bool(facts["directed"]))
    every = st.toggle(UNSEEN, key="groups_unseen", help=WHY_UNSEEN)
    matched = _matched(run_id, *names, every=every)
    most = min(len(matched), settings().max_graph_edges // 2)
    steps = [k for k in (20, 50, 100, 200, 300, 500) if k < most] or [most]
    k = how_many("Best edges of each group", steps, "best", 50)
    side_by_side(
        (run_id, "every pair" if every else "tested"),
        matched,
        directed,
        a=names[0],
        b=names[1],
        k=k,
        names=names,
        told=_told(run_id),
    )


def picture_and_table(table: pd.DataFrame, run_id: str, *, directed: bool) -> None:
    """Show the tested edges, with a picture where it is more than a line."""
    if not float(table["q"].min()) < FLAT:
        st.caption("With such q there is no picture of the differences to draw. The table has every tested edge.")
        _table(table, run_id)
        return
    with st.container(key="stacks_groups"):
        left, right = st.columns([1, 1], gap="large")
    with left:
        _picture(table, run_id, directed=directed)
    with right:
        _table(table, run_id)


def _headline(facts: dict[str, Any], table: pd.DataFrame, *, among: str) -> None:
    n_a, n_b = facts["cells"]
    both = (
        f"A, {plain(facts['a'])} ({int(n_a):,} cells), and B, {plain(facts['b'])} ({int(n_b):,} cells)"
        f"{plain(f', among {among}' if among else '')}"
    )
    least = f"the smallest q is {round(float(table['q'].min()), 3)}"
    limit = limit_of(facts)
    if limit is not None and not facts["sure"]:
        none = f" No edge is: {least}." if facts["smallest_p"] <= SURE else ""
        st.markdown(f"{limit_shown(limit)}{none}  \nCompared: {both}. {plain(tested_in_words(facts))}")
    elif facts["sure"]:
        st.markdown(
            f"**{int(facts['sure']):,} of {int(facts['tested']):,} tested edges differ** (q below {SURE}) between "
            f"{both}: {plain(sure_in_words(facts))}. {plain(tested_in_words(facts))}"
        )
    else:
        st.markdown(
            f"**No edge is sure to differ** (q below {SURE}) between {both}: of {int(facts['tested']):,} tested, "
            f"{least}. {plain(tested_in_words(facts))}"
        )
    if facts["unit"] == "cells":
        st.warning(plain(null_in_words(facts)), icon=":material/help:")
    elif words := null_in_words(facts) if limit is None or facts["sure"] else who_takes_part(facts).strip():
        st.info(plain(words), icon=":material/groups:")
    how_to_read(
        "**q**: of the edges with a q as small or smaller, about that share is expected to differ by chance.",
        f"**All edges together**: labels put at random make them differ as much with p {round(facts['overall_p'], 4)}.",
        "**Tested** are the strongest pairs in all cells of both groups; which is which takes no part in that choice.",
        f"**Not tested** are {int(facts['unseen']):,} pairs with a gene that fewer than {SEEN} cells of a group show.",
        "**Symmetric methods** tell no direction: a pair of TFs is tested once.",
    )


def _picture(table: pd.DataFrame, run_id: str, *, directed: bool) -> None:
    figure = _volcano(run_id, table, directed=directed)
    st.plotly_chart(figure, key="groups_volcano", alt=f"Difference of the score and q of {len(table):,} edges.")
    crossed = ((table["difference"] > 0) != (table["stronger"] == "A")).any()  # of scores below 0 the size counts
    st.caption(f"{BY_SIZE if crossed else BY_VALUE} Higher: smaller q. Dashed: q of 0.05. Not all points are drawn.")


def _table(table: pd.DataFrame, run_id: str) -> None:
    search = st.text_input("Search TFs and targets", placeholder="Part of a name", key="groups_search").strip()
    found = networks.find_edges(table, search)
    if found.empty:
        st.info(f"No TF and no target has {plain(search)} in its name.")
        return
    shown = first_rows(found, first="with the smallest q", what="edges")
    edges = list(zip(shown["source"], shown["target"], strict=True))

    def choose() -> None:
        rows = st.session_state["groups_edges"].selection.rows
        if rows and rows[0] < len(edges):
            pick(Picked(edge=edges[rows[0]]))

    show_table(
        shown[list(COLUMNS)],
        hide_index=True,
        column_config=COLUMNS,
        height=330,
        key="groups_edges",
        on_select=choose,
        selection_mode="single-row",
        alt="Edges with their difference, q, scores and ranks in both groups, the smallest q first",
    )
    download("What differs (TSV)", table, f"{run_id[:8]}-differences")


def tf_activity(request: ActivityRequest) -> None:
    """Show which TFs differ in activity between the same groups, computed as a run of its own."""
    st.header("TF activity", anchor=False)
    run_id = request.run_id()
    if manager.status_if_known(run_id) is None:
        st.caption("Which TFs are more active in A or in B, read from their known targets (OmniPath).")
        if st.button("Compare TF activity too", icon=":material/bolt:", key="groups_activity"):
            manager.submit(request)
            st.rerun()
        return
    if manager.status(run_id).active:
        st.caption("It was asked for with the comparison, of the same groups, and is a run of its own.")
    if watch_run(run_id).state != "done":
        return
    table = RunStore().activity(run_id).differences
    if table is not None:
        say_tested(view(run_id))
        st.caption(WHY_TWO_TESTS)
        activity_differences(run_id, table, RunStore().record(run_id)["result"]["differences"])
    st.page_link(ACTIVITY, label="TF activity of every cell", icon=":material/bolt:", query_params={ASKED: run_id})
