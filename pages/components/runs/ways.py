"""Where a run of cells leads: the page that shows it, with what it was asked in the address."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from grn_core.datasets.catalog import is_builtin, is_upload
from grn_core.runs import ActivityRequest, AllGroupsRequest, GroupsRequest, WhatIfRequest
from grn_core.runs.jobs import job_kind
from grn_core.runs.kinds.panel import CellsRequest
from grn_core.runs.names import title_of
from pages.components.data.choices import DEMO
from pages.components.shared.links import ACTIVITY, GROUPS, NETWORK, WHAT_IF
from pages.components.shared.messages import plain
from pages.components.shared.session import remember, set_dataset, suggest_dataset, url_list

if TYPE_CHECKING:
    from grn_core.runs import Request, RunInfo

EDGES = "edges.parquet"
KINDS = {
    "activity": "TF activity",
    "groups": "two groups compared",
    "all-groups": "network of each group",
    "what-if": "what if",
    "against": "measured against a reference",
}
"""Kinds of runs that are no network, in words."""
ASKED = "asked"
"""Parameter of the address that names the run."""
SHOWN_BY_REQUEST = ("activity", "groups", "all-groups", "what-if")
"""Kinds of runs that a page of their own shows."""
GROUPS_RUN = "groups_run"
"""The run on show on Groups, in the address."""


def own_page_link(info: RunInfo) -> None:
    """Show the link to the page that shows an activity, or networks of groups."""
    request = info.request
    if isinstance(request, GroupsRequest | AllGroupsRequest):
        st.page_link(GROUPS, label="Groups", icon=":material/difference:", query_params={GROUPS_RUN: info.run_id})
    elif isinstance(request, ActivityRequest):
        st.page_link(ACTIVITY, label="TF activity", icon=":material/bolt:", query_params={ASKED: info.run_id})
    elif isinstance(request, WhatIfRequest):
        st.page_link(WHAT_IF, label="What if", icon=":material/science:", query_params={ASKED: info.run_id})


def is_network(info: RunInfo) -> bool:
    """Return whether a run gives a network, inferred, put together or imported."""
    return job_kind(info.request.kind).result == EDGES


def say_elsewhere(info: RunInfo) -> None:
    """Say that the run of the address is none that this page shows, what it is, and where it is shown."""
    kind = info.request.kind
    called = f"{title_of(info)} ({'network' if is_network(info) else KINDS.get(kind, kind)})"
    st.warning(f"The run of the address is not one that this page shows: {plain(called)}.")
    if is_network(info):
        st.page_link(NETWORK, label="Show it", icon=":material/hub:", query_params={"run": info.run_id})
    else:
        own_page_link(info)


def take_cells_of(request: Request) -> None:
    """Have the pages to come take the cells that a run was asked of, where none were chosen in this tab."""
    ref = request.dataset_ref if isinstance(request, CellsRequest) else DEMO
    if ref != DEMO and (is_upload(ref) or is_builtin(ref)):
        suggest_dataset(ref)


def leave_asked() -> None:
    """Go back to the question of what is chosen."""
    st.query_params.pop(ASKED, None)


def ask_again(request: GroupsRequest | AllGroupsRequest) -> None:
    """Leave the run on show, and put what it was asked into the form, as far as the form can ask it."""
    own = not isinstance(request.tfs, str)
    column, values = request.cells or ("", ())
    asked = {
        "groups_by": request.method,
        "n_variable": str(request.n_variable),
        "tfs": "own" if own else str(request.tfs),
        "own_tfs": " ".join(request.tfs) if own else "",
        "cells_by": column,
        "cells_in": url_list(*values),
    }
    if isinstance(request, GroupsRequest):
        asked |= {**_two(request), "groups_view": "two", "permutations": str(request.permutations)}
    else:
        asked |= {"groups_view": "all", "all_by": request.by, "standing": str(request.best)}
    set_dataset(request.dataset_ref)
    for name, text in asked.items():
        remember(name, text or None)
    remember(GROUPS_RUN, None)


def activity_again(request: ActivityRequest) -> None:
    """Leave the run on show, and put what it was asked into the form, as far as the form can ask it."""
    asked = {"by": request.group, "activity": request.method, "network": request.network}
    set_dataset(request.dataset_ref)
    for name, text in {**_two(request), **asked, "n_targets": str(request.n_targets)}.items():
        remember(name, text or None)
    leave_asked()


def _two(request: GroupsRequest | ActivityRequest) -> dict[str, str]:
    """Return the dataset and its two groups."""
    found = {"dataset": request.dataset_ref, "donor": request.donor}
    for name, group in (("a", request.a), ("b", request.b)):
        if group is not None:
            found |= {f"{name}_by": group[0], f"{name}_in": url_list(*group[1])}
    return found
