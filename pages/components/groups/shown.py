"""A run of groups that the address names, as it was asked, whatever the form would ask now."""

from __future__ import annotations

import streamlit as st

from grn_core.runs import AllGroupsRequest, GroupsRequest, RunInfo, RunStore
from grn_core.runs.names import title_of
from pages.components.groups.all_groups import all_groups_result
from pages.components.groups.form import activity_of
from pages.components.groups.result import groups_result, tf_activity
from pages.components.runs.command import command_line, show_command
from pages.components.runs.picker import run_details
from pages.components.runs.progress import watch_run
from pages.components.runs.ways import GROUPS_RUN, ask_again
from pages.components.shared.messages import plain
from pages.components.shared.session import query, remember


def run_of_the_address() -> RunInfo | None:
    """Return the run of groups that the address names; one that is not there is forgotten."""
    run_id = query(GROUPS_RUN, "")
    found = next((info for info in RunStore().list_runs() if info.run_id == run_id), None) if run_id else None
    if found is not None and isinstance(found.request, GroupsRequest | AllGroupsRequest):
        return found
    if run_id:
        remember(GROUPS_RUN, None)
    return None


def run_shown(info: RunInfo) -> None:
    """Show what was asked, and the run."""
    request = info.request
    assert isinstance(request, GroupsRequest | AllGroupsRequest)
    st.markdown(f"**{plain(title_of(info))}**")
    st.caption(plain(info.marks.note or run_details(info)))
    st.button("Ask another question", icon=":material/tune:", key="groups_again", on_click=ask_again, args=(request,))
    if watch_run(info.run_id).state == "done":
        if isinstance(request, GroupsRequest):
            groups_result(info.run_id)
            tf_activity(activity_of(request))
        else:
            all_groups_result(info.run_id)
    show_command(command_line(request))
