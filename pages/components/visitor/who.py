"""Who visits: whether one must log in here, who is logged in, and whose home a session works in.

Without login (no ``[auth]`` among Streamlit's secrets) the app is one person's and has one home. With it, every visitor
has a home of their own, and a session in which nobody is logged in has none: nothing can be asked for in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from grn_core.errors import RequestError
from grn_core.homes import home_of, keep_private
from grn_core.settings import homes_from


@lru_cache(maxsize=1)
def login_needed() -> bool:
    """Whether visitors must log in: whether the secrets of this installation name who vouches for them.

    Raises
    ------
    RequestError
        There are secrets that cannot be read, so that nobody knows.
    """
    if not any(Path(one).exists() for one in st.get_option("secrets.files")):
        return False
    if not st.secrets.load_if_toml_exists():  # never taken for "no login"
        message = "the secrets of this installation cannot be read"
        raise RequestError(message, needed="a secrets.toml as in docs/settings.md", todo="ask who runs it to mend it")
    return "auth" in st.secrets


def logged_in() -> bool:
    """Whether somebody is logged in; False where nobody can."""
    return login_needed() and bool(_claims().get("is_logged_in"))


def name() -> str:
    """Return what the visitor is called by who vouches for them, for them alone to see."""
    said = _claims()
    return str(next((said[one] for one in ("name", "preferred_username", "email", "sub") if said.get(one)), ""))


def home(installation: Path) -> Path | None:
    """Return the home of who visits; None outside of a session, and where there is one home for all.

    Raises
    ------
    RequestError
        Nobody is logged in where one must be.
    """
    if get_script_run_ctx(suppress_warning=True) is None or not login_needed():
        return None
    said = _claims()
    issuer, subject = said.get("iss"), said.get("sub")
    if not said.get("is_logged_in") or not (isinstance(issuer, str) and isinstance(subject, str) and subject):
        message = "nobody is logged in"
        raise RequestError(message, needed="a login that names who vouches for you", todo="log in")
    return home_of(installation, issuer, subject)


def settle() -> None:
    """Let every session of this process work in the home of its visitor, and keep what is written from all others."""
    keep_private()
    homes_from(home)


def say_no_more_than_needed() -> None:
    """Show visitors who log in only the type of an error that is a bug of ours: its traceback names places here.

    The server's log has all of it.
    """
    if login_needed():
        st.set_option("client.showErrorDetails", "type")


def open_to_others() -> str:
    """Return the address at which others can reach an app that asks nobody who they are; empty where none can."""
    address = str(st.get_option("server.address") or "0.0.0.0")
    return "" if login_needed() or _is_here(address) else address


def lacks_names() -> bool:
    """Whether the app listens to other machines and was told no name by which they may open it: they see no page."""
    names = st.get_option("server.allowedHosts") or ()
    address = str(st.get_option("server.address") or "0.0.0.0")
    return not _is_here(address) and bool(names) and all(map(_is_here, names))


def _is_here(address: str) -> bool:
    try:
        return ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return address == "localhost"


def _claims() -> Mapping[str, object]:
    """Return what the visitor's cookie says of them, signed by this server."""
    return st.user.to_dict()
