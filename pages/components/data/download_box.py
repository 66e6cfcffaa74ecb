"""Download a public archive: what it is, how large and under which terms, then its progress."""

from __future__ import annotations

import streamlit as st

from grn_core import datasets, downloads, in_words, runs
from grn_core.datasets import BuiltIn
from grn_core.downloads import Archive
from grn_core.runs import DownloadRequest, RunInfo, RunStore
from pages.components.runs.progress import watch_run
from pages.components.shared.messages import errors_shown, plain


def public_datasets() -> None:
    """Offer the datasets of the public archives that are not on this machine yet."""
    absent = [record for record in datasets.downloadable() if not record.is_here]
    for name in dict.fromkeys(record.archive for record in absent):
        one = downloads.find_archive(name)
        busy = latest_download(name) is not None
        with st.expander(f"Download {plain(one.title)}", icon=":material/cloud_download:", expanded=busy):
            archive_box(one, [record for record in absent if record.archive == name])
        if downloads.held(one).is_here:  # it was completed while the page was drawn
            st.rerun()


def latest_download(name: str) -> RunInfo | None:
    """Return the last run that was to bring an archive here; None where there is none, or what it brought is gone."""
    found = [info for info in RunStore().list_runs() if _archive_of(info) == name]
    last = max(found, key=lambda info: info.status.updated, default=None)
    taken_away = last is not None and RunStore().written_status(last.run_id).state == "done"
    return None if taken_away else last


def _archive_of(info: RunInfo) -> str:
    return info.request.archive if isinstance(info.request, DownloadRequest) else ""


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
    st.markdown("\n".join(lines))
    last = latest_download(one.name)
    if last is None:
        _start_button(one, "Download", None)
        return
    with errors_shown():
        status = watch_run(last.run_id)
        sha256 = (status.error or {}).get("sha256", "") if status.state == "failed" else ""
        if sha256:
            _start_button(one, "Use it all the same", sha256)


def _start_button(one: Archive, label: str, accept: str | None) -> None:
    icon = ":material/warning:" if accept else ":material/download:"
    help_text = "Accepts the downloaded file although it is not the one that was expected." if accept else None
    if st.button(label, icon=icon, key=f"download_{one.name}_{accept or ''}", help=help_text):
        with errors_shown():
            runs.submit(DownloadRequest(archive=one.name, accept=accept, title=one.title))
            st.rerun()
