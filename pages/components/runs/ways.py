"""Where a run of cells leads: the page that shows it, with what it was asked in the address."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from grn_core.runs import ActivityRequest, GroupsRequest, WhatIfRequest
from pages.components.shared.links import ACTIVITY, GROUPS, WHAT_IF
from pages.components.shared.session import url_list

if TYPE_CHECKING:
    from grn_core.runs import Request

SHOWN_BY_REQUEST = ("activity", "groups", "what-if")
"""Kinds of runs that a page of their own shows."""


def own_page_link(request: Request, run_id: str) -> None:
    """Show the link to the page that shows an activity, a comparison of two groups, or what a model foretold."""
    if isinstance(request, GroupsRequest):
        st.page_link(GROUPS, label="Groups", icon=":material/difference:", query_params=_of_groups(request))
    elif isinstance(request, ActivityRequest):
        st.page_link(ACTIVITY, label="TF activity", icon=":material/bolt:", query_params=_of_activity(request))
    elif isinstance(request, WhatIfRequest):
        st.page_link(WHAT_IF, label="What if", icon=":material/science:", query_params={"asked": run_id})


def _of_groups(request: GroupsRequest) -> dict[str, str]:
    own = not isinstance(request.tfs, str)
    column, values = request.cells or ("", ())
    return {
        **_two(request),
        "groups_by": request.method,
        "permutations": str(request.permutations),
        "n_variable": str(request.n_variable),
        "tfs": "own" if own else str(request.tfs),
        "own_tfs": " ".join(request.tfs) if own else "",
        "cells_by": column,
        "cells_in": url_list(*values),
    }


def _of_activity(request: ActivityRequest) -> dict[str, str]:
    asked = {"by": request.group, "activity": request.method, "network": request.network}
    return {**_two(request), **asked, "n_targets": str(request.n_targets)}


def _two(request: GroupsRequest | ActivityRequest) -> dict[str, str]:
    """Return the dataset and its two groups."""
    found = {"dataset": request.dataset_ref, "donor": request.donor}
    for name, group in (("a", request.a), ("b", request.b)):
        if group is not None:
            found |= {f"{name}_by": group[0], f"{name}_in": url_list(*group[1])}
    return found
