"""The evidence behind one edge: one sentence, its scores, and what the model, the cells and the references say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from grn_core.networks import sign_words
from grn_core.runs.edge_facts import edge_facts, sentence
from pages.components.network.cell_evidence import cell_evidence, cell_scores, reading_of
from pages.components.network.group_evidence import group_evidence, other_groups
from pages.components.network.known_evidence import known_evidence
from pages.components.network.model_evidence import model_evidence
from pages.components.shared.messages import plain
from pages.components.shared.session import one_of

if TYPE_CHECKING:
    import pandas as pd

    from pages.components.runs.view import RunView

NO_SIGN = "Here the response is flat, or its rising and falling parts cancel, so that it has none."
VIEWS = {"model": "The model", "cells": "The cells", "groups": "Other groups", "known": "What is known"}


def edge_evidence(run: RunView, edges: pd.DataFrame, edge: tuple[str, str]) -> None:
    """Show the evidence of `edge` (source, target), a row of the run's table `edges`."""
    source, target = edge
    rows = edges[(edges["source"] == source) & (edges["target"] == target)]
    if rows.empty:
        st.info(f"This run did not score the edge from {plain(source)} to {plain(target)}.")
        return
    row = rows.iloc[0]
    facts = edge_facts(
        run.request,
        edges,
        row,
        rare=run.prior is not None,
        signed=run.signed,
        scored=run.scored,
        directed=run.directed,
        calibration=run.calibration,
    )
    st.markdown(plain(sentence(facts, reading_of(run, row))))
    about, figures = run.about_direction(target)
    if about:
        first, _, more = about.partition(". ")
        st.caption(plain(f"{first.rstrip('.')}."), help=plain(f"{more} {figures}".strip()) or None)
    if run.score is not None and not run.asks_model:
        cell_scores(run, row, score=run.score, n_edges=len(edges))
    else:
        _scores(run, row, n_edges=len(edges))
    views = _views(run)
    match one_of("Evidence", views, "evidence", next(iter(views)), label_visibility="collapsed"):
        case "model":
            model_evidence(run, row)
        case "cells":
            cell_evidence(run, row)
        case "groups":
            group_evidence(run, row)
        case _:
            known_evidence(run, row, facts)


def _views(run: RunView) -> dict[str, str]:
    """Return the kinds of evidence that a run can have, the first one first."""
    may = {"model": run.asks_model, "cells": run.has_cells, "groups": run.scored and bool(other_groups(run))}
    shown = [name for name in VIEWS if may.get(name, True)]
    return {name: VIEWS[name] for name in shown}


def _scores(run: RunView, row: pd.Series, *, n_edges: int) -> None:
    with st.container(horizontal=True, gap="medium"):  # which wraps where three do not stand side by side
        if run.score is None:
            uncertain = "uncertainty" in row
            strength = f"{row['probability']:z.3f}" + (f" ± {row['uncertainty']:z.3f}" if uncertain else "")
            none = "; one seed has no uncertainty" if run.asks_model else ""
            what = "Calibrated probability" + (" ± its uncertainty" if uncertain else none)
            rare = f"{run.share_of_edges}." if run.share_of_edges else ""
            means = " ".join(part for part in (f"{what}.", run.uncertainty, rare) if part)
            st.metric("Probability", strength, width="content", help=plain(means))
        else:
            st.metric(
                "Score", f"{row['score']:z.3g}", width="content", help=f"{plain(run.score['unit'])}. {plain(run.why)}"
            )
            lower = "Share of the run's edges that rank lower."
            st.metric("Percentile", f"{row['percentile']:z.2f}", width="content", help=lower)
        if run.signed:
            sign = int(row["sign"])
            asked = "levels" if run.asks_model else "runs with a sign"
            agrees = f"{row['sign_agreement']:z.0%} of the {asked} have that sign." if "sign_agreement" in row else ""
            worth = f"{agrees if sign else NO_SIGN} {plain(run.about_signs)}".strip()
            st.metric("Effect", sign_words(directed=run.directed)[sign].capitalize(), width="content", help=worth)
        rank = f"{int(row['rank']):,}"
        st.metric("Rank", rank, width="content", help=f"Among the {n_edges:,} edges of this run; 1 is the best.")
