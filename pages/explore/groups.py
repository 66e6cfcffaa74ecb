"""Groups: which edges and TFs differ between two groups of cells, and how sure that is."""

from __future__ import annotations

import streamlit as st

from grn_core.runs import manager
from grn_core.runs.beside_groups import activity_of
from pages.components.data.two_groups import chosen_groups
from pages.components.data.with_cells import chosen_cells
from pages.components.groups.all_groups import all_groups
from pages.components.groups.form import before_the_run, groups_form
from pages.components.groups.result import groups_result, tf_activity
from pages.components.groups.shown import run_of_the_address, run_shown
from pages.components.runs.command import command_line, show_command
from pages.components.runs.progress import watch_run
from pages.components.shared.links import to_groups
from pages.components.shared.messages import errors_shown
from pages.components.shared.session import one_of

VIEWS = {"two": "A against B", "all": "All groups of a column"}


def page() -> None:
    """Lay out the page."""
    st.title("Groups", icon=":material/difference:", anchor=False)
    st.caption("Which edges and TFs differ between two groups of cells, A and B, and how sure that is.")
    shown = run_of_the_address()
    if shown is not None:
        with errors_shown():
            run_shown(shown)
        return
    dataset = chosen_cells(needs="Groups are compared by their cells")
    if dataset is None:
        return
    if one_of("What is compared", VIEWS, "groups_view", "two", label_visibility="collapsed") == "all":
        with errors_shown():
            all_groups(dataset)
        return
    groups = chosen_groups(dataset)
    if groups is None:
        st.info("No groups are named for these cells yet: choose A and B under Dataset, 'Two groups to compare'.")
        to_groups("Choose groups A and B")
        return
    with errors_shown():
        request = groups_form(dataset, groups)
        run_id = request.run_id()
        if manager.status_if_known(run_id) is None:
            before_the_run(request, dataset)
            if st.button("Compare the groups", type="primary", icon=":material/difference:", key="compare_groups"):
                manager.submit(request)
                manager.submit(activity_of(request, dataset))
                st.rerun()
        elif watch_run(run_id).state == "done":
            groups_result(run_id)
            tf_activity(activity_of(request, dataset))
        show_command(command_line(request))


page()
