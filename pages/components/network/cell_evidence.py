"""The evidence behind an edge of a co-expression method: its score, and its two genes in the measured cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from grn_core import networks, plots
from grn_core.errors import GrnError
from grn_core.networks import CellReading, read_cells
from grn_core.plots.cells import UNITS
from pages.components.shared.messages import plain, show_error

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pages.components.runs.view import RunView

NO_PROBABILITY = (
    "A score is no probability: it puts the edges of this run in order, and says neither how likely an edge is nor, "
    "between two genes that vary together, which one acts on the other."
)
FROM_A_FILE = (
    "This network was read from a file: there is neither a model nor a cell behind it here, so that there is no "
    "response curve and no figure of this edge."
)
UNDIRECTED = (
    "This method is symmetric: the score of a TF and a target is that of the target and the TF, so that edges have no "
    "direction."
)


def no_probability(run: RunView) -> str:
    """Say why the scores of a run are no probabilities."""
    return run.why or NO_PROBABILITY


EFFECT = {False: "Sign of the score: whether the two genes rise together or apart.", True: "As the file says."}


def cell_evidence(run: RunView, row: pd.Series, *, score: Mapping[str, Any], n_edges: int) -> None:
    """Show the evidence of an edge, the `row` of a table of `n_edges` edges; `score` is the run's."""
    _scores(run, row, score=score, n_edges=n_edges)
    source, target, sign = str(row["source"]), str(row["target"]), int(row["sign"])
    words = f"Score: {score['unit']}. {no_probability(run)}" if run.scored else f"It has {score['unit']}."
    st.caption(f"**{plain(score['title'])}.** {plain(words)}")
    if run.imported:
        st.info(FROM_A_FILE)
        return
    try:
        values = run.cells(source, target)
        if values is None:
            st.info("No cells are kept with this run, so there is no figure of this edge.")
            return
        reading = read_cells(*values)
    except GrnError as error:
        show_error(error)
        return
    st.plotly_chart(
        plots.cell_scatter(
            values[0], values[1], reading, source=source, target=target, sign=sign, units=run.units or UNITS
        ),
        theme="streamlit",
        key=f"cells_{source}_{target}",
        alt=f"{target} against {source} in {reading.n_cells:,} cells; both are seen in {reading.both:,} of them.",
    )
    st.caption(
        f"**Measured cells.** Each point is a cell; many lie on top of each other at zero. The line is the mean of "
        f"{plain(target)} in the cells without {plain(source)}, then in groups of rising {plain(source)}; whiskers are "
        f"standard errors. {_which_cells(run, reading)}"
    )
    st.table(readings_table(reading, source=source, target=target), hide_index=True)
    st.caption(f"Limits of the method: {plain(score['limits'])}")


def _scores(run: RunView, row: pd.Series, *, score: Mapping[str, Any], n_edges: int) -> None:
    if not run.scored:
        st.metric("Effect", networks.SIGN_WORDS[int(row["sign"])].capitalize(), width="content", help=EFFECT[True])
        return
    label, value = "Percentile", f"{row['percentile']:.2f}"
    meaning = "Share of the run's edges that rank lower."
    if run.signed:
        label, value = "Effect", networks.SIGN_WORDS[int(row["sign"])].capitalize()
        meaning = EFFECT[run.imported]
    rank, of = f"{int(row['rank']):,}", f"Among the {n_edges:,} edges of this run; 1 is the best."
    with st.container(horizontal=True, gap="medium"):  # which wraps where three do not stand side by side
        st.metric(
            "Score", f"{row['score']:.3g}", width="content", help=f"{plain(score['title'])}: {plain(score['unit'])}."
        )
        st.metric(label, value, width="content", help=meaning)
        st.metric("Rank", rank, width="content", help=of)


def _which_cells(run: RunView, reading: CellReading) -> str:
    total = int((run.record.get("result") or {}).get("cells", reading.n_cells))
    if reading.n_cells < total:
        return f"{reading.n_cells:,} of the {total:,} cells that were scored, drawn at random."
    return f"All {total:,} cells that were scored."


def readings_table(reading: CellReading, *, source: str, target: str) -> pd.DataFrame:
    """Return the readings of a pair of genes as rows of name, cells and meaning."""
    rows = [
        ("Both seen", _share(reading.both, reading), f"cells with {source} and {target}"),
        (f"Only {source}", _share(reading.source_only, reading), f"cells without {target}"),
        (f"Only {target}", _share(reading.target_only, reading), f"cells without {source}"),
        ("Neither", _share(reading.neither, reading), "cells in which both are at zero"),
        (f"With {source}", _mean(reading.mean_with), f"mean of {target} in cells with {source}"),
        (f"Without {source}", _mean(reading.mean_without), f"mean of {target} in the others"),
    ]
    return pd.DataFrame([[plain(word) for word in row] for row in rows], columns=["Reading", "Value", "Meaning"])


def _share(count: int, reading: CellReading) -> str:
    return f"{count:,} ({count / reading.n_cells:.0%})"


def _mean(value: float | None) -> str:
    return "no such cell" if value is None else f"{value:.2f}"
