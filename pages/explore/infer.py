"""Infer: choose model and methods, start the inference, watch it, and see what came out."""

from __future__ import annotations

import streamlit as st

from grn_core import runs
from grn_core.errors import GrnError
from grn_core.runs import RunRequest, manager
from pages.components.choices import adopt, chosen_dataset, panel_choice
from pages.components.command import command_of
from pages.components.infer_form import infer_form, model_options
from pages.components.links import DATASET
from pages.components.messages import errors_shown, plain, show_error
from pages.components.panel_form import panel_summary
from pages.components.run_picker import infer_runs, run_details
from pages.components.run_progress import watch_run
from pages.components.run_summary import run_record, run_summary
from pages.components.session import current_dataset, current_run, set_run


def start(request: RunRequest) -> None:
    """Submit the request and put its run into the URL."""
    with errors_shown():
        set_run(runs.submit(request))


def run_on_show() -> None:
    """Show the run that the URL names: its progress, or what came out."""
    run_id = current_run()
    known = {info.run_id: info for info in infer_runs()}
    if run_id is None:
        return
    if run_id not in known:
        st.warning(f"There is no run {run_id!r} on this machine. Start one below, or choose another under Home.")
        return
    if current_dataset() is None:
        adopt(known[run_id].request)
    with st.container(border=True):
        st.subheader(plain(known[run_id].request.title or known[run_id].request.dataset_ref))
        st.caption(plain(run_details(known[run_id])))
        with errors_shown():
            if watch_run(run_id).state == "done":
                run_summary(run_id)
            run_record(run_id)


def new_run() -> None:
    """Show the form of a new run."""
    dataset = chosen_dataset()
    choice = panel_choice(dataset)
    form, panel = st.columns([1, 1], gap="large")
    with form:
        infer_form()
        options = model_options()
    with panel:
        st.markdown(f"**{plain(dataset.title)}**, {dataset.n_cells:,} cells")
        ready = panel_summary(dataset, choice, model=options["model"])
        st.page_link(DATASET, label="Change cells or genes", icon=":material/edit:")
    if not ready:
        return
    request = choice.request(dataset, **options)
    before = manager.status_if_known(request.run_id())
    done = before is not None and before.state == "done"
    st.button(
        "Show the network" if done else "Infer the network",
        type="primary",
        icon=":material/play_arrow:",
        key="infer",
        on_click=start,
        args=(request,),
        disabled=before is not None and before.active,
    )
    if before is not None and before.active:
        st.caption("This is being computed: see above.")
    elif done:
        st.caption("This was computed before with exactly these settings: it opens at once.")
    with st.expander("The same as a command", icon=":material/terminal:"):
        st.code(command_of(request), language="bash", wrap_lines=True)


st.title("Infer", icon=":material/play_circle:")
st.caption("Ask the foundation model how every gene responds to every TF, and translate the answers into a network.")
run_on_show()
st.header("New inference" if current_run() else "What to infer")
try:
    new_run()
except GrnError as error:
    show_error(error)
    st.page_link(DATASET, label="Choose another dataset", icon=":material/dataset:")
