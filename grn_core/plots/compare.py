"""Figures that put several networks side by side: agreement, scores, and how each recovers a reference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from grn_core.networks import BETWEEN
from grn_core.plots.style import CATEGORIES, NEUTRAL, REFERENCE, finish, name

DASHES = ("solid", "dash", "dot", "dashdot")
LETTER = 9
"""Pixels of a letter on an axis."""
LEGEND_ROW = 19
"""Pixels that a line of the legend takes: on a narrow page each line has a row of its own."""
SYMBOLS = ("circle", "diamond", "square", "cross", "x", "triangle-up")


def colours_of(names: Sequence[str]) -> dict[str, str]:
    """Give every network a colour of its own, in order."""
    return {one: CATEGORIES[place % len(CATEGORIES)] for place, one in enumerate(names)}


def overlap_curves(table: pd.DataFrame) -> go.Figure:
    """Draw which share of their best k edges every two networks have in common, beside what chance would give.

    Parameters
    ----------
    table
        From `grn_core.networks.compare.overlap_at_k`.
    """
    figure = go.Figure()
    for place, ((a, b), rows) in enumerate(table.groupby(["a", "b"], sort=False)):
        figure.add_scatter(
            x=rows["k"],
            y=rows["share"],
            mode="lines+markers",
            name=name(f"{a} and {b}"),
            line={
                "color": CATEGORIES[place % len(CATEGORIES)],
                "width": 3,
                "dash": DASHES[place // len(CATEGORIES) % 4],
            },
            marker={"size": 8, "symbol": SYMBOLS[place % len(SYMBOLS)]},
            customdata=rows["shared"],
            hovertemplate="best %{x:,}: %{customdata:,.6~g} in common (%{y:.0%})<extra>%{fullData.name}</extra>",
        )
    chance = table.drop_duplicates("k")
    figure.add_scatter(
        x=chance["k"],
        y=chance["expected"],
        mode="lines",
        name="two random orders",
        line={"color": REFERENCE, "width": 2, "dash": "dash"},
        hovertemplate="best %{x:,}: %{y:.1%} by chance<extra></extra>",
    )
    finish(figure, height=380 + LEGEND_ROW * max(len(figure.data) - 4, 0))
    ks = chance["k"].tolist()
    figure.update_xaxes(title_text="Best k edges", type="log", tickvals=ks, ticktext=[f"{k:,}" for k in ks])
    figure.update_yaxes(title_text="Share in common", range=[0, 1.03], tickformat=".0%")
    return figure


def correlation_heatmap(matrix: pd.DataFrame, *, short: Mapping[str, str]) -> go.Figure:
    """Draw the rank correlation of every two networks.

    Parameters
    ----------
    matrix
        Row and column = network, -1 to 1.
    short
        Network -> the short name on the axes.
    """
    words = [name(short[one]) for one in matrix.index]
    values = matrix.to_numpy()
    cells = go.Heatmap(
        x=words,
        y=words,
        z=values,
        zmin=-1,
        zmax=1,
        colorscale=[[0, CATEGORIES[1]], [0.5, "#e8eaea"], [1, CATEGORIES[0]]],
        text=[["" if np.isnan(value) else f"{value:z.2f}" for value in row] for row in values],
        texttemplate="%{text}",
        textfont={"color": "#16242b", "size": 14},
        hovertemplate="%{y} and %{x}: %{z:.3f}<extra></extra>",
        colorbar={"thickness": 12, "outlinewidth": 0, "title": {"text": "Spearman"}},
        xgap=2,
        ygap=2,
    )
    room = {"l": 14 + LETTER * max(map(len, short.values()), default=0), "r": 86, "t": 12, "b": 34}
    figure = finish(go.Figure(cells), height=max(240, 120 + 46 * len(words)), room=room)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(showgrid=False)
    return figure


def score_scatter(
    sample: pd.DataFrame,
    *,
    a: str,
    b: str,
    ranks: bool = False,
    picked: tuple[str, str] | tuple[()] = (),
    directed: bool = True,
) -> go.Figure:
    """Draw one point a pair of genes: its score in one network against its score in the other.

    Parameters
    ----------
    sample
        From `grn_core.networks.compare.sample_pairs`.
    a, b
        Names of the networks on the horizontal and the vertical axis.
    ranks
        Draw percentiles (100 = best) in place of scores.
    picked
        (source, target) of a pair that is marked.
    directed
        Whether either network has a direction.
    """
    column = "percentile" if ranks else "score"
    x, y = sample[f"{column}_a"].to_numpy(), sample[f"{column}_b"].to_numpy()
    pairs = sample[["source", "target"]].to_numpy()
    between = BETWEEN[directed]
    labels = [f"{name(source)} {between} {name(target)}" for source, target in pairs]
    hover = "%{text}<br>%{x:.3g} and %{y:.3g}<extra></extra>"
    figure = go.Figure(
        go.Scattergl(
            x=x,
            y=y,
            mode="markers",
            marker={"color": CATEGORIES[0], "size": 5, "opacity": 0.45},
            text=labels,
            customdata=pairs,
            hovertemplate=hover,
            showlegend=False,
        )
    )
    if picked:
        own = (sample["source"] == picked[0]) & (sample["target"] == picked[1])
        figure.add_scatter(
            x=x[own],
            y=y[own],
            mode="markers+text",
            marker={"color": REFERENCE, "size": 13, "line": {"color": "#ffffff", "width": 1}},
            text=[f"{name(picked[0])} {between} {name(picked[1])}"] * int(own.sum()),
            textposition="top center",
            textfont={"color": REFERENCE},
            showlegend=False,
            hoverinfo="skip",
        )
    finish(figure, height=480)
    words = "percentile, 100 = best" if ranks else "score"
    figure.update_xaxes(title_text=f"{name(a)} ({words})")
    figure.update_yaxes(title_text=f"{name(b)} ({words})")
    return figure


def precision_recall(
    curves: pd.DataFrame,
    *,
    by: str = "network",
    prevalence: float | None = None,
    controls: Sequence[str] = (),
    bands: pd.DataFrame | None = None,
) -> go.Figure:
    """Draw precision over recall, one line for each value of the column `by`, controls thin and dashed.

    Parameters
    ----------
    curves
        Columns `by`, ``recall``, ``precision``.
    by
        What a line stands for.
    prevalence
        Precision of a random guess, drawn as a dashed line.
    controls
        Values of `by` that are controls.
    bands
        `by`, ``at`` (recall), ``precision_low``, ``precision_high``: drawn behind the lines.
    """
    figure = _lines(curves, by=by, x="recall", y="precision", controls=controls)
    _add_bands(figure, bands, by=by, y="precision")
    if prevalence is not None:
        line = {"color": NEUTRAL, "width": 2, "dash": "dash"}  # no colour that a network may have
        label = f"random guess ({_share(prevalence)})"
        figure.add_scatter(x=[0, 1], y=[prevalence] * 2, mode="lines", name=label, line=line, hoverinfo="skip")
    figure.update_xaxes(title_text="Recall: share of the true edges that are found", range=[0, 1.01])
    highest = max(float(curves["precision"].max()), prevalence or 0.0) if len(curves) else 1.0
    if bands is not None and len(bands):
        highest = max(highest, float(bands["precision_high"].max()))
    figure.update_yaxes(title_text="Precision: share of the found that are true", range=[0, min(1.03, 1.15 * highest)])
    return figure


def roc(curves: pd.DataFrame, *, by: str = "network", bands: pd.DataFrame | None = None) -> go.Figure:
    """Draw the true over the false positive rate; columns `by`, ``recall`` and ``false_positive_rate``.

    `bands` has `by`, ``at`` (false positive rate), ``recall_low``, ``recall_high``: drawn behind the lines.
    """
    figure = _lines(curves, by=by, x="false_positive_rate", y="recall", controls=())
    _add_bands(figure, bands, by=by, y="recall")
    line = {"color": NEUTRAL, "width": 2, "dash": "dash"}
    figure.add_scatter(x=[0, 1], y=[0, 1], mode="lines", name="random guess", line=line, hoverinfo="skip")
    figure.update_xaxes(title_text="Share of the other pairs that are called edges", range=[0, 1.01])
    figure.update_yaxes(title_text="Share of the true edges that are found", range=[0, 1.03])
    return figure


def _lines(curves: pd.DataFrame, *, by: str, x: str, y: str, controls: Sequence[str]) -> go.Figure:
    figure, colours = go.Figure(), iter(CATEGORIES * 8)
    dashes = iter(("dash", "dot", "dashdot", "longdash", "longdashdot") * 8)
    for label, rows in curves.groupby(by, sort=False):
        control = label in controls
        look = (
            {"color": NEUTRAL, "width": 1.5, "dash": next(dashes)} if control else {"color": next(colours), "width": 3}
        )
        figure.add_scatter(
            x=rows[x],
            y=rows[y],
            mode="lines",
            name=name(f"{label} (control)" if control else label),
            line=look,
            hovertemplate=f"{x.replace('_', ' ')} %{{x:.2f}}, {y} %{{y:.3f}}<extra>%{{fullData.name}}</extra>",
        )
    return finish(figure, height=420 if len(figure.data) < 5 else 500)  # a phone shows the legend one below the other


def _add_bands(figure: go.Figure, bands: pd.DataFrame | None, *, by: str, y: str) -> None:
    """Draw the interval of each line in its colour, behind all lines; hidden with its line."""
    if bands is None or bands.empty:
        return
    lines = {trace.name: trace for trace in figure.data}
    for label, rows in bands.dropna().groupby(by, sort=False):
        line = lines.get(name(label))
        if line is None:
            continue
        line.legendgroup = line.name
        area = go.Scatter(
            x=[*rows["at"], *rows["at"][::-1]],
            y=[*rows[f"{y}_high"], *rows[f"{y}_low"][::-1]],
            mode="lines",
            line={"width": 0},
            fill="toself",
            fillcolor=_faint(line.line.color),
            name=line.name,
            legendgroup=line.name,
            showlegend=False,
            hoverinfo="skip",
        )
        figure.add_trace(area)
    figure.data = figure.data[len(lines) :] + figure.data[: len(lines)]


def _faint(colour: str) -> str:
    """Return a colour of six hexadecimal digits, nearly transparent."""
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, 0.13)"


def _share(value: float) -> str:
    return f"{value:z.2f}" if value >= 0.1 else f"{value:z.2g}"
