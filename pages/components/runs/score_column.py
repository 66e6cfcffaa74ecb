"""Which column of an imported table holds the scores: chosen where several may, with what each would give."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from grn_core import runs
from grn_core.runs import ImportRequest
from pages.components.runs.view import RunView
from pages.components.shared.messages import errors_shown, plain

NONE = "No scores: every edge counts alike"


def choose_score_column(run: RunView) -> str | None:
    """Offer the columns of numbers of an imported table; return the run that reads it with the one that is chosen.

    Nothing is shown where there is none to choose, and None is returned until one is.
    """
    request, columns = run.request, (run.record.get("result") or {}).get("score_columns", ())
    known = {one["name"]: one for one in columns}
    taken = next((one["name"] for one in columns if one["is_taken"]), None)
    if not isinstance(request, ImportRequest) or not set(known) - {taken}:
        return None
    options = [*([None] if taken is None else []), *known]
    with st.container(border=True):
        chosen = st.radio(
            "Which column holds the scores?",
            options,
            index=options.index(taken),
            format_func=lambda name: plain(name) if name is not None else NONE,
            captions=["as read" if name is None else plain(_gives(known[name])) for name in options],
            key=f"score_column_{run.id}",
            help="The higher, the better. Ranges are those of the first rows of the table.",
        )
        if not st.button("Read with these scores", key="score_column_use", disabled=chosen == taken):
            return None
        with errors_shown():
            return runs.submit(replace(request, score=chosen))
    return None


def _gives(column: dict[str, str]) -> str:
    return f"{'taken; ' if column['is_taken'] else ''}{column['gives']}"
