"""Upload of a file with cells: stored on disk at once, and refused in words when it cannot be used."""

from __future__ import annotations

import streamlit as st

from grn_core import datasets
from grn_core.datasets import ReadAs, formats
from grn_core.errors import GrnError
from grn_core.settings import settings
from pages.components.data.read_as_form import read_as_form
from pages.components.shared.messages import plain, show_error, show_problem
from pages.components.shared.session import set_dataset


def upload_box() -> None:
    """Show the uploader; a good file becomes the chosen dataset, a bad one is explained and changes nothing."""
    with st.expander("How to read the file", icon=":material/tune:"):
        try:
            read_as = read_as_form("upload", said=ReadAs())
        except GrnError as error:
            show_error(error)
            return
    turn = st.session_state.setdefault("upload_turn", 0)
    file = st.file_uploader(  # of any type: what cannot be read is explained in our words
        "Upload your own cells",
        key=f"upload_{turn}",
        max_upload_size=settings().max_upload_mb,
        help=f"{formats.in_words().capitalize()}. A table has genes in rows or in columns. Counts or log-normalised "
        "values; human or mouse; gene symbols or Ensembl ids. The file stays on this machine.",
    )
    if file is None:
        st.session_state.pop("upload_refused", None)
        return
    refused = st.session_state.get("upload_refused")
    asked = f"{file.file_id} {read_as.to_text()}"
    if refused is None or refused[0] != asked:
        try:
            with st.spinner(f"Reading {plain(file.name)}"):
                ref = datasets.store_upload(file.name, file, read_as=read_as)
        except GrnError as error:
            refused = st.session_state["upload_refused"] = (asked, error)
        else:
            set_dataset(ref)
            st.session_state["upload_turn"] = turn + 1
            st.toast(f"{plain(file.name)} was read and stored.")
            st.rerun()
    why: GrnError = refused[1]
    show_problem(f"the file was not taken: {why.found}", needed=why.needed, todo=why.todo)
    st.caption("The dataset chosen before is still the chosen one.")
