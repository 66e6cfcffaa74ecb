"""Where a page begins: at its top, for Streamlit leaves the window where it was, or at the part that a link is to."""

from __future__ import annotations

import streamlit as st

from pages.components.shared.session import BACK

# The address that one leaves is marked: gone back to, it is what it says, and no page whose parameters the session has
# still to put back. What a page puts there by itself, before anybody does anything, is no step to go back to.
# What was shown last is kept beside the document: the script is read again whenever its data change.
SCRIPT = """
if (!globalThis.grnHistory) {
  globalThis.grnHistory = true;
  const history = window.history;
  const [push, replace] = [history.pushState.bind(history), history.replaceState.bind(history)];
  let acted = false;
  for (const act of ["pointerdown", "keydown"]) window.addEventListener(act, () => { acted = true; }, true);
  history.pushState = (state, title, url) => {
    const [here, there] = [new URL(location.href), new URL(url, location.href)];
    if (here.pathname === there.pathname && !acted) return replace(state, title, url);
    acted = false;
    here.searchParams.set("BACK", "1");
    replace(history.state, title, here);
    push(state, title, url);
  };
}
export default function ({ data }) {
  const before = globalThis.grnPage;
  globalThis.grnPage = data.page;
  if (before === undefined || before === data.page) return;
  document.querySelector('[data-testid="stMain"]')?.scrollTo({ top: 0, behavior: "instant" });
}
"""
SEEK = """
export default function ({ data }) {
  if (!data.key) return;
  const place = () => document.querySelector(`.st-key-${data.key}`)?.scrollIntoView({ block: "start" });
  const until = performance.now() + 4000;  // what stands above it, a map say, comes later and pushes it down
  const ours = setInterval(() => performance.now() < until ? place() : stop(), 100);
  const theirs = ["wheel", "pointerdown", "keydown", "touchstart"];
  const stop = () => { clearInterval(ours); theirs.forEach((name) => window.removeEventListener(name, stop, true)); };
  theirs.forEach((name) => window.addEventListener(name, stop, true));
  place();
  return stop;
}
"""
SCRIPT = SCRIPT.replace("BACK", BACK)
_top = st.components.v2.component("grn_page_top", js=SCRIPT)
_seek = st.components.v2.component("grn_seek", js=SEEK)


def from_the_top(page: str) -> None:
    """Show a page from its top when it was not the last one.

    Parameters
    ----------
    page
        Its address.
    """
    with st.container(key="page_top"):
        _top(key="page_top_script", data={"page": page})


def from_here(key: str) -> None:
    """Scroll to the container of a key once it is there, until the user takes over; call it where that is wanted.

    Parameters
    ----------
    key
        Of the container.
    """
    with st.container(key="page_part"):
        _seek(key="page_part_script", data={"key": key})
