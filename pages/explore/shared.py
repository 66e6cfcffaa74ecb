"""A run that another user has shared: what it is, read-only, and the way to a copy of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from grn_core.errors import GrnError
from grn_core.homes import is_users
from grn_core.runs import shares
from grn_core.runs.finished import FinishedRun
from grn_core.settings import at_home
from pages.components.runs.edge_rows import COLUMNS
from pages.components.runs.picker import run_details, when
from pages.components.runs.ways import EDGES, SHOWN_BY_REQUEST, own_page_link
from pages.components.shared.links import HOME, result_links
from pages.components.shared.messages import errors_shown, plain, show_error
from pages.components.shared.tables import show_table
from pages.components.visitor.sharing import WORD

if TYPE_CHECKING:
    import pandas as pd

N_EDGES = 50
SHOWN = ("rank", "source", "target", "probability", "score")
NO_LINK = "A run that another user of this installation shares with you is shown here: open the link that they sent."


def _columns(edges: pd.DataFrame, run: FinishedRun) -> list[str]:
    """Return the columns that say something: of a run with probabilities their log-odds do not."""
    return [name for name in SHOWN if name in edges and not (name == "score" and run.score is None)]


def what_it_is(found: shares.SharedRun, run: FinishedRun) -> None:
    """Say what the run is, who shares it since when, how good its scores are and what they mean."""
    st.markdown(f"**{plain(found.title)}**")
    since = plain(f" since {when(found.created)}") if found.created else ""
    with at_home(found.home):
        details = run_details(found.info)
    st.caption(f"Shared by another user of this installation{since} · {plain(details)}")
    said = [run.tested, f"Score: {run.score['unit']}." if run.score and run.score.get("unit") else ""]
    if any(said):
        st.caption(plain(" ".join(filter(None, said))))


def best_edges(found: shares.SharedRun, run: FinishedRun) -> None:
    """Show the best edges of a shared network, as its owner's run has them."""
    if not (found.store.path(found.info.run_id) / EDGES).is_file():
        return
    edges = found.store.edges(found.info.run_id)
    show_table(
        edges.head(N_EDGES)[_columns(edges, run)],
        hide_index=True,
        column_config=COLUMNS,
        height=400,
        key="shared_edges",
    )
    st.caption(f"The best {min(N_EDGES, len(edges)):,} of {len(edges):,} edges. A copy opens on every page.")


def take(token: str) -> None:
    """Take a copy, and show the ways on."""
    with errors_shown():
        st.session_state["copied"] = shares.take_copy(token)


st.title("Shared with you", icon=":material/group:")
token = st.query_params.get(WORD, "")
try:
    found = shares.opened(token) if is_users() else None
except GrnError as error:
    found = None
    show_error(error)
if found is not None:
    run_id = found.info.run_id
    run = FinishedRun(run_id, found.store.record(run_id))
    what_it_is(found, run)
    if st.session_state.get("copied") == run_id:
        st.success("The copy is among your runs. It stays yours if the link is taken back.", icon=":material/check:")
        if found.info.request.kind in SHOWN_BY_REQUEST:
            own_page_link(found.info)
        else:
            result_links(run_id)
    else:
        st.button(
            "Take a copy",
            type="primary",
            icon=":material/content_copy:",
            key="take_copy",
            on_click=take,
            args=(token,),
            help="Into your own runs, where nobody else sees it; it counts among what you keep here.",
        )
    with errors_shown():
        best_edges(found, run)
else:
    if not token:
        st.caption(NO_LINK)
    st.page_link(HOME, label="Home", icon=":material/home:")
