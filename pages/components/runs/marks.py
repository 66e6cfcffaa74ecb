"""What a user does with a run in a list: call it by a name, keep a note, pin it, remove it and take that back."""

from __future__ import annotations

import streamlit as st

from grn_core import runs
from grn_core.runs import RunInfo
from grn_core.runs.marks import DAMAGED, LONGEST, NEWER
from grn_core.runs.names import name_of, title_of
from grn_core.runs.trash import KEPT_DAYS
from pages.components.shared.messages import errors_shown, plain
from pages.components.shared.session import current_run, set_run
from pages.components.visitor.sharing import sharing

JUST_REMOVED = "just_removed"


def edit_button(info: RunInfo) -> None:
    """Show the button that opens what can be said of a run and done with it."""
    if st.button(
        "Edit",
        icon=":material/edit:",
        key=f"edit_{info.run_id}",
        type="tertiary",
        help="Name, note, pin, remove",
    ):
        _edit(info)


@st.dialog("This run")
def _edit(info: RunInfo) -> None:
    marks = info.marks
    usual = name_of(info.request)
    if marks.damaged or marks.newer:
        st.warning((NEWER if marks.newer else DAMAGED).strip("()"), icon=":material/warning:")
    st.text_input("Name", marks.name, max_chars=LONGEST["name"], placeholder=usual, key="run_name")
    st.text_area("Note", marks.note, max_chars=LONGEST["note"], height=90, key="run_note")
    st.toggle("Pinned: before the others in lists and menus", marks.pinned, key="run_pinned")
    with st.container(horizontal=True):
        saved = st.button(
            "Save", type="primary", icon=":material/check:", key="run_save", on_click=_save, args=(info.run_id,)
        )
        gone = st.button(
            "Remove",
            icon=":material/delete:",
            key="run_remove",
            disabled=info.status.active,
            on_click=_remove,
            args=(info.run_id,),
        )
    st.caption(f"A removed run can be brought back for {KEPT_DAYS} days.")
    sharing(info)
    if saved or gone:
        st.rerun()


def _save(run_id: str) -> None:
    said = st.session_state
    with errors_shown():
        runs.mark(run_id, name=said["run_name"], note=said["run_note"], pinned=said["run_pinned"])


def _remove(run_id: str) -> None:
    with errors_shown():
        runs.remove(run_id)
        st.session_state[JUST_REMOVED] = run_id
        if current_run() == run_id:
            set_run(None)


def removed() -> None:
    """Offer to take the last removal back, and to restore what was removed earlier."""
    gone = {one.info.run_id: one.info for one in runs.removed_runs()}
    last = st.session_state.get(JUST_REMOVED)
    if last in gone:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"Removed: **{plain(title_of(gone[last]))}**.")
            st.button("Undo", icon=":material/undo:", key="undo_removal", on_click=_restore, args=(last,))
    if not gone:
        return
    with st.expander(f"Removed runs ({len(gone)})", icon=":material/delete:"):
        for run_id, info in gone.items():
            words, back = st.columns([5, 1], vertical_alignment="center")
            words.markdown(plain(title_of(info)))
            back.button("Restore", key=f"restore_{run_id}", on_click=_restore, args=(run_id,))


def _restore(run_id: str) -> None:
    with errors_shown():
        runs.restore(run_id)
        st.session_state.pop(JUST_REMOVED, None)
