"""A run that the address names, shown as it was asked, whatever the form would ask now."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from grn_core.runs import Request, RunInfo, RunStore
from grn_core.runs.finished import FinishedRun
from grn_core.runs.names import title_of
from pages.components.runs.picker import run_details
from pages.components.runs.view import say_versions
from pages.components.runs.ways import ASKED, is_network, leave_asked, say_elsewhere, take_cells_of
from pages.components.shared.messages import not_here, plain

ANY_RUN = "run"
"""Parameter of the address that names a run of any kind."""


def find_run(run_id: str, *kinds: type[Request], networks: bool = False) -> RunInfo | None:
    """Return a run of one of some kinds, or a network; None, and that is said, where there is none."""
    found = next((info for info in RunStore().list_runs() if info.run_id == run_id), None) if run_id else None
    if found is not None and (isinstance(found.request, kinds) or (networks and is_network(found))):
        return found
    if found is not None:
        say_elsewhere(found)
    elif run_id:
        st.warning(not_here("run"))
    return None


def asked_before(*kinds: type[Request], name: str = ASKED, networks: bool = False) -> RunInfo | None:
    """Return the run that the address names, which no later question keeps; None, and that is said, for another one.

    Parameters
    ----------
    kinds
        What the page shows.
    name
        Parameter of the address that names such a run. One that is named as `ANY_RUN` gets that name.
    networks
        Whether the page takes a network as `ANY_RUN`, for a question about it.
    """
    run_id = st.query_params.get(name, "")
    if run_id or ANY_RUN not in st.query_params:
        return find_run(run_id, *kinds)
    found = find_run(st.query_params[ANY_RUN], *kinds, networks=networks)
    if found is not None and not isinstance(found.request, kinds):
        return None
    st.query_params.pop(ANY_RUN)
    if found is not None:
        st.query_params[name] = found.run_id
    return found


def heading(info: RunInfo, *, leave: Callable[[], None] = leave_asked) -> None:
    """Say which run is shown, and by which versions if these are not here, and offer the form.

    Parameters
    ----------
    info
        The run.
    leave
        Called when the form is asked for.
    """
    take_cells_of(info.request)
    st.markdown(f"**{plain(title_of(info))}**")
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption(plain(info.marks.told or run_details(info)), width="content")
        st.button("Ask another question", icon=":material/tune:", on_click=leave, key="leave_asked", width="content")
    if info.status.state == "done":
        say_versions(FinishedRun.of(info.run_id))
