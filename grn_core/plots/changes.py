"""Figures of what a model foretells when TFs are changed: the genes that move most, and beside a measurement."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from grn_core.plots.style import CATEGORIES, NEUTRAL, REFERENCE, finish, name

UP, DOWN = CATEGORIES[0], CATEGORIES[1]
PALE = "rgba(125, 135, 144, 0.3)"
"""`NEUTRAL`, let through: whiskers of the same colour stay visible on it."""

SURE = 2
UNSURE = "within twice its uncertainty"


def sure(table: pd.DataFrame) -> pd.Series:
    """Return which predicted changes count: those that are larger than twice their uncertainty."""
    return table["change"].abs() > SURE * table["uncertainty"]


def predicted_changes(table: pd.DataFrame, *, n: int = 10, whiskers: bool = True) -> go.Figure:
    """Draw the genes that rise and those that fall most, with whiskers of the uncertainty.

    Parameters
    ----------
    table
        ``gene``, ``change`` and ``uncertainty``, see `grn_core.experiments.predicting.predicted`.
    n
        Most bars on either side.
    whiskers
        Whether ``uncertainty`` is one; a change that is not `sure` is then pale and counts neither as a rise nor as a
        fall.
    """
    up = table[table["change"] > 0].nlargest(n, "change", keep="first")
    down = table[table["change"] < 0].nsmallest(n, "change", keep="first").iloc[::-1]
    shown = pd.concat([up, down])
    told = sure(shown) if whiskers else pd.Series(data=True, index=shown.index)
    figure = go.Figure()
    for part, word, colour, pattern in (
        (shown[told & (shown["change"] > 0)], "rises", UP, ""),
        (shown[told & (shown["change"] < 0)], "falls", DOWN, "/"),
        (shown[~told], UNSURE, PALE, ""),
    ):
        if part.empty:
            continue
        figure.add_bar(
            x=part["change"],
            y=[name(gene) for gene in part["gene"]],
            orientation="h",
            name=word,
            marker={"color": colour, "pattern": {"shape": pattern, "fillmode": "overlay", "size": 7}},
            hovertemplate="%{y}: %{x:.3g}<extra></extra>",
        )
        if whiskers:
            figure.data[-1].update(
                error_x={"array": part["uncertainty"], "color": NEUTRAL, "thickness": 2},
                customdata=part["uncertainty"],
                hovertemplate="%{y}: %{x:.3g} ± %{customdata:.2g}<extra></extra>",
            )
    order = [name(gene) for gene in shown["gene"]]
    finish(figure, height=110 + 21 * max(len(order), 3))
    figure.update_yaxes(
        type="category", categoryorder="array", categoryarray=order[::-1], tickmode="linear", showgrid=False
    )
    figure.update_xaxes(title_text="Predicted change", zeroline=True, zerolinecolor=NEUTRAL)
    figure.update_layout(barmode="overlay", bargap=0.3)
    return figure


def against_measured(table: pd.DataFrame) -> go.Figure:
    """Draw a point a gene: the measured log fold change against the predicted change.

    Parameters
    ----------
    table
        ``gene``, ``change``, ``measured`` and ``responded``, see `grn_core.experiments.beside.beside_measured`; genes
        without a number are not drawn.
    """
    known = table[np.isfinite(table["measured"])]
    figure = go.Figure()
    for responded, word, colour, symbol in (
        (False, "others", NEUTRAL, "circle-open"),
        (True, "responded", UP, "circle"),
    ):
        part = known[known["responded"] == responded]
        if part.empty:
            continue
        figure.add_scattergl(
            x=part["change"],
            y=part["measured"],
            mode="markers",
            name=word,
            marker={"color": colour, "size": 6, "symbol": symbol},
            customdata=[name(gene) for gene in part["gene"]],
            hovertemplate="%{customdata}: predicted %{x:.3g}, measured %{y:.3g}<extra></extra>",
        )
    for draw in (figure.add_hline, figure.add_vline):
        draw(0, line={"color": REFERENCE, "width": 1, "dash": "dash"})
    finish(figure, height=360)
    figure.update_xaxes(title_text="Predicted change")
    figure.update_yaxes(title_text="Measured log fold change")
    return figure
