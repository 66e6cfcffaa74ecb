"""The last runs, with their state and the links to go on with each."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Literal

import streamlit as st

from grn_core.runs import RunInfo, RunStore
from grn_core.runs.beside_groups import asked_with
from grn_core.runs.names import pinned_first, title_of
from pages.components.runs.marks import edit_button, removed
from pages.components.runs.picker import STATES, infer_runs, run_details
from pages.components.runs.progress import describe
from pages.components.runs.ways import SHOWN_BY_REQUEST, own_page_link
from pages.components.shared.links import INFER, result_links
from pages.components.shared.messages import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

SHOWN = 6
COLOURS: dict[str, Literal["green", "blue", "gray", "red"]] = {
    "done": "green",
    "running": "blue",
    "queued": "gray",
    "failed": "red",
}
ICONS = {
    "done": ":material/check_circle:",
    "running": ":material/progress_activity:",
    "queued": ":material/schedule:",
    "failed": ":material/error:",
}


def recent_runs() -> None:
    """Show the newest networks, and below them what was asked of them and of cells; an empty list says what to do."""
    networks = infer_runs()
    others = [info for info in RunStore().list_runs() if info.request.kind in SHOWN_BY_REQUEST]
    if not (networks or others):
        st.caption("No run yet. Infer the demo network above, or choose your own cells under Dataset.")
    _newest(networks, "networks", more="Network lists all of them.")
    if others:
        st.subheader("Analyses", anchor=False)
        _newest(sorted(others, key=partial(place_of, others=others), reverse=True), "analyses", border=False)
    removed()


def _newest(infos: Sequence[RunInfo], what: str, *, border: bool = True, more: str = "") -> None:
    """Show the first of some runs, and say so where there are more."""
    for info in pinned_first(infos)[:SHOWN]:
        _row(info, border=border)
    if len(infos) > SHOWN:
        st.caption(f"The first {SHOWN} of {len(infos)} {plain(what)}: pinned ones, then the newest. {plain(more)}")


def place_of(info: RunInfo, *, others: Sequence[RunInfo]) -> tuple[str, bool]:
    """Return when a run was made; the TF activity that a comparison of two groups brought along stands below it."""
    beside = None if info.status.active else asked_with(info, others)
    return (info.created, True) if beside is None else (beside.created, False)


def _row(info: RunInfo, *, border: bool) -> None:
    status = info.status
    with st.container(border=border):
        words, ways = st.columns([4, 3], gap="medium", vertical_alignment="center")
        pin = ":material/keep: " if info.marks.pinned else ""
        with words.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"{pin}**{plain(title_of(info))}**", width="content")
            st.badge(
                STATES.get(status.state, status.state).capitalize(),
                icon=ICONS.get(status.state, ":material/pause_circle:"),
                color=COLOURS.get(status.state, "orange"),
            )
        words.caption(plain(describe(status) if status.active else info.marks.told or run_details(info)))
        with ways.container(horizontal=True, vertical_alignment="center", horizontal_alignment="right"):
            if info.request.kind in SHOWN_BY_REQUEST:
                own_page_link(info)
            elif status.state == "done":
                result_links(info.run_id, align="right")
            else:
                word = "Watch" if status.active else "Open"
                st.page_link(INFER, label=word, icon=":material/play_circle:", query_params={"run": info.run_id})
            edit_button(info)
