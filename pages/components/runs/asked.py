"""A run that the address names, shown as it was asked, whatever the form would ask now."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from grn_core.runs import Request, RunInfo, RunStore
from grn_core.runs.names import title_of
from pages.components.runs.picker import run_details
from pages.components.shared.messages import plain

ASKED = "asked"
"""Parameter of the address that names the run."""
UNKNOWN = "There is no run as the address names it on this machine: it was removed, or the link is of another one."


def find_run(run_id: str, *kinds: type[Request]) -> RunInfo | None:
    """Return a run of one of some kinds; None, and that is said, where there is none."""
    found = next((info for info in RunStore().list_runs() if info.run_id == run_id), None) if run_id else None
    if found is not None and isinstance(found.request, kinds):
        return found
    if run_id:
        st.warning(UNKNOWN)
    return None


def asked_before(kind: type[Request]) -> RunInfo | None:
    """Return the run of a kind that the address names, which no later question keeps."""
    return find_run(st.query_params.get(ASKED, ""), kind)


def leave_asked() -> None:
    """Go back to the question of what is chosen."""
    st.query_params.pop(ASKED, None)


def heading(info: RunInfo, *, leave: Callable[[], None] = leave_asked) -> None:
    """Say which run is shown, and offer the form.

    Parameters
    ----------
    info
        The run.
    leave
        Called when the form is asked for.
    """
    st.markdown(f"**{plain(title_of(info))}**")
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption(plain(info.marks.note or run_details(info)), width="content")
        st.button("Ask another question", icon=":material/tune:", on_click=leave, key="leave_asked", width="content")
