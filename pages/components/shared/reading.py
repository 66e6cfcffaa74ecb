"""How to read what a page shows: folded, so that a caption stays at two lines."""

from __future__ import annotations

import re

import streamlit as st

from pages.components.shared.messages import worded

TWO_LINES = 110
"""Letters that stand in two lines of a caption in a column of two fifths of the page, the narrowest that has notes."""
PARTS = (r"; (?=[a-z])", r", (?=e\.g\. )", r" and (?=[a-z])")
"""Where a second statement or a list of names begins; what else looks so may stand within a name."""
TWO_OF_HALF = 140
"""Letters that stand in two lines of a caption in a column of half the page."""


def beginning(text: str, *, most: int) -> str:
    """Return a text of at most so many letters as it is, else what stands before its first colon or semicolon."""
    head = re.split(r"[:;] ", text, maxsplit=1)[0]
    return text if len(text) <= most else f"{head.rstrip('.')}."


def told_in_two_lines(text: str, *, most: int = TWO_LINES) -> None:
    """Show a sentence as a caption in a narrow column; of one that is longer than two lines there the rest is folded.

    It is parted where a list of names or a second statement begins.

    Parameters
    ----------
    text
        The sentence.
    most
        Letters that stand in two lines of the column.
    """
    heads = (re.split(part, text, maxsplit=1)[0] for part in PARTS)
    head = next((one for one in heads if len(one) <= most), text)
    rest = text[len(head) :].removeprefix("; ").removeprefix(", ").removeprefix(" and ")
    if len(text) <= most or not rest:
        st.caption(worded(text))
        return
    st.caption(worded(f"{head.rstrip(',')}."))
    how_to_read(worded(f"{rest[:1].upper()}{rest[1:]}"), title="Which" if rest.startswith("e.g.") else "More of this")


def how_to_read(*paragraphs: str, title: str = "How to read this") -> None:
    """Show paragraphs of Markdown, folded; nothing where all of them are empty."""
    found = [text for text in paragraphs if text]
    if found:
        with st.expander(title, icon=":material/help:"):
            st.markdown("\n\n".join(found))
