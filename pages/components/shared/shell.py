"""Commands as a page shows them: to be pasted as they are by who sits at this machine."""

from __future__ import annotations

import streamlit as st

from grn_core import shell
from pages.components.visitor.who import login_needed, open_to_others


def is_mine() -> bool:
    """Whether who looks at the page sits at this machine: others are told of no folder of it."""
    return not login_needed() and not open_to_others()


def here(text: str) -> str:
    """Return a text whose commands run as they stand in a fresh shell; for others they begin as documents have them."""
    return shell.here(text) if is_mine() else text


def show_code(command: str, *, alone: bool = True) -> None:
    """Show a command, and of one that stands alone where it is pasted."""
    st.code(here(command), language="bash", wrap_lines=True)
    if alone:
        st.caption("Paste it as it is, in the folder of this software." if is_mine() else "For a shell of the server.")
