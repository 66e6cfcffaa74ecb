"""The published checkpoints: what each is, whether it is here, and how to get it, by download or by hand."""

from __future__ import annotations

import streamlit as st

from grn_core import in_words, runs
from grn_core.homes import is_users
from grn_core.hub.manifest import Checkpoint, checkpoints
from grn_core.hub.verify import Mismatch, accept, mismatches
from grn_core.models.families import families
from grn_core.models.folders import registered
from grn_core.runs import PullRequest, RunStatus, manager
from pages.components.runs.progress import watch_run
from pages.components.shared.messages import errors_shown, plain
from pages.components.shared.session import one_of

UNCONFIRMED = (
    "The stated checksum comes from public code; no download of ours has confirmed it yet. A difference can mean that "
    "the publisher has changed the file, or that it is not the file it claims to be. Files are only ever read as plain "
    "tensors, never run."
)


def published_checkpoints() -> None:
    """Show the checkpoints of the chosen family."""
    published = {known.format for known in checkpoints()}
    titles = {family.name: family.title for family in families() if family.name in published}
    family = one_of("Family", titles, "family", "scgpt", label_visibility="collapsed")
    here = {record.name for record in registered()}
    found = [known for known in checkpoints() if known.format == family]
    for notice in dict.fromkeys(filter(None, (known.notice for known in found))):
        st.info(plain(notice), icon=":material/info:")
    for known in found:
        with st.container(border=True):
            _checkpoint(known, is_here=known.name in here)


def request_of(known: Checkpoint) -> PullRequest:
    """Return the request of the work that downloads and checks a checkpoint."""
    return PullRequest(checkpoint=known.name, title=known.title)


def _checkpoint(known: Checkpoint, *, is_here: bool) -> None:
    run_id = request_of(known).run_id()
    status = None if is_here else _status(run_id)
    words, ways = st.columns([5, 3], vertical_alignment="center")
    size = "size not stated" if known.size is None else in_words.size(known.size)
    words.markdown(f"**{plain(known.title)}** :{_badge(known, status, is_here=is_here)}  \n{plain(known.description)}")
    words.caption(f"{size} · licence: {plain(known.licence)}")
    if is_here:
        return
    with ways.container(horizontal=True, horizontal_alignment="right"):
        if status is None:
            _start_button(known)
        if (status is None or not status.active) and not is_users():
            _by_hand(known)
    if status is not None:
        with errors_shown():
            watch_run(run_id)
        if wrong := mismatches(known):
            _acceptance(known, run_id, wrong)


def _status(run_id: str) -> RunStatus | None:
    """What the download is doing; None when there was none, or when what it brought was taken away again."""
    status = manager.status_if_known(run_id) if runs.RunStore().path(run_id).exists() else None
    taken_away = status is not None and runs.RunStore().written_status(run_id).state == "done"
    return None if taken_away else status


def _badge(known: Checkpoint, status: RunStatus | None, *, is_here: bool) -> str:
    if is_here:
        return "green-badge[here]"
    if status is not None and status.active:
        return "blue-badge[downloading]" if known.repo else "blue-badge[checking]"
    return "gray-badge[not here]"


def _start_button(known: Checkpoint) -> None:
    label, icon = ("Download", ":material/download:") if known.repo else ("Check the files", ":material/fact_check:")
    background = "Goes on in the background when you leave this page or close the tab; it can be cancelled and resumed."
    here = "Looks for the files where they belong (see By hand), compares them and reads them."
    if st.button(label, icon=icon, key=f"pull_{known.name}", help=background if known.repo else here):
        with errors_shown():
            runs.submit(request_of(known))
            st.rerun()


def _by_hand(known: Checkpoint) -> None:
    with st.popover("By hand", icon=":material/folder:"):
        where = f" from [{plain(known.page)}]({known.page})" if known.page else ""
        tail = " Their checksums will be compared." if any(file.sha256 for file in known.files) else ""
        st.markdown(f"1. Get these files{where}.\n2. Put them here, under these names.{tail}")
        st.code("\n".join(str(known.folder / file.name) for file in known.files), language=None, wrap_lines=True)
        download = "Press Download: it takes the files that are there and fetches only the others."
        st.markdown(f"3. {download if known.repo else 'Press Check the files.'}")
        st.caption("Or leave them where they are, and name their folder under A folder on this machine.")


def _acceptance(known: Checkpoint, run_id: str, wrong: list[Mismatch]) -> None:
    if known.confirmed or is_users():
        return
    lines = [f"- `{one.file}`\n    - stated: `{one.stated}`\n    - found: `{one.found}`" for one in wrong]
    st.markdown("\n".join(lines))
    st.warning(UNCONFIRMED, icon=":material/help:")
    sure = st.checkbox("I trust the source of these files", key=f"trust_{known.name}")
    if st.button("Use them all the same", icon=":material/warning:", key=f"accept_{known.name}", disabled=not sure):
        with errors_shown():
            accept(known, [one.found for one in wrong])
            runs.resume(run_id)
            st.rerun()
