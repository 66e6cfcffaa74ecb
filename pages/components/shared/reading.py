"""How to read what a page shows: folded, so that a caption stays at two lines."""

from __future__ import annotations

import streamlit as st


def how_to_read(*paragraphs: str, title: str = "How to read this") -> None:
    """Show paragraphs of Markdown, folded; nothing where all of them are empty."""
    found = [text for text in paragraphs if text]
    if found:
        with st.expander(title, icon=":material/help:"):
            st.markdown("\n\n".join(found))
