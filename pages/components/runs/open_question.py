"""What an imported network leaves open, asked one by one, with what each answer would give."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from grn_core import runs
from grn_core.datasets.reading import ASKED
from grn_core.runs import ImportRequest
from pages.components.runs.view import RunView
from pages.components.shared.messages import errors_shown, plain


def ask_open(run: RunView) -> str | None:
    """Ask the first question that an imported network leaves open; return the run that reads it as the answer says.

    Nothing is shown where nothing is open, and None is returned until it is answered.
    """
    request, asked = run.request, (run.record.get("result") or {}).get("questions", ())
    if not isinstance(request, ImportRequest):
        return None
    one = next((one for one in asked if getattr(request, one["about"]) is None), None)
    if one is None:
        return None
    about, words = one["about"], [each["word"] for each in one["candidates"]]
    titles = {each["word"]: each["title"] for each in one["candidates"]}
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"**{ASKED[about]}**", width="content")
            st.badge("Not confirmed", color="orange", icon=":material/help:")
        st.caption(f"The file does not tell: {plain(one['why'])}.")
        chosen = st.radio(
            ASKED[about],
            words,
            index=words.index(one["guess"]),
            format_func=lambda word: plain(titles[word]),
            captions=[
                plain(f"{'the guess; ' if word == one['guess'] else ''}{gives}")
                for word, gives in zip(words, one["gives"], strict=True)
            ],
            key=f"{about}_{run.id}",
            label_visibility="collapsed",
        )
        if not st.button("Confirm", icon=":material/check:", key=f"{about}_answer"):
            return None
        with errors_shown():
            return runs.submit(replace(request, **{about: chosen}))
    return None
