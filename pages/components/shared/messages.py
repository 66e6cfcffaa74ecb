"""Errors of ours in the user's words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from grn_core.errors import GrnError


def show_error(error: GrnError) -> None:
    """Show what was found, what was needed and what to do."""
    show_problem(error.found, needed=error.needed, todo=error.todo)


def show_problem(found: str, *, needed: str = "", todo: str = "") -> None:
    """Show an error that is known only by its three parts (as a run's status keeps it)."""
    lines = [f"**{_sentence(found)}**"]
    if needed:
        lines.append(f"Needed: {_sentence(needed, capital=False)}")
    if todo:
        lines.append(f"What to do: {_sentence(todo, capital=False)}")
    st.error("\n\n".join(lines), icon=":material/error:")


@contextmanager
def errors_shown() -> Iterator[None]:
    """Show a `GrnError` raised in the block, and go on after it. Anything else is a bug and passes."""
    try:
        yield
    except GrnError as error:
        show_error(error)


def plain(text: object) -> str:
    """Return a text of the user's with the signs that Markdown would read as its own kept as they are."""
    return "".join(f"\\{sign}" if sign in "\\*_[]`$<>#:~|" else sign for sign in str(text))


def _sentence(text: str, *, capital: bool = True) -> str:
    text = text.strip().rstrip(".")
    first = text.partition(" ")[0].rstrip(",:;")
    is_name = any(sign in first for sign in "./\\_:")  # an address or a file keeps its spelling
    return plain(text[:1].upper() + text[1:] if capital and not is_name else text) + "."
