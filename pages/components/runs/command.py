"""The command line that computes the same run as a page does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from grn_core.cli.command import shown
from pages.components.shared.shell import show_code

if TYPE_CHECKING:
    from grn_core.runs import Request

OUTPUTS = {"infer": ("-o", "edges.tsv"), "ranks": ("-o", "edges.tsv"), "coexpression": ("-o", "edges.tsv")} | {
    "activity": ("-o", "activity.h5ad"),
    "groups": ("-o", "differences.tsv"),
    "what-if": ("-o", "genes.tsv"),
}
"""Options that say where the result of a kind of work goes, for the command that is shown."""


def command_line(request: Request) -> str:
    """Return the command for a request, as documents write it; `show_code` says how it is typed here."""
    return shown(request, *OUTPUTS.get(request.kind, ()))


def show_command(command: str) -> None:
    """Show a command that does the same as the page, to be copied.

    What is in a popover reaches the browser's page when it is opened: what colours code is 1.5 MB of it.
    """
    with st.popover("The same as a command", icon=":material/terminal:"):
        show_code(command)
