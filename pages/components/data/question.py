"""What a file does not tell for sure is asked: one question at a time, with what each answer would give."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from grn_core.datasets.catalog import read_again, said_of
from grn_core.datasets.kinds import find_kind
from grn_core.datasets.questions import said_otherwise
from pages.components.shared.messages import errors_shown, plain
from pages.components.shared.session import set_dataset

if TYPE_CHECKING:
    from grn_core.datasets import Dataset
    from grn_core.datasets.reading import Candidate, Question


def ask(dataset: Dataset) -> None:
    """Ask the first question that a dataset leaves open; nothing where none is, or where its user cannot answer."""
    said, questions = said_of(dataset.ref), dataset.reading.questions
    if said is None or not questions:
        return
    one = questions[0]
    with st.container(border=True, key="question"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"**{one.asks}**", width="content")
            st.badge("Not confirmed", color="orange", icon=":material/help:")
        more = f" {len(questions) - 1} more to follow." if len(questions) > 1 else ""
        st.caption(f"The file does not tell: {plain(one.why)}. Until you say, every result carries a warning.{more}")
        word = _answer(one, dataset)
        if st.button("Confirm", icon=":material/check:", key="question_answer"):
            with errors_shown(), st.spinner("Reading the file so"):
                set_dataset(read_again(dataset.ref, said_otherwise(said, one.about, word)))
                st.rerun()


def _answer(one: Question, dataset: Dataset) -> str:
    """Show the candidates, the guess chosen, and what each would give."""
    known = {each.word: each for each in one.candidates}
    chosen: str = st.radio(
        one.asks,
        list(known),
        index=list(known).index(one.guess),
        format_func=lambda word: plain(known[word].title),
        captions=[plain(_gives(one, each)) for each in one.candidates],
        key=f"question_{one.about}_{dataset.ref}",
        label_visibility="collapsed",
    )
    return chosen


def _gives(one: Question, each: Candidate) -> str:
    taken = "the guess; " if each.word == one.guess else ""
    used = f"; {find_kind(each.word).used}" if one.about == "values" else ""
    return f"{taken}{each.gives}{used}"


def is_open(dataset: Dataset) -> bool:
    """Whether something of a dataset is not confirmed that its user can say."""
    return bool(dataset.reading.questions) and said_of(dataset.ref) is not None
