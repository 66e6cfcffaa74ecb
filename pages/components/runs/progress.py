"""Watch a run: stage, bar, time left; cancel it, go on with it, or see why it failed."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from grn_core import in_words, runs
from grn_core.progress import BYTES
from grn_core.runs import RunStatus
from grn_core.runs.retention import note_use
from grn_core.settings import settings
from pages.components.shared.messages import errors_shown, plain, show_problem

STAGES = {
    "starting": "Starting a process of its own",
    "waiting": "Waiting for another run to finish",
    "read": "Reading the cells and choosing the genes",
    "load": "Loading the foundation model",
    "adapt": "Adapting the model to your cells",
    "extract": "Asking the model, TF by TF",
    "score": "Translating the features into probabilities",
    "umap": "Computing the map of the cells",
    "activity": "Scoring the TFs in every cell",
    "ask": "Asking the model",
    "groups": "Describing groups of cells",
    "donors": "Computing the network of every donor",
    "permutations": "Permuting labels, for how much chance alone gives",
    "tables": "Ranking the edges and writing the tables",
    "networks": "Computing the network of every group",
    "calibrate": "Measuring this machine",
    "download": "Downloading",
    "verify": "Comparing checksums",
    "unpack": "Unpacking",
    "check": "Reading the checkpoint",
    "co-expression": "Scoring the TFs, target by target",
    "edges": "Reading the edges and matching their genes",
    "consensus": "Counting the points of every edge",
    "match": "Putting the networks side by side",
    "draw": "Drawing whole TFs, for the intervals",
    "measure": "Measuring methods and controls",
    "train translator": "Training the translators",
    "corpus": "Reading the pre-training data for the controls",
    "standardise": "Putting the count matrices on one scale",
    "start": "Starting from the data",
    "train": "Training the model",
}
LEAST_S = 0.1
"""Seconds that a page leaves at least between two looks at a run."""
AGAIN = "compute it again: name, notes and what is whole are kept"


def watch_run(run_id: str) -> RunStatus:
    """Show what a run is doing, and keep showing it while it is at work; return its present status.

    A run whose worker has gone (a crash, a restart of the machine) is started again by itself and goes on from its
    finished parts. When the run ends, the whole page is drawn again. A finished one that is shown is one that is used.
    """
    status = runs.ensure_running(run_id)
    if status.active:
        _looked_at(_live, run_id)
    elif status.state == "failed":
        error = status.error or {}
        show_problem(error.get("found") or status.message, needed=error.get("needed", ""), todo=error.get("todo", ""))
        _resume_button(run_id, "Try again")
    elif status.state == "cancelled":
        st.info("This run was cancelled. Its finished parts are kept.", icon=":material/cancel:")
        _resume_button(run_id, "Go on with it")
    elif status.state == "interrupted":
        st.warning(f"This run stopped: {plain(status.message)}. What is finished is kept.", icon=":material/warning:")
        _resume_button(run_id, "Go on with it")
    elif wrong := runs.RunStore().damaged(run_id):
        show_problem(f"the run's {wrong[0]} is not as it was written", needed="a sound disk", todo=AGAIN)
        _resume_button(run_id, "Compute it again")
        return status.replace(state="damaged")  # there is nothing to show
    else:
        note_use(run_id)
    return status


def _looked_at(show: Callable[[str], None], run_id: str) -> None:
    """Show what is known of a run, and again every while, without the rest of the page."""
    st.fragment(show, run_every=max(settings().look_ms / 1000, LEAST_S))(run_id)


def _live(run_id: str) -> None:
    with errors_shown():
        status = runs.ensure_running(run_id)
        if not status.active:
            st.rerun()
        st.progress(min(max(status.fraction, 0.0), 1.0), text=describe(status))
        asked = runs.RunStore().cancel_asked(run_id)
        st.button(
            "Cancelling" if asked else "Cancel",
            icon=":material/close:",
            key=f"cancel_{run_id}",
            on_click=_cancel,
            args=(run_id,),
            disabled=asked,
            help="Stops after the step in hand. What is finished is kept, so that the run can go on later.",
        )
        st.caption("You may close this tab: the run goes on, and its address finds it again.")


def progress_line(run_id: str) -> None:
    """Show the progress of a run once more, where it was started, so that it is in view there too."""
    _looked_at(_line, run_id)


def _line(run_id: str) -> None:
    with errors_shown():
        status = runs.status(run_id)
        if not status.active:
            st.rerun()
        st.progress(min(max(status.fraction, 0.0), 1.0), text=f"{plain(describe(status))}. It can be cancelled above.")


def _cancel(run_id: str) -> None:
    with errors_shown():
        runs.cancel(run_id)


def _resume_button(run_id: str, label: str) -> None:
    if st.button(label, icon=":material/refresh:", key=f"resume_{run_id}"):
        with errors_shown():
            runs.resume(run_id)
            st.rerun()


def describe(status: RunStatus) -> str:
    """Return the stage in words, its steps, and the time left."""
    if status.state == "queued" and status.position:
        before = status.position - 1
        others = f"{before:,} {'other' if before == 1 else 'others'} before you" if before else "you are next"
        return f"{STAGES['waiting']} · {others}"
    parts = [STAGES.get(status.stage, status.stage.capitalize() or STAGES["starting"])]
    if status.stage in BYTES and status.total > 1:
        parts.append(f"{in_words.size(status.done)} of {in_words.size(status.total)}")
    elif status.total > 1:
        parts.append(f"{status.done:,} of {status.total:,}")
    if status.eta_s:  # none is left at the end
        parts.append(f"about {in_words.duration(status.eta_s)} left")
    return " · ".join(parts)
