"""What is asked: whose regulons, which cells, by which method, and the groups that are described."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from grn_core.datasets.annotations import column_title
from grn_core.genes.usual import N_TARGETS, OMNIPATH
from grn_core.networks.activity.methods import METHODS
from grn_core.runs import ActivityRequest
from grn_core.runs.names import pinned_first
from grn_core.runs.regulons import BUNDLED
from pages.components.data.choices import groupings
from pages.components.data.two_groups import chosen_groups, donors_in_words
from pages.components.runs.picker import infer_runs, run_label
from pages.components.shared.links import to_groups
from pages.components.shared.messages import not_here, plain, told_apart
from pages.components.shared.reading import how_to_read
from pages.components.shared.session import linked, query

if TYPE_CHECKING:
    from grn_core.datasets import Dataset
    from grn_core.datasets.groups import Groups

TARGETS = (10, 20, 50, 100, 200, 0)
NO_GROUP = ""


def networks() -> dict[str, str]:
    """Return every network that regulons can be taken from: the bundled one, then the finished runs, newest first."""
    done = [info for info in infer_runs() if info.status.state == "done"]
    return BUNDLED | {info.run_id: run_label(info) for info in pinned_first(done)}


def chosen_network() -> str:
    """Return the network that the address names, else the bundled one: which run was made last decides nothing."""
    known = networks()
    if query("network", OMNIPATH) not in known:
        st.warning(not_here("run", instead=f"Targets are taken from {plain(known[OMNIPATH])}."))
    return query("network", OMNIPATH, known)


def activity_form(dataset: Dataset) -> ActivityRequest:
    """Show the form; return what it asks for."""
    known, columns = networks(), groupings(dataset)
    with st.container(key="halves_activity"):
        first, second, third = st.columns([6, 4, 5], vertical_alignment="bottom", gap="medium")
    network = first.selectbox(
        "Targets of each TF from",
        list(known),
        format_func=told_apart(known, known.__getitem__),
        **linked("network", OMNIPATH, known),
        help="A finished or imported network, or the bundled OmniPath.",
    )
    by = [*columns, NO_GROUP]
    group = second.selectbox(
        "Groups of cells",
        by,
        format_func=told_apart(by, lambda name: column_title(name) if name else "None"),
        **linked("by", by[0], by),
        help="A column of the cells: each TF's mean in every group, and for which group it is specific.",
    )
    method = third.selectbox(
        "Method",
        list(METHODS),
        format_func=lambda name: METHODS[name].title,
        **linked("activity", next(iter(METHODS)), METHODS),
    )
    groups = chosen_groups(dataset)
    request = ActivityRequest(
        title=dataset.title,
        dataset_ref=dataset.ref,
        dataset_sha=dataset.sha256,
        network=network,
        method=method,
        group=group,
        a=groups.a.cells if groups else None,
        b=groups.b.cells if groups else None,
        donor=groups.donor if groups else "",
    ).by_what_counts(dataset)
    n_targets = _details(groups, method=method, network=network, donors_count=bool(request.donor))
    return replace(request, n_targets=n_targets)


def _details(groups: Groups | None, *, method: str, network: str, donors_count: bool) -> int:
    """Show what is seldom changed; return the number of targets of a TF."""
    n_targets = N_TARGETS
    with st.expander("Details", icon=":material/tune:"):
        left, right = st.columns(2, gap="large")
        with left:
            if network == OMNIPATH:
                st.caption("OmniPath does not rank its edges: all targets of a TF count.")
            else:
                n_targets = st.select_slider(
                    "Best targets of each TF",
                    TARGETS,
                    format_func=lambda n: f"{n}" if n else "all",
                    **linked("n_targets", N_TARGETS, TARGETS),
                    help="So many of a TF's best targets count; all of them where the network ranks none.",
                )
            one = METHODS[method]
            st.caption(one.description)
            how_to_read(f"**Limits.** {one.limits}", f"**Reference.** {one.reference}.", title="Limits and reference")
        with right:
            if groups is None:
                st.markdown("**Groups A and B**: none were named for these cells.")
            else:
                donor = donors_in_words(groups.donor, count=donors_count)
                st.markdown(f"**A**: {plain(groups.a.title)}  \n**B**: {plain(groups.b.title)}  \n{plain(donor)}")
            to_groups("Choose the cells, or groups A and B")
    return n_targets
