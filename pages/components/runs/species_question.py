"""Which species an imported network is of, asked where its names do not tell, with what each answer would give."""

from __future__ import annotations

import streamlit as st

from grn_core import runs
from grn_core.runs import ImportRequest
from pages.components.runs.view import RunView
from pages.components.shared.messages import errors_shown, plain


def ask_species(run: RunView) -> str | None:
    """Ask for the species of an imported network that leaves it open; return the run that reads it as the answer says.

    Nothing is shown where nothing is open, and None is returned until it is answered.
    """
    request, asked = run.request, (run.record.get("result") or {}).get("questions", ())
    if not isinstance(request, ImportRequest) or request.species is not None or not asked:
        return None
    (one,) = asked
    words = [each["word"] for each in one["candidates"]]
    titles = {each["word"]: each["title"] for each in one["candidates"]}
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown("**Which species?**", width="content")
            st.badge("Not confirmed", color="orange", icon=":material/help:")
        st.caption(f"The file does not tell: {plain(one['why'])}.")
        chosen = st.radio(
            "Which species?",
            words,
            index=words.index(one["guess"]),
            format_func=lambda word: plain(titles[word]),
            captions=[
                plain(f"{'the guess; ' if word == one['guess'] else ''}{gives}")
                for word, gives in zip(words, one["gives"], strict=True)
            ],
            key=f"species_{run.id}",
            label_visibility="collapsed",
        )
        if not st.button("Confirm", icon=":material/check:", key="species_answer"):
            return None
        with errors_shown():
            again = ImportRequest.of(
                request.place,
                species=chosen,
                score=request.score,
                ranked=request.ranked,
                signed=request.signed,
            )
            return runs.submit(again)
    return None
