"""Compare: two or more finished runs side by side, what they share, what differs, and their consensus."""

from __future__ import annotations

import streamlit as st

from grn_core.settings import settings
from pages.components.compare import views
from pages.components.compare.networks import linked_networks
from pages.components.compare.reference import against
from pages.components.compare.runs import pick_compared, pick_two
from pages.components.shared.messages import plain
from pages.components.shared.session import one_of
from pages.components.shared.steps import how_many

VIEWS = {
    "networks": "Networks",
    "agreement": "Agreement",
    "scores": "Scores",
    "reference": "Against a reference",
    "tfs": "TF by TF",
    "consensus": "Consensus",
}


def page() -> None:
    """Lay out the page."""
    st.title("Compare", icon=":material/compare_arrows:", anchor=False)
    st.caption("Runs of other methods, models, cell types or seeds side by side, on the pairs that all of them scored.")
    compared = pick_compared()
    if compared is None:
        return
    choose, best = st.columns([3, 2], vertical_alignment="bottom", gap="medium")
    with choose:
        a, b = pick_two(compared)
        st.markdown("  \n".join(f"**{name[0]}**{name[1:]}" for name in map(plain, compared.names.values())))
    most = min(len(compared.matched.once), settings().max_graph_edges // 2)
    steps = [k for k in (20, 50, 100, 200, 300, 500) if k < most] or [most]
    about = "So many of the best edges are drawn, and their overlap is counted."
    k = how_many("Best edges of each run", steps, "best", 100, place=best, about=about)
    views.headline(compared.matched, a=a, b=b, k=k)
    views.by_construction(compared, a=a, b=b)
    views.versions(compared)
    views.tested(compared)
    view = one_of("View", VIEWS, "view", "networks")
    match view:
        case "networks":
            linked_networks(compared, a=a, b=b, k=k)
        case "agreement":
            views.agreement(compared)
        case "scores":
            views.scores(compared, a=a, b=b)
        case "reference":
            against(compared)
        case "tfs":
            views.tfs(compared, a=a, b=b)
        case _:
            views.consensus(compared)


page()
