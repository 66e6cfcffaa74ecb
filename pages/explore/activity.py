"""TF activity: which TFs are active in which cells, and what differs between groups A and B."""

from __future__ import annotations

import streamlit as st

from grn_core.errors import GrnError
from grn_core.runs import RunStore, manager
from grn_core.runs.kinds.panel import PanelRequest
from grn_core.runs.regulons import RUN
from pages.components.activity.form import activity_form, chosen_network
from pages.components.activity.result import activity_result
from pages.components.data.choices import chosen_dataset, is_gene_list
from pages.components.runs.command import command_line, show_command
from pages.components.runs.progress import watch_run
from pages.components.runs.view import say_tested, view
from pages.components.shared.links import DATASET
from pages.components.shared.messages import errors_shown, plain, show_error
from pages.components.shared.session import current_dataset, set_dataset


def page() -> None:
    """Lay out the page."""
    st.title("TF activity", icon=":material/bolt:", anchor=False)
    st.caption("Which TFs are active in which cells, read from the expression of their targets by decoupler.")
    take_the_cells_of_the_run()
    try:
        dataset = chosen_dataset()
    except GrnError as error:
        show_error(error)
        st.page_link(DATASET, label="Choose another dataset", icon=":material/dataset:")
        return
    if is_gene_list(dataset):
        st.info("Activity is read in cells, and a gene list has none. Choose a dataset with cells.")
        st.page_link(DATASET, label="Choose cells", icon=":material/dataset:")
        return
    st.markdown(f"**{plain(dataset.title)}**: {dataset.n_cells:,} cells")
    with errors_shown():
        request = activity_form(dataset)
        run_id = request.run_id()
        if manager.status_if_known(run_id) is None:
            if st.button("Compute the activity", type="primary", icon=":material/bolt:", key="compute_activity"):
                manager.submit(request)
                st.rerun()
        elif watch_run(run_id).state == "done":
            activity_result(run_id, dataset)
            if RUN.fullmatch(chosen_network()):
                say_tested(view(chosen_network()))
        show_command(command_line(request))


def take_the_cells_of_the_run() -> None:
    """Choose the cells that the network was asked of, where none were chosen."""
    network = chosen_network()
    if current_dataset() is None and RUN.fullmatch(network):
        asked = RunStore().request(network)
        if isinstance(asked, PanelRequest) and asked.has_cells:
            set_dataset(asked.dataset_ref)


page()
