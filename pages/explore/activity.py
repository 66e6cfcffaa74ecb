"""TF activity: which TFs are active in which cells, and what differs between groups A and B."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from grn_core.errors import DataError, RunError
from grn_core.runs import ActivityRequest, RunInfo, RunStore, manager
from grn_core.runs.kinds.panel import PanelRequest
from grn_core.runs.regulons import RUN
from pages.components.activity.form import activity_form, chosen_network
from pages.components.activity.result import activity_result
from pages.components.data.with_cells import chosen_cells
from pages.components.runs.asked import ANY_RUN, asked_before, heading
from pages.components.runs.command import command_line, show_command
from pages.components.runs.estimate import say_estimate_of
from pages.components.runs.progress import watch_run
from pages.components.runs.ways import activity_again
from pages.components.shared.messages import errors_shown, plain
from pages.components.shared.session import current_dataset, remember, set_dataset

if TYPE_CHECKING:
    from grn_core.datasets import Dataset


def page() -> None:
    """Lay out the page."""
    st.title("TF activity", icon=":material/bolt:", anchor=False)
    st.caption("Which TFs are active in which cells, read from the expression of their targets by decoupler.")
    if (before := asked_before(ActivityRequest, networks=True)) is not None:
        with errors_shown():
            answered(before)
        return
    take_the_run_as_network()
    take_the_cells_of_the_run()
    dataset = chosen_cells(needs="Activity is read in cells")
    if dataset is None:
        return
    with errors_shown():
        request = activity_form(dataset)
        run_id = request.run_id()
        if manager.status_if_known(run_id) is None:
            say_estimate_of(request, dataset)
            if st.button("Compute the activity", type="primary", icon=":material/bolt:", key="compute_activity"):
                manager.submit(request)
                st.rerun()
        else:
            computed(run_id, request, dataset)
        show_command(command_line(request))


def answered(info: RunInfo) -> None:
    """Show a run that was asked before, whatever is chosen now."""
    request = info.request
    assert isinstance(request, ActivityRequest)
    heading(info, leave=partial(activity_again, request))
    computed(info.run_id, request, None)
    show_command(command_line(request))


def computed(run_id: str, request: ActivityRequest, dataset: Dataset | None) -> None:
    """Show the progress of a run, and what came out, in its cells; they are read where they are not yet."""
    if watch_run(run_id).state != "done":
        return
    activity_result(run_id, cells_of(request) if dataset is None else dataset)


def cells_of(request: ActivityRequest) -> Dataset | None:
    """Read the cells of a run; None where they are not here: a copy of another's run comes without the upload."""
    try:
        return request.dataset()
    except (DataError, RunError) as error:
        st.caption(f"Shown without its cells: {plain(error.found)}.")
        return None


def take_the_run_as_network() -> None:
    """Take the targets from the network that the address names as its run."""
    if (run_id := st.query_params.pop(ANY_RUN, "")) and "network" not in st.query_params:
        remember("network", run_id)


def take_the_cells_of_the_run() -> None:
    """Choose the cells that the network was asked of, where none were chosen."""
    network = chosen_network()
    if current_dataset() is None and RUN.fullmatch(network):
        asked = RunStore().request(network)
        if isinstance(asked, PanelRequest) and asked.has_cells:
            set_dataset(asked.dataset_ref)


page()
