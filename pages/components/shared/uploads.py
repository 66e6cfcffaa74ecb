"""A file that a user gives a page: stored once, and if it is refused, for what reason, until another is given."""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO

import streamlit as st

from grn_core.errors import GrnError
from grn_core.settings import settings
from pages.components.shared.messages import plain, show_problem


def stored_upload(label: str, *, key: str, about: str, store: Callable[[str, BinaryIO], str]) -> str | None:
    """Show an uploader; return what `store` calls a file that was just given, and None at every later look.

    Parameters
    ----------
    label, about
        What is asked for, and what such a file holds.
    key
        Of the uploader.
    store
        Keeps a file, by name and content; what it refuses is said, and not read again.
    """
    file = st.file_uploader(label, key=key, max_upload_size=settings().max_upload_mb, help=about)
    if file is None:
        return None
    seen, error = st.session_state.get(f"{key}_seen", ("", None))
    if seen != file.file_id:
        try:
            name, error = store(file.name, file), None
        except GrnError as refusal:
            error = refusal
        st.session_state[f"{key}_seen"] = (file.file_id, error)
        if error is None:
            st.toast(f"{plain(file.name)} was read and stored.")
            return name
    if error is not None:
        show_problem(f"the file was not taken: {error.found}", needed=error.needed, todo=error.todo)
    return None
