"""The benchmark in a minute: one sentence and one picture of the translator that the user's runs go by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from grn_core.benchmark.results.of_cards import learnt_from
from grn_core.benchmark.results.tested import against_controls, every_test, of_tests, on_unchosen
from grn_core.benchmark.results.words import words
from grn_core.plots import tested as figures
from grn_core.runs import InferRequest
from grn_core.translator import registry as translators
from pages.components.compare.views import CONFIG
from pages.components.runs.picker import infer_runs
from pages.components.shared.kept import kept
from pages.components.shared.messages import plain, told_apart
from pages.components.shared.session import linked

if TYPE_CHECKING:
    from collections.abc import Collection

    import pandas as pd
    import plotly.graph_objects as go


def used_by_runs(known: Collection[str]) -> str:
    """Return the translator of the newest finished run that has a known one; "" where there is none."""
    asked = (info.request for info in infer_runs() if info.status.state == "done")
    named = (one.translator for one in asked if isinstance(one, InferRequest))
    return next((name for name in named if name in known), "")


@kept(max_entries=32)
def _judged(name: str, sha256: str, *, _scores: pd.DataFrame) -> tuple[str, go.Figure]:  # noqa: ARG001
    """Return the sentence and the picture of a translator's scores; name, weights and card tell translators apart."""
    said = (of_tests(_scores), against_controls(_scores), on_unchosen(_scores))
    return " ".join(filter(None, said)), figures.dots(_scores)


def in_a_minute() -> tuple[str, str]:
    """Say and show how good the translator is that the newest run, or else the next one, goes by.

    Returns
    -------
    str, str
        What it learnt from, as the results name it, and its own name; "" where no translator was measured.
    """
    known = {record.name: record for record in translators.records() if record.card.get("evaluation")}
    if not known:
        return "", ""
    mine = used_by_runs(known)
    first = mine or (translators.DEFAULT if translators.DEFAULT in known else next(iter(known)))
    name = st.selectbox(
        "Translator",
        list(known),
        format_func=told_apart(known, lambda one: known[one].title),
        help="Turns what a model answers into a score of each edge. At first, the one of your newest network.",
        **linked("judged", first, known),
    )
    scores = every_test(known[name].card)
    whose = " Your newest network was scored by it." if name == mine else ""
    said, figure = _judged(name, translators.sha_with_card(name), _scores=scores)
    st.markdown(f"**{plain(said)}**{whose}")
    st.plotly_chart(
        figure,
        key="tested",
        alt=f"AUPRC of {known[name].title}, of the best control and of a random guess on {len(scores)} test sets",
        config=CONFIG,
    )
    st.caption("AUPRC: 1 is perfect. Whiskers: standard deviation over the seeds; a control within them is as good.")
    beside = [str(one["reference"]) for one in known[name].card.get("training", ()) if one.get("beside")]
    if beside:
        known_beside = plain("; ".join(beside))
        learnt = plain(words("train", learnt_from(known[name].card)))
        st.caption(
            f"Details of *{learnt}* are of translators that learnt from it alone, without {known_beside}: their scores "
            "differ from those above."
        )
    return learnt_from(known[name].card), name
