"""The evidence behind one edge: its scores, its two curves, and what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import streamlit as st

from grn_core import plots
from grn_core.errors import GrnError
from grn_core.networks import SIGN_WORDS, EdgeReading, read_edge
from grn_core.plots.curves import UNITS
from pages.components.network.cell_evidence import FROM_A_FILE, cell_evidence
from pages.components.shared.messages import plain, show_error

if TYPE_CHECKING:
    from pages.components.runs.view import RunView


NO_SIGN = "Here the response is flat, or its rising and falling parts cancel, so that it has none."


def edge_evidence(run: RunView, edges: pd.DataFrame, edge: tuple[str, str]) -> None:
    """Show the evidence of `edge` (source, target), a row of the run's table `edges`."""
    source, target = edge
    rows = edges[(edges["source"] == source) & (edges["target"] == target)]
    if rows.empty:
        st.info(f"This run did not score the edge from {plain(source)} to {plain(target)}.")
        return
    row = rows.iloc[0]
    if run.score is not None and not run.asks_model:
        cell_evidence(run, row, score=run.score, n_edges=len(edges))
        return
    _scores(run, row, n_edges=len(edges))
    try:
        curves = _curves(run, source, target)
    except GrnError as error:
        show_error(error)
        return
    if curves is None and run.imported:
        st.info(FROM_A_FILE)
        return
    if curves is None:
        st.info(
            "The curves of this edge are not stored with the run. Infer the network again with VVP and GDT to see how "
            "the target responds to the TF, and how steeply."
        )
        return
    response, gradient = curves
    try:
        reading = read_edge(response, gradient, np.asarray(run.grid))
    except GrnError as error:
        show_error(error)
        return
    sign, levels = int(row["sign"]), np.asarray(run.grid)
    st.plotly_chart(
        plots.response_curve(
            levels, response, source=source, target=target, sign=sign, reading=reading, units=run.units or UNITS
        ),
        theme="streamlit",
        key=f"vvp_{source}_{target}",
        alt=f"Response curve of {target} over the level of {source}; range {reading.response_range:.3g}.",
    )
    st.caption(
        f"**Response curve (VVP).** {plain(source)} is set to each level in a cell in which every other gene is at "
        f"its background; the height is how far the model moves {plain(target)}."
    )
    st.plotly_chart(
        plots.gradient_trajectory(
            levels, gradient, source=source, target=target, sign=sign, reading=reading, units=run.units or UNITS
        ),
        theme="streamlit",
        key=f"gdt_{source}_{target}",
        alt=f"Slope of {target} over the level of {source}; steepest, {reading.peak_slope:.3g}, at "
        f"{reading.peak_level:.2g}.",
    )
    st.caption(
        "**Gradient trajectory (GDT).** The exact slope of that response at each level: above zero a little more of "
        f"{plain(source)} raises {plain(target)}, below zero it lowers it."
    )
    st.table(readings_table(reading), hide_index=True)


def _scores(run: RunView, row: pd.Series, *, n_edges: int) -> None:
    with st.container(horizontal=True, gap="medium"):  # which wraps where three do not stand side by side
        if run.score is None:
            strength = f"{row['probability']:.3f} ± {row['uncertainty']:.3f}"
            rare = "" if run.prior is None else f" Of all pairs, {run.prior:.1%} are edges of its reference."
            seeds = f"Calibrated probability and its standard deviation over the translator's seeds.{rare}"
            st.metric("Probability", strength, width="content", help=seeds)
        else:
            st.metric(
                "Score", f"{row['score']:.3g}", width="content", help=f"{plain(run.score['unit'])}. {plain(run.why)}"
            )
            lower = "Share of the run's edges that rank lower."
            st.metric("Percentile", f"{row['percentile']:.2f}", width="content", help=lower)
        if run.signed:
            sign = int(row["sign"])
            agrees = f"{row['sign_agreement']:.0%} of the levels have that sign." if "sign_agreement" in row else ""
            worth = f"{agrees if sign else NO_SIGN} {plain(run.about_signs)}".strip()
            st.metric("Effect", SIGN_WORDS[sign].capitalize(), width="content", help=worth)
        rank = f"{int(row['rank']):,}"
        st.metric("Rank", rank, width="content", help=f"Among the {n_edges:,} edges of this run; 1 is the best.")
    said = " ".join(filter(None, (run.why, run.about_signs)))
    if said:
        st.caption(plain(said))


def _curves(run: RunView, source: str, target: str) -> tuple[np.ndarray, np.ndarray] | None:
    response, gradient = run.features("vvp"), run.features("gdt")
    if response is None or gradient is None or not run.grid:
        return None
    place = run.sources.index(source), run.panel_genes.index(target)
    return response[place], gradient[place]


def readings_table(reading: EdgeReading) -> pd.DataFrame:
    """Return the readings of an edge as rows of name, value and meaning."""
    rows = [
        ("Threshold", _level(reading.threshold, "flat"), "level of the TF at which the target starts to move"),
        ("Saturation", _level(reading.saturation, "not seen"), "level from which it moves no further"),
        ("Monotonicity", _number(reading.monotonicity), "+1 only rises, −1 only falls, near 0 turns back"),
        (
            "Steepest slope",
            "flat"
            if reading.monotonicity is None
            else f"{_signed(reading.peak_slope, '.3g')} at {_signed(reading.peak_level)}",
            "change per unit, and where",
        ),
        ("Size of response", f"{reading.response_range:.3g}", "highest minus lowest point of the curve"),
        ("Curves agree", _share(reading.slope_agreement), "steps in which response and slope have the same sign"),
    ]
    return pd.DataFrame(rows, columns=["Reading", "Value", "Meaning"])


def _signed(value: float, digits: str = ".2f") -> str:
    return f"{value:+{digits}}".replace("-", "−")


def _level(value: float | None, otherwise: str) -> str:
    return otherwise if value is None else _signed(value)


def _number(value: float | None) -> str:
    return "flat" if value is None else _signed(value)


def _share(value: float | None) -> str:
    return "flat" if value is None else f"{value:.0%}"
