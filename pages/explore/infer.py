"""Infer: choose model and methods, start the inference, watch it, and see what came out."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from grn_core import in_words, runs
from grn_core.errors import GrnError
from grn_core.runs import Request, manager
from grn_core.runs.kinds.panel import GENES_ONLY, CellsRequest
from grn_core.runs.names import title_of
from pages.components.data.choices import DEFAULTS, adopt, chosen_dataset, dataset_of, is_gene_list, panel_choice
from pages.components.data.matching_report import vocabulary_matching
from pages.components.data.panel_form import cost_of_asking, panel_summary
from pages.components.infer.coexpression_form import coexpression_cost, coexpression_form, method_choice
from pages.components.infer.form import chosen, infer_form, planned, value_models
from pages.components.runs.asked import find_run
from pages.components.runs.command import command_line, show_command
from pages.components.runs.picker import infer_runs, run_details
from pages.components.runs.progress import progress_line, watch_run
from pages.components.runs.summary import run_record, run_summary
from pages.components.runs.view import say_tested_of
from pages.components.shared.device import device_caption
from pages.components.shared.links import DATASET, NETWORK
from pages.components.shared.messages import errors_shown, plain, show_error
from pages.components.shared.session import current_dataset, current_run, one_of, set_run

if TYPE_CHECKING:
    from grn_core.datasets import Dataset, GeneList

APPROACHES = {"model": "Foundation model", "coexpression": "Co-expression"}
APPROACH_HELP = (
    "A foundation model is asked what it would expect of every gene when a TF changes. A co-expression method looks at "
    "the chosen cells alone: the simple rival that a model has to beat. Both take the same gene list, so that the "
    "networks can be compared edge by edge."
)


def start(request: Request) -> None:
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
        find_run(run_id, networks=True)
        st.caption("Start a network below, or choose another under Home.")
        return
    if current_dataset() is None:
        adopt(known[run_id].request)
    with st.container(border=True):
        st.header(plain(title_of(known[run_id])))
        st.caption(plain(f"{run_details(known[run_id])}{other_name(known[run_id].request)}"))
        with errors_shown():
            if watch_run(run_id).state == "done":
                run_summary(run_id)
            run_record(run_id)


def other_name(asked: Request) -> str:
    """Say so where the run is of the chosen cells, but was asked of them under another name."""
    ref = current_dataset()
    if ref is None or not isinstance(asked, CellsRequest) or asked.dataset_ref in (ref, GENES_ONLY):
        return ""
    with suppress(GrnError):
        dataset = dataset_of(ref)
        if not is_gene_list(dataset) and dataset.sha256 == asked.dataset_sha:
            return f". The cells of {dataset.title} are the same: it was computed once for both."
    return ""


def new_run() -> None:
    """Show the form of a new run."""
    dataset = chosen_dataset()
    choice, bare = panel_choice(dataset), is_gene_list(dataset)
    with st.container(key="stacks_ask"):
        form, panel = st.columns([1, 1], gap="large")
    with form:
        n_cells = choice.n_cells(dataset)
        approach = "model"
        if not bare:  # a gene list leaves no choice
            approach = one_of("Ask", APPROACHES, "approach", DEFAULTS["approach"], help=APPROACH_HELP)
        model = chosen("model", value_models())
        request: Request | None = None
        cost = partial(cost_of_asking, model=model)
        if approach == "coexpression" and not is_gene_list(dataset):
            coexpression_form()
            method = method_choice(model=model)
            request = choice.coexpression(dataset, method)
            cost = partial(coexpression_cost, method)
        elif infer_form(n_cells=n_cells):
            asked = planned(n_cells=n_cells)
            request = choice.inference(dataset, asked)
            cost = partial(
                cost_of_asking,
                model=model,
                extractors=asked.extractors,
                readout=asked.reads,
                n_seeds=len(asked.seeds),
                adapt=asked.adapt.steps if asked.adapt else 0,
                with_coexpression=asked.with_coexpression,
            )
            say_tested_of(asked)
    with panel:
        st.markdown(f"**{plain(dataset.title)}**: {_cells_in_words(dataset, n_cells)}")
        took, asks = partial(_took, request), approach == "model"
        ready = panel_summary(dataset, choice, model=model, cost=cost, took=took, asks_model=asks)
        vocabulary_matching(dataset, choice, model=model, is_asked=asks)
        st.page_link(DATASET, label="Change the genes" if bare else "Change cells or genes", icon=":material/edit:")
    if not ready or request is None:
        return
    before = manager.status_if_known(request.run_id())
    done = before is not None and before.state == "done"
    if done and request.run_id() == current_run():
        st.caption("This network stands above: change what is asked to infer another.")
    elif st.button(
        "Open this network" if done else "Infer the network",
        type="secondary" if done else "primary",
        icon=":material/play_arrow:",
        key="infer",
        on_click=start,
        args=(request,),
        disabled=before is not None and before.active,
    ):
        if done:
            st.switch_page(NETWORK, query_params={"run": request.run_id()})
    elif done:
        st.caption("This was computed before with exactly these settings: it opens at once.")
    if before is not None and before.active:
        progress_line(request.run_id())
    show_command(command_line(request))
    device_caption()


def _took(request: Request | None) -> str:
    """Say what a run took, if it was computed here already."""
    status = None if request is None else manager.status_if_known(request.run_id())
    return in_words.duration(status.wall_s) if status is not None and status.state == "done" and status.wall_s else ""


def _cells_in_words(dataset: Dataset | GeneList, n_cells: int) -> str:
    if is_gene_list(dataset):
        return "no cells"
    return f"all {n_cells:,} cells" if n_cells == dataset.n_cells else f"{n_cells:,} of {dataset.n_cells:,} cells"


st.title("Infer", icon=":material/play_circle:")
st.caption("A model says how every gene responds to every TF, a co-expression method how they vary together.")
run_on_show()
st.header("New inference" if current_run() else "What to infer")
try:
    new_run()
except GrnError as error:
    show_error(error)
    st.page_link(DATASET, label="Choose another dataset", icon=":material/dataset:")
