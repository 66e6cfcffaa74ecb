"""The benchmark in a minute: one sentence and one picture of the translator that the user's runs go by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from grn_core.benchmark.results.better import verdict
from grn_core.benchmark.results.of_cards import learnt_from
from grn_core.benchmark.results.tested import HELPED, UNSEEN, every_test
from grn_core.benchmark.results.words import spelt_out
from grn_core.plots import tested as figures
from grn_core.runs import InferRequest, RunStore
from grn_core.translator import registry as translators
from pages.components.compare.views import CONFIG
from pages.components.runs.picker import infer_runs
from pages.components.runs.view import AUPRC
from pages.components.shared.kept import kept
from pages.components.shared.messages import plain, told_apart
from pages.components.shared.reading import how_to_read
from pages.components.shared.session import linked

if TYPE_CHECKING:
    from collections.abc import Collection

    import pandas as pd
    import plotly.graph_objects as go


RULE = (
    f"**Better** than a simple rule: ahead on more than half of the test sets that {UNSEEN}. **Ahead** or **behind** "
    "on one: the difference is larger than the whiskers, the standard deviation over repeats with other seeds. "
    "The **best simple control** is the one that does best on that test set, of all that were measured: for example "
    "how many known edges the two genes have, or how well they correlate. Each is explained below."
)


@dataclass(frozen=True)
class Judged:
    """The translator that is judged first.

    Attributes
    ----------
    name
        Its name; "" where none was measured.
    training
        What it learnt from, as the results name it.
    beside
        Edges that it knows beside, in words; "" where there are none.
    """

    name: str = ""
    training: str = ""
    beside: str = ""


def used_by_runs(known: Collection[str]) -> tuple[str, bool]:
    """Return the translator of the newest finished run that has a known one, and whether its weights are today's."""
    for info in infer_runs():
        asked = info.request
        if info.status.state == "done" and isinstance(asked, InferRequest) and asked.translator in known:
            hashes = RunStore().record(info.run_id).get("hashes") or {}
            return asked.translator, hashes.get("translator") == translators.translator_sha(asked.translator)
    return "", False


@kept(max_entries=32)
def _judged(name: str, sha256: str, *, _scores: pd.DataFrame) -> tuple[str, str, go.Figure]:  # noqa: ARG001
    """Return the words and the picture of a translator's scores; name, weights and card tell translators apart."""
    return *verdict(_scores), figures.dots(spelt_out(_scores))


def in_a_minute() -> Judged:
    """Say and show how good the translator of the newest run, or else of the next one, is; return which it is."""
    known = {record.name: record for record in translators.records() if record.card.get("evaluation")}
    if not known:
        return Judged()
    mine, as_today = used_by_runs(known)
    first = mine or (translators.DEFAULT if translators.DEFAULT in known else next(iter(known)))
    name = st.selectbox(
        "Translator",
        list(known),
        format_func=told_apart(known, lambda one: known[one].title),
        help="Turns what a model answers into a score of each edge. At first, the one of your newest network.",
        **linked("judged", first, known),
    )
    scores = every_test(known[name].card)
    whose = f" Your newest network was scored by {'it' if as_today else 'an earlier version of it'}."
    said, told, figure = _judged(name, translators.sha_with_card(name), _scores=scores)
    st.header(plain(said), anchor=False)
    st.markdown(f"{plain(told)}{whose if name == mine else ''}")
    st.plotly_chart(
        figure,
        key="tested",
        alt=f"AUPRC of {known[name].title}, of the best simple control and of a guess on {len(scores)} test sets",
        config=CONFIG,
    )
    if scores["chosen"].nunique() > 1:
        st.caption(f"Below the dotted line: test sets that {HELPED}, so that a lead there may come of that choice.")
    how_to_read(AUPRC, RULE, title="How to read this, and when it counts as better")
    card = known[name].card
    beside = [str(one["reference"]) for one in card.get("training", ()) if one.get("beside")]
    return Judged(name, learnt_from(card), "; ".join(beside))
