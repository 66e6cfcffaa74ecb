"""A page begins at its top: Streamlit leaves the window where it was scrolled to on the page before."""

from __future__ import annotations

import streamlit as st

# What was shown last is kept beside the document: the script is read again whenever its data change.
SCRIPT = """
export default function ({ data }) {
  const before = globalThis.grnPage;
  globalThis.grnPage = data.page;
  if (before === undefined || before === data.page) return;
  document.querySelector('[data-testid="stMain"]')?.scrollTo({ top: 0, behavior: "instant" });
}
"""
_top = st.components.v2.component("grn_page_top", js=SCRIPT)


def from_the_top(page: str) -> None:
    """Show a page from its top when it was not the last one.

    Parameters
    ----------
    page
        Its address.
    """
    with st.container(key="page_top"):
        _top(key="page_top_script", data={"page": page})
