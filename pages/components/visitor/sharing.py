"""Sharing a run with another user: make a link, show it once, and take links back."""

from __future__ import annotations

from urllib.parse import urlsplit

import streamlit as st

from grn_core.homes import is_users
from grn_core.runs import RunInfo, shares
from pages.components.runs.picker import when
from pages.components.shared.messages import errors_shown, plain

MADE = "shared_link"
WORD = "link"
"""Parameter of the address that holds the random word."""
WHAT = (
    "Who has the link and a login here can look at this run and take a copy: its edges, genes, settings and title, and "
    "the cells' values where it holds them (co-expression, TF activity). Not the upload, and not your note."
)


def sharing(info: RunInfo) -> None:
    """Offer links to a run, where others have homes of their own; without login all see it anyway."""
    if not is_users() or info.status.state != "done" or info.request.kind not in shares.KINDS:
        return
    st.divider()
    st.markdown("**Share it**", help=WHAT)
    run_id, link = st.session_state.get(MADE, ("", ""))
    if run_id == info.run_id:
        st.code(link, language=None, wrap_lines=True)
        st.caption("Copy the link now: it is shown this once, and only its hash is kept.")
    st.button("Make a link", icon=":material/link:", key="share_run", on_click=_share, args=(info.run_id,))
    for one in shares.shares(info.run_id):
        words, back = st.columns([3, 2], vertical_alignment="center")
        words.caption(f"Link of {plain(when(one.created))}")
        back.button(
            "Take it back",
            icon=":material/link_off:",
            key=f"withdraw_{one.number[:12]}",
            on_click=_withdraw,
            args=(one.number,),
            help="The link opens no more. Copies that were taken stay with who took them.",
        )


def _share(run_id: str) -> None:
    with errors_shown():
        token = shares.share(run_id)
        here, base = urlsplit(str(st.context.url)), str(st.get_option("server.baseUrlPath")).strip("/")
        place = "/".join(part for part in (f"{here.scheme}://{here.netloc}", base, "shared") if part)
        st.session_state[MADE] = (run_id, f"{place}?{WORD}={token}")


def _withdraw(number: str) -> None:
    with errors_shown():
        shares.withdraw(number)
        st.session_state.pop(MADE, None)
