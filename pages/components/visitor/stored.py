"""What is stored about the visitor: each thing with its size, the way to delete it, and to take all along."""

from __future__ import annotations

from datetime import datetime

import pandas as pd
import streamlit as st

from grn_core import in_words
from grn_core.disk import kept_bytes
from grn_core.homes import is_users
from grn_core.runs import along, belongings, remove
from grn_core.runs.names import title_of
from grn_core.runs.retention import leaving
from grn_core.runs.trash import KEPT_DAYS
from grn_core.runs.unread import RECORD, remove_record
from grn_core.settings import settings
from pages.components.runs.picker import when
from pages.components.shared.damaged import show_damaged
from pages.components.shared.later import later
from pages.components.shared.messages import errors_shown, plain, seen, told_apart
from pages.components.shared.tables import show_table

SURE = "DELETE"
MOST_NAMED = 5
COLUMNS = {
    "What": st.column_config.TextColumn(width=118),
    "Name": st.column_config.TextColumn(width=270),
    "Size": st.column_config.TextColumn(width=76),
    "Since": st.column_config.TextColumn(width=108),
}
"""Widths that a page beside the navigation of a tablet has room for; a wider one stretches them."""


def stored(wanted: str = "") -> None:
    """Show what lies in the visitor's home, and the ways to delete it and take it along.

    Parameters
    ----------
    wanted
        Name of what is chosen for deletion, if it is there.
    """
    with errors_shown():
        found = belongings.belongings()
        show_damaged()
        _sizes(found)
        if found:
            _delete_one(found, wanted)
        with st.container(horizontal=True):
            _take_along()
            if is_users():
                _delete_all()


def leaving_soon() -> None:
    """Say what goes soon because nobody used it."""
    if found := leaving():
        first = datetime.fromtimestamp(found[0].goes).astimezone()
        names = ", ".join(plain(one.title) for one in found[:MOST_NAMED])
        more = f" and {len(found) - MOST_NAMED:,} more" if len(found) > MOST_NAMED else ""
        st.warning(
            f"Unused for long, and removed from {plain(f'{first.day} {first:%b}')} on: {names}{more}. Open or pin a "
            "run that shall stay; use an upload, or upload it again.",
            icon=":material/schedule:",
        )


def _sizes(found: list[belongings.Belonging]) -> None:
    most = settings().max_user_gb * 10**9
    bound = f" of the {in_words.size(most)} that each user may keep" if most and is_users() else ""
    whole = in_words.size(kept_bytes(settings().home))
    st.markdown(f"{len(found):,} uploads, lists and runs; with all that belongs to them {whole}{bound}.")
    if found:
        rows = [
            {"What": one.kind, "Name": seen(one.title), "Size": in_words.size(one.n_bytes), "Since": when(one.created)}
            for one in found
        ]
        show_table(pd.DataFrame(rows), hide_index=True, key="belongings", column_config=COLUMNS)


def _delete_one(found: list[belongings.Belonging], wanted: str) -> None:
    known = {one.name: one for one in found}
    label = told_apart(known, lambda name: f"{known[name].kind}: {known[name].title}")
    if st.session_state.get("thing") not in known:
        st.session_state.pop("thing", None)
    if wanted in known:
        st.session_state["thing"] = wanted
    name = st.selectbox("Delete one", list(known), index=None, format_func=label, key="thing", placeholder="Choose")
    if name is None:
        return
    one = known[name]
    if one.kind == belongings.RUN:
        st.caption(f"The run can be brought back for {KEPT_DAYS} days, on Home; its links open no more.")
    elif one.kind in (*belongings.MADE.values(), RECORD):
        st.warning("It goes for good; runs that have used it stay.", icon=":material/delete:")
    else:
        hanging = belongings.hanging_on(name)
        titles = ", ".join(plain(title_of(info)) for info in hanging[:MOST_NAMED])
        more = f" and {len(hanging) - MOST_NAMED:,} more" if len(hanging) > MOST_NAMED else ""
        runs = (
            f"with it {len(hanging):,} run{'s' if len(hanging) > 1 else ''} asked of it: {titles}{more}"
            if hanging
            else "no run needs it"
        )
        st.warning(f"It goes for good, and {runs}.", icon=":material/delete:")
    st.button("Delete it", icon=":material/delete:", key="delete_thing", on_click=_delete, args=(one,))


def _delete(one: belongings.Belonging) -> None:
    with errors_shown():
        if one.kind == belongings.RUN:
            remove(one.name)
        elif one.kind in belongings.MADE.values():
            belongings.remove_made(one.name)
        elif one.kind == RECORD:
            remove_record(one.name)
        else:
            belongings.remove_upload(one.name)
        st.toast(f"Deleted: {plain(one.title)}")


def _take_along() -> None:
    size = along.n_bytes()
    too_large = size > along.MOST_IN_ZIP
    st.download_button(
        "Download all of it (.zip)",
        later(along.everything),
        "grn-studio-my-data.zip",
        "application/zip",
        on_click="ignore",
        icon=":material/download:",
        key="take_along",
        disabled=too_large or not size,
        help="Every upload, list and run as it lies here, with your names and notes; without downloads and what only "
        f"saves time. {in_words.size(size)} before it is packed.",
    )
    if too_large:
        st.caption(
            f"All of it takes {in_words.size(size)}; one file holds at most {in_words.size(along.MOST_IN_ZIP)}. Delete "
            "what you need no more, or ask who runs this installation for a copy of your folder."
        )


def _delete_all() -> None:
    with st.popover("Delete all of it", icon=":material/delete_forever:"):
        st.markdown("Every upload, list, run, translator, name, note and link of yours, at once and for good.")
        sure = st.text_input(f"Write {SURE} to confirm", key="delete_sure") == SURE
        st.button("Delete all", disabled=not sure, key="delete_all", on_click=_delete_everything)


def _delete_everything() -> None:
    with errors_shown():
        belongings.remove_everything()
        st.session_state.clear()
