"""Download a public archive: what it is, how large and under which terms, then its progress."""

from __future__ import annotations

import streamlit as st

from grn_core import datasets, downloads, in_words
from grn_core.datasets import BuiltIn
from grn_core.downloads import Archive, background
from pages.components.shared.messages import errors_shown, plain, show_problem

POLL_S = 0.5


def public_datasets() -> None:
    """Offer the datasets of the public archives that are not on this machine yet."""
    absent = [record for record in datasets.downloadable() if not record.is_here]
    for name in dict.fromkeys(record.archive for record in absent):
        one = downloads.find_archive(name)
        busy = background.status(name).state not in ("none", "done")
        with st.expander(f"Download {plain(one.title)}", icon=":material/cloud_download:", expanded=busy):
            archive_box(one, [record for record in absent if record.archive == name])
        if downloads.held(one).is_here:  # it was completed while the page was drawn
            st.rerun()


def archive_box(one: Archive, records: list[BuiltIn] | None = None) -> None:
    """Show an archive with the button that downloads it, or how far that is.

    Parameters
    ----------
    one
        The archive.
    records
        Its datasets, to be named.
    """
    lines = [f"- {plain(record.title)} ({record.species}, {record.n_cells:,} cells)" for record in records or []]
    facts = {
        "Size": in_words.size(one.about_bytes),
        "Licence": plain(one.licence) if one.licence else f"as stated [on the archive's page]({one.page})",
        "Source": f"[doi:{one.doi}]({one.page})",
        "Cite": plain(one.cite),
    }
    lines += ["", *(f"**{name}:** {value}  " for name, value in facts.items())]
    st.caption("\n".join(lines))
    now = background.status(one.name)
    if now.state == "running":
        _live(one.name)
        return
    error = now.error or {}
    if now.state == "failed":
        show_problem(error.get("found", ""), needed=error.get("needed", ""), todo=error.get("todo", ""))
    elif now.state in ("cancelled", "interrupted"):
        words = "cancelled" if now.state == "cancelled" else "broken off"
        st.info(f"This download was {words}. What was loaded is kept.", icon=":material/info:")
    label = {"none": "Download", "done": "Download", "failed": "Try again"}.get(now.state, "Go on with it")
    with st.container(horizontal=True):
        _start_button(one, label, "")
        if error.get("sha256"):
            _start_button(one, "Use it all the same", error["sha256"])


def _start_button(one: Archive, label: str, accept: str) -> None:
    icon = ":material/warning:" if accept else ":material/download:"
    help_text = "Accepts the downloaded file although it is not the one that was expected." if accept else None
    if st.button(label, icon=icon, key=f"download_{one.name}_{accept}", help=help_text):
        with errors_shown():
            background.start(one.name, accept=accept or None)
            st.rerun()


@st.fragment(run_every=POLL_S)
def _live(name: str) -> None:
    now = background.status(name)
    if now.state != "running":
        if now.state == "done":
            st.toast("The download is complete.")
        st.rerun()
    share = min(now.done / now.total, 1.0) if now.total else 0.0
    st.progress(share, text=_in_words(now))
    st.button("Cancel", icon=":material/close:", key=f"cancel_{name}", on_click=background.cancel, args=(name,))
    st.caption("You may leave this page or close the tab: the download goes on.")


def _in_words(now: background.Status) -> str:
    stage = now.stage[:1].upper() + now.stage[1:]
    if not stage.endswith(", bytes"):
        return plain(stage)
    return f"{plain(stage.removesuffix(', bytes'))} · {in_words.size(now.done)} of {in_words.size(now.total)}"
