"""How many tabs are open, of each visitor and together, and the word to whoever comes when there is no room."""

from __future__ import annotations

from threading import Lock

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from grn_core.errors import RequestError
from grn_core.settings import settings

_taken: dict[str, str] = {}
_guard = Lock()


def take_seat() -> None:
    """Count this tab among the open ones, until it is closed and given up by the server.

    Raises
    ------
    RequestError
        As many are open as may be, together or of this visitor.
    """
    context = get_script_run_ctx(suppress_warning=True)
    now = settings()
    if context is None or not (now.max_sessions or now.max_user_sessions):
        return
    home = str(now.home)
    with _guard:
        if context.session_id in _taken:
            return
        mine = sum(one == home for one in _taken.values())
        _refuse_if(now.max_sessions, len(_taken), "open here together")
        _refuse_if(now.max_user_sessions, mine, "open in your name")
        _taken[context.session_id] = home
    _held(context.session_id)


def _refuse_if(most: int, here: int, where: str) -> None:
    if most and here >= most:
        message = f"{here} tabs of this app are {where}"
        todo = "close one; a closed tab counts for some minutes more, as it may come back"
        raise RequestError(message, needed=f"fewer than {most}", todo=todo)


def _give_up(session_id: str) -> None:
    with _guard:
        _taken.pop(session_id, None)


@st.cache_resource(scope="session", on_release=_give_up, show_spinner=False)
def _held(session_id: str) -> str:
    """Return the session, and let go of its place when the server gives it up."""
    return session_id
