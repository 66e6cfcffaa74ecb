"""A run of groups that the address names, as it was asked, whatever the form would ask now."""

from __future__ import annotations

from functools import partial

from grn_core.runs import AllGroupsRequest, GroupsRequest, RunInfo
from grn_core.runs.beside_groups import activity_of
from pages.components.groups.all_groups import all_groups_result
from pages.components.groups.result import groups_result, tf_activity
from pages.components.runs.asked import asked_before, heading
from pages.components.runs.command import command_line, show_command
from pages.components.runs.progress import watch_run
from pages.components.runs.ways import GROUPS_RUN, ask_again
from pages.components.shared.session import query, remember


def run_of_the_address() -> RunInfo | None:
    """Return the run of groups that the address names; one that is not there is said to be gone, and forgotten."""
    run_id = query(GROUPS_RUN, "")
    found = asked_before(GroupsRequest, AllGroupsRequest, name=GROUPS_RUN)
    if found is None and run_id:
        remember(GROUPS_RUN, None)
    return found


def run_shown(info: RunInfo) -> None:
    """Show what was asked, and the run."""
    request = info.request
    assert isinstance(request, GroupsRequest | AllGroupsRequest)
    heading(info, leave=partial(ask_again, request))
    if watch_run(info.run_id).state == "done":
        if isinstance(request, GroupsRequest):
            groups_result(info.run_id)
            tf_activity(activity_of(request, request.dataset()))
        else:
            all_groups_result(info.run_id)
    show_command(command_line(request))
