"""Choose one of the finished runs, and read it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from grn_core.coexpression import find_method
from grn_core.errors import GrnError
from grn_core.extractors import called
from grn_core.genes.usual import JOININGS
from grn_core.models.geneformer.readouts import DEFAULT_READOUT, READOUTS
from grn_core.runs import (
    CoexpressionRequest,
    ConsensusRequest,
    ImportRequest,
    InferRequest,
    RanksRequest,
    RunInfo,
    RunStore,
    remove,
    submit,
)
from grn_core.runs.names import pinned_first, title_of
from grn_core.translator import registry as translators
from pages.components.runs.progress import AGAIN
from pages.components.runs.view import RunView, say_doubts, say_versions, view
from pages.components.runs.ways import KINDS, is_network, say_elsewhere, take_cells_of
from pages.components.shared.links import INFER
from pages.components.shared.messages import errors_shown, not_here, plain, show_problem, told_apart
from pages.components.shared.session import current_run, set_run

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

STATES = {
    "done": "finished",
    "queued": "waiting in the queue",
    "running": "running",
    "failed": "failed",
    "cancelled": "cancelled",
    "interrupted": "interrupted",
}
STOPPED = {"interrupted": "stopped"}
"""What is told otherwise in a sentence than by itself."""


def infer_runs() -> list[RunInfo]:
    """Return the runs that give a network, inferred, put together or imported, in every state, newest first."""
    return [info for info in RunStore().list_runs() if is_network(info)]


def when(created: str) -> str:
    """Return the time of a run record in words ("22 Nov, 12:40")."""
    try:
        moment = datetime.fromisoformat(created).astimezone()
    except ValueError:
        return "unknown time"
    return f"{moment.day} {moment:%b, %H:%M}"


def run_label(info: RunInfo) -> str:
    """Return one line that tells a run from the others."""
    return f"{title_of(info)} · {when(info.created)}{' · pinned' if info.marks.pinned else ''}"


def run_details(info: RunInfo) -> str:
    """Return what was asked of the dataset, when, and the first digits of the run id."""
    asked = info.request
    if isinstance(asked, ConsensusRequest):
        return f"{JOININGS[asked.method].title} of {len(asked.runs)} runs · {when(info.created)} · {info.run_id[:6]}"
    if isinstance(asked, ImportRequest):
        return f"read from a file · {when(info.created)} · {info.run_id[:6]}"
    if not isinstance(asked, InferRequest | RanksRequest | CoexpressionRequest):
        return f"{KINDS.get(asked.kind, asked.kind)} · {when(info.created)} · {info.run_id[:6]}"
    panel = [
        f"up to {asked.n_variable:,} variable genes" if asked.genes is None else f"{len(asked.genes):,} genes of a list"
    ]
    if asked.cells:
        from grn_core.datasets.annotations import column_title

        panel.append(f"{column_title(asked.cells[0])}: {', '.join(asked.cells[1])}")
    return " · ".join([*_method(asked), *panel, when(info.created), info.run_id[:6]])


def _method(asked: InferRequest | RanksRequest | CoexpressionRequest) -> list[str]:
    """Return what was asked of the panel, in words."""
    if isinstance(asked, CoexpressionRequest):
        record = find_method(asked.method)
        seed = [f"seed {asked.seed}"] if record.seeded and asked.seed != 0 else []
        return [record.title, *(f"{value} {name}" for name, value in asked.options), *seed]
    if isinstance(asked, RanksRequest):
        return [READOUTS[asked.readout or DEFAULT_READOUT].title, Path(asked.model).name]
    known = translators.record_of(asked.translator)
    method = [f"scored by the translator {asked.translator if known is None else known.title}"]
    if known is None or set(asked.extractors) != set(known.ensemble):
        method.insert(0, ", ".join(called(asked.extractors, explained=True)))
    if asked.asked_in != "virtual":
        method.append({"context": "your cells", "both": "co-expression in your cells added"}[asked.asked_in])
    if asked.adapt is not None:
        method.append(f"adapted, {asked.adapt:,} steps")
    return method


def pick_run(menu: DeltaGenerator) -> RunView | None:
    """Let the user choose a finished run; None, with what to do next on the page, when there is none to show.

    Parameters
    ----------
    menu
        Where the menu goes, beside the title; what there is to say of the run stands where this is called.
    """
    runs = infer_runs()
    known = {info.run_id: info for info in runs}
    finished = [info.run_id for info in runs if info.status.state == "done"]
    wanted = current_run()
    unfinished = known.get(wanted) if wanted and wanted not in finished else None
    if unfinished is not None:
        active, state = unfinished.status.active, unfinished.status.state
        st.info(
            f"The run {plain(run_label(unfinished))} {'is' if active else 'was' if state == 'cancelled' else 'has'} "
            f"{STOPPED.get(state, STATES.get(state, state))}: there is nothing to show of it{' yet' if active else ''}."
        )
        st.page_link(
            INFER,
            label="See its progress" if active else "See why, and go on",
            icon=":material/play_circle:",
            query_params={"run": unfinished.run_id},
        )
        chosen = None
    elif wanted and wanted not in known:
        if (other := next((info for info in RunStore().list_runs() if info.run_id == wanted), None)) is not None:
            say_elsewhere(other)
            if finished:
                st.caption("The newest network is shown instead.")
        else:
            st.warning(not_here("run", instead="The newest one is shown instead." if finished else ""))
        chosen = finished[0] if finished else None
    else:
        chosen = wanted or (finished[0] if finished else None)
    if not finished:
        if unfinished is None:
            st.info("There is no finished run yet. Infer a network first: the demo takes a few seconds.")
            st.page_link(INFER, label="Go to Infer", icon=":material/play_circle:")
        return None
    st.session_state["picked_run"] = chosen
    menu.selectbox(
        "Run",
        [info.run_id for info in pinned_first(known[run_id] for run_id in finished)],
        index=None,
        format_func=told_apart(finished, lambda run_id: run_label(known[run_id])),
        key="picked_run",
        on_change=lambda: set_run(st.session_state["picked_run"]),
        placeholder="Choose a finished run",
        help="Every finished run on this machine: pinned ones first, then the newest.",
    )
    if chosen is None:
        return None
    set_run(chosen)
    run = readable(chosen)
    if run is not None:
        take_cells_of(known[chosen].request)
        say_versions(run)
        say_doubts(run)
    return run


def readable(run_id: str) -> RunView | None:
    """Return a finished run; None, with the way to compute it again on the page, where its edges cannot be read."""
    try:
        run = view(run_id)
        run.edges.columns  # noqa: B018 - a damaged table shows when it is read
        return run
    except GrnError as error:
        todo = AGAIN if RunStore().damaged(run_id) else "compute it again"
        show_problem(error.found, needed=error.needed, todo=todo)
    if st.button("Compute it again", icon=":material/refresh:", key=f"again_{run_id}"):
        with errors_shown():
            request = RunStore().request(run_id)
            request.check()
            request.look()
            if not RunStore().damaged(run_id):  # of a run of before there were sums nothing is known to be whole
                remove(run_id, keep=False)
            set_run(submit(request))
            st.switch_page(INFER)
    return None
