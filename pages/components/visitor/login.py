"""The login: the one thing that a visitor sees where they must say who they are, and the way out again."""

from __future__ import annotations

import streamlit as st

from pages.components.shared.messages import plain
from pages.components.visitor.who import login_needed, name, open_to_others


def login_page() -> None:
    """Ask the visitor to log in; the address stays, and is where the login leads back to."""
    left, _ = st.columns([3, 2])
    with left, st.container(border=True):
        st.title("GRN Studio")
        st.markdown(
            "Which TF regulates which gene, by foundation models of single cells. Log in to work with your own data: "
            "what you upload and compute here is for you alone, until you share it."
        )
        st.button("Log in", type="primary", icon=":material/login:", key="log_in", on_click=st.login)
        st.caption("You are sent to who keeps your account, and back to this page. No password is known here.")


def visitor_line() -> None:
    """Say who is logged in, with the way out; or that all who can reach an app without login share everything."""
    if login_needed():
        with st.sidebar:
            st.caption(f"Logged in as {plain(name())}. What you see here is yours alone.")
            st.button("Log out", icon=":material/logout:", key="log_out", on_click=st.logout)
    elif open_to_others():
        st.warning(
            "This app has no login and can be reached from other machines: all who open it see, change and delete the "
            "same data.",
            icon=":material/group:",
        )
