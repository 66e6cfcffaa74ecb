"""The pages' files, for links from one to another."""

from __future__ import annotations

from typing import Literal

import streamlit as st

HOME = "pages/start/home.py"
DATASET = "pages/prepare/dataset.py"
MODELS = "pages/prepare/models.py"
INFER = "pages/explore/infer.py"
NETWORK = "pages/explore/network.py"
TARGETS = "pages/explore/targets.py"
ACTIVITY = "pages/explore/activity.py"
GROUPS = "pages/explore/groups.py"
WHAT_IF = "pages/explore/what_if.py"
COMPARE = "pages/evaluate/compare.py"
BENCHMARK = "pages/evaluate/benchmark.py"
ABOUT = "pages/start/about.py"
PROPOSE = "propose"
"""Parameter of the address that opens the list of proposed experiments on What if."""
STORED = "stored"
"""Parameter of the address that names what is looked for among what is stored, on About this installation."""
CHOOSE_GROUPS = "choose_groups"
"""Parameter of the address that opens the choice of groups A and B on Dataset."""


def result_links(
    run_id: str, *, network: bool = True, proposes: bool = False, align: Literal["left", "right"] = "left"
) -> None:
    """Show, side by side, the links that lead on from a finished run.

    Parameters
    ----------
    run_id
        The run.
    network
        Whether the link to its network is among them; it may stand beside already.
    proposes
        Whether experiments can be proposed from it.
    align
        Where those stand for which a line has no room.
    """
    with st.container(horizontal=True, gap="small", width="content", horizontal_alignment=align):
        if network:
            st.page_link(NETWORK, label="Network", icon=":material/hub:", query_params={"run": run_id})
        st.page_link(TARGETS, label="TF targets", icon=":material/format_list_numbered:", query_params={"run": run_id})
        st.page_link(COMPARE, label="Compare", icon=":material/compare_arrows:", query_params={"runs": run_id})
        if proposes:
            asked = {"run": run_id, PROPOSE: "1"}
            st.page_link(WHAT_IF, label="Propose experiments", icon=":material/lightbulb:", query_params=asked)


def to_groups(label: str) -> None:
    """Show a link to where groups A and B are chosen."""
    st.page_link(DATASET, label=label, icon=":material/compare_arrows:", query_params={CHOOSE_GROUPS: "1"})
