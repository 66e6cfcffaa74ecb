"""The parts of the Network page that run by themselves: what a click changes is sent again, and no more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

if TYPE_CHECKING:
    from collections.abc import Callable

WHOLE = "network"
"""Filters, drawing, tables and what is said of them."""
PICKED = "network_picked"
"""The drawing, and what is picked in it."""


def then(part: str, act: Callable[..., object], *args: Any) -> None:
    """Act on a click, and run `part` of the page again in place of the part that holds what was clicked."""
    act(*args)
    st.rerun(part)
