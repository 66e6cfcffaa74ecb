"""The login: the one thing that a visitor sees where they must say who they are, and the way out again."""

from __future__ import annotations

from typing import Literal
from urllib.parse import SplitResult, urlsplit

import streamlit as st

from pages.components.shared.messages import plain
from pages.components.visitor.who import login_needed, name, open_to_others

PORTS = {"http": 80, "https": 443}


def login_page() -> None:
    """Ask the visitor to log in; the address stays, and is where the login leads back to."""
    left, _ = st.columns([3, 2])
    with left, st.container(border=True):
        st.title("GRN Studio")
        st.markdown(
            "Which TF regulates which gene, by foundation models of single cells. Log in to work with your own data: "
            "what you upload and compute here is for you alone, until you share it."
        )
        if (elsewhere := address_of_the_login(st.context.url or "")) is not None:
            st.info("The login leads back to another spelling of this address: open the app there.")
            st.link_button(
                f"Go on at {plain(elsewhere)}", elsewhere, type="primary", icon=":material/login:", key="log_in_there"
            )
        # Beside the way there too: who stands between may tell the same address otherwise, and nobody is locked out.
        weight: Literal["primary", "secondary"] = "primary" if elsewhere is None else "secondary"
        st.button("Log in", type=weight, icon=":material/login:", key="log_in", on_click=st.login)
        st.caption("You are sent to who keeps your account, and back to this page. No password is known here.")


def address_of_the_login(here: str) -> str | None:
    """Return the address at which the login works, where it is not the one that the browser has.

    What the provider sends back is for the address that the secrets name; under another, such as ``localhost`` for
    ``127.0.0.1``, the browser keeps what belongs to it apart, and the login would end where it began. A port that the
    scheme has anyway makes no other address: browsers leave it out.

    Parameters
    ----------
    here
        The browser's address; empty where that is not known.
    """
    if not st.secrets.load_if_toml_exists():
        return None
    named, own = urlsplit(str(st.secrets.get("auth", {}).get("redirect_uri", ""))), urlsplit(here)
    try:
        same = _origin(named) == _origin(own)
    except ValueError:  # a port that is none
        return None
    if same or not named.netloc or not own.netloc:
        return None
    return f"{named.scheme}://{named.netloc}{named.path.removesuffix('/oauth2callback')}"


def _origin(address: SplitResult) -> tuple[str, str | None, int | None]:
    return address.scheme, address.hostname, address.port or PORTS.get(address.scheme)


def visitor_line() -> None:
    """Say who is logged in, with the way out; or that all who can reach an app without login share everything."""
    if login_needed():
        with st.sidebar:
            st.caption(f"Logged in as {plain(name())}. What you make is yours alone until you share it.")
            st.button("Log out", icon=":material/logout:", key="log_out", on_click=st.logout)
    elif open_to_others():
        st.warning(
            "This app has no login and can be reached from other machines: all who open it see, change and delete the "
            "same data.",
            icon=":material/group:",
        )
