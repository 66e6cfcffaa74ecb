"""A file that a page is given is stored once, and one that is refused is read once and said at every look."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest


def page() -> None:
    import streamlit as st

    from grn_core.errors import DataError
    from pages.components.shared.uploads import stored_upload

    def store(name, content):
        st.session_state["read"] = st.session_state.get("read", 0) + 1
        if content.read() == b"bad":
            message = f"{name} has no column tf"
            raise DataError(message, needed="tf and target", todo="name the columns so")
        return f"kept {name}"

    st.button("again")
    st.session_state.setdefault("stored", []).append(stored_upload("A table", key="table", about="rows", store=store))


@pytest.mark.parametrize("content", [b"bad", b"good"])
def test_a_file_is_read_once_however_often_the_page_is_looked_at(content):
    app = AppTest.from_function(page).run()
    app.file_uploader(key="table").upload("mine.tsv", content).run()
    for _ in range(2):
        app.button[0].click().run()
    assert not app.exception
    assert app.session_state["read"] == 1
    bad = content == b"bad"
    assert [one for one in app.session_state["stored"] if one] == ([] if bad else ["kept mine.tsv"])
    assert any("has no column tf" in one.value for one in [*app.error, *app.warning]) == bad
    app.file_uploader(key="table").upload("other.tsv", b"good").run()
    assert app.session_state["read"] == 2
    assert app.session_state["stored"][-1] == "kept other.tsv"
