"""Figures of the benchmark: heatmaps of scores, the transfer matrix, and the reliability of probabilities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from grn_core.plots.style import CATEGORIES, NEUTRAL, REFERENCE, finish, name, wrapped

INK = "#10191d"
"""Text on coloured cells: every colour of the scales is bright enough for it, in both themes."""

SCALE = ("#b9c3e6", "#8fc7d6", "#8fd0a2", "#f0cf6b")
"""From low to high; pale, so that dark figures can be read on it in both themes."""

CHANCE = "Random guess"
ROW_HEIGHT, AROUND, LETTER = 30, 60, 7
"""Pixels of a row, of what is around rows and heads, and of a letter of a head."""
WIDEST = 34
"""Letters in a line of a method's name."""
MANY = 9
"""More columns than this have upright labels and smaller figures."""

RAREST = 0.0005
"""Where a scale of tens begins that rare edges are drawn on."""


def _lead_scale(values: np.ndarray) -> dict[str, object]:
    reach = max(float(np.nanmax(np.abs(values))) if np.isfinite(values).any() else 0.0, 0.02)
    return {"colorscale": [[0, "#e8a05c"], [0.5, "#e3e7e8"], [1, "#6fb1e4"]], "zmin": -reach, "zmax": reach}


def _score_scale(values: np.ndarray) -> dict[str, object]:
    steps = np.linspace(0, 1, len(SCALE))
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
    return {"colorscale": list(zip(steps, SCALE, strict=True)), "zmin": low, "zmax": max(high, low + 1e-6)}


def score_heatmap(table: pd.DataFrame, *, metric: str = "AUPRC", lead: bool = False) -> go.Figure:
    """Draw one cut of the benchmark: row = method, column = test (data set within network), controls below a line.

    Parameters
    ----------
    table
        From `grn_core.benchmark.results.view.cut_table`, rows in the order in which methods are to appear.
    metric
        The metric in words.
    lead
        Colour and print the difference to the best control of the test in place of the score.
    """
    shown = table[table["kind"] != "control"] if lead else table
    place = _places(shown)
    methods = shown.drop_duplicates("method")
    rows = {method: number for number, method in enumerate(methods["method"])}
    labels = [
        wrapped(f"{method} (control)" if kind == "control" else method, letters=WIDEST)
        for method, kind in zip(methods["method"], methods["kind"], strict=True)
    ]
    guess = not lead and bool(shown["chance"].notna().any())
    shape = (len(rows) + guess, len(place))
    spots = [
        (rows[method], place[network, dataset])
        for method, network, dataset in zip(shown["method"], shown["network"], shown["dataset"], strict=True)
    ]
    values, hover = _filled(shown, spots, shape, lead=lead, metric=metric)
    if guess:
        labels.append(CHANCE)
        for (network, dataset), number in place.items():
            own = shown[(shown["network"] == network) & (shown["dataset"] == dataset)]["chance"].dropna()
            values[-1, number] = own.iloc[0] if len(own) else np.nan
            hover[-1, number] = f"Random guess on {name(dataset)}, {name(network)}"
    figure = go.Figure(_cells(list(place.values()), labels, values, hover, lead=lead))
    first = next((number for number, kind in enumerate(methods["kind"]) if kind == "control"), None)
    if first:
        figure.add_hline(y=first - 0.5, line={"color": NEUTRAL, "width": 2})
    _name_columns(figure, place, rows=shape[0])
    figure.update_yaxes(autorange="reversed", showgrid=False, tickmode="linear", type="category")
    return figure


def _places(table: pd.DataFrame) -> dict[tuple[str, str], int]:
    """Return the column of each test, (network, data set)."""
    tests = sorted(set(table[["network", "dataset"]].itertuples(index=False, name=None)))
    return {test: number for number, test in enumerate(tests)}


def _name_columns(figure: go.Figure, place: Mapping[tuple[str, str], int], *, rows: int) -> None:
    """Name the tests, (network, data set), upright above a heatmap, which gets room for that and for its rows."""
    heads = [f"<b>{name(network)}</b><br>{name(dataset)}" for network, dataset in place]
    longest = max((len(word) for test in place for word in test), default=0)
    finish(figure, height=AROUND + ROW_HEIGHT * rows + LETTER * longest)
    figure.update_xaxes(
        showgrid=False, side="top", tickmode="array", tickvals=list(place.values()), ticktext=heads, tickangle=-90
    )
    networks = [network for network, _ in place]
    for number in range(1, len(networks)):
        if networks[number] != networks[number - 1]:
            figure.add_vline(x=number - 0.5, line={"color": NEUTRAL, "width": 1})


def _cells(x: list[Any], y: list[str], values: np.ndarray, hover: np.ndarray, *, lead: bool) -> go.Heatmap:
    """Colour scores or leads; every cell bears its number."""
    digits = "+z.3f" if lead else "z.3f"
    return go.Heatmap(
        x=x,
        y=y,
        z=values,
        text=[["" if np.isnan(value) else f"{value:{digits}}".replace("-", "−") for value in row] for row in values],
        texttemplate="%{text}",
        textfont={"color": INK, "size": 13 if values.shape[1] <= MANY else 11},
        customdata=hover,
        hovertemplate="%{customdata}<extra></extra>",
        hoverongaps=False,
        xgap=2,
        ygap=2,
        showscale=False,
        **(_lead_scale(values) if lead else _score_scale(values)),
    )


def _filled(
    table: pd.DataFrame,
    spots: Sequence[tuple[int, int]],
    shape: tuple[int, int],
    *,
    lead: bool,
    metric: str,
    trained: bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    """Put each row of a table on its spot of a heatmap: score or lead, and what its hover box says."""
    values, hover = np.full(shape, np.nan), np.full(shape, "", dtype=object)
    for row, spot in zip(table.itertuples(), spots, strict=True):
        values[spot] = row.lead if lead else row.mean
        hover[spot] = _about(row, metric=metric, trained=f", trained on {name(row.train)}" if trained else "")
    return values, hover


def _about(row: Any, *, metric: str, trained: str) -> str:
    """What stands in the hover box of a cell."""
    spread = f" ± {row.sd:z.3f}" if row.sd == row.sd else ""
    lines = [f"<b>{name(row.method)}</b> on {name(row.dataset)}, {name(row.network)}{trained}"]
    lines.append(f"{name(metric)} {row.mean:z.3f}{spread}, {int(row.seeds)} seeds")
    if row.best_control == row.best_control and row.kind != "control":
        lines.append(
            f"best control: {name(row.best_control)} {row.control:z.3f} (lead {row.lead:+z.3f})".replace("-", "−")
        )
    if row.chance == row.chance:
        below = ", which is not reached" if row.mean < row.chance else ""
        lines.append(f"random guess {row.chance:z.3f}{below}")
    lines.append(
        f"{int(row.positives):,} edges, {int(row.sources):,} TFs, {int(row.targets):,} targets, "
        f"prevalence {row.prevalence:z.3g}"
    )
    return "<br>".join(lines)


def transfer_heatmap(table: pd.DataFrame, *, metric: str = "AUPRC", lead: bool = False) -> go.Figure:
    """Draw a transfer matrix: row = trained on, column = tested on, a random guess below a line.

    Parameters
    ----------
    table
        Rows of one method from `grn_core.benchmark.results.view.transfer_table`.
    metric
        The metric in words.
    lead
        Colour and print the difference to the best control of the cell in place of the score.
    """
    trains = {train: number for number, train in enumerate(sorted(table["train"].unique()))}
    place = _places(table)
    guess = not lead and bool(table["chance"].notna().any())
    shape = (len(trains) + guess, len(place))
    spots = [(trains[row.train], place[str(row.network), str(row.dataset)]) for row in table.itertuples()]
    values, hover = _filled(table, spots, shape, lead=lead, metric=metric, trained=True)
    labels = [wrapped(train, letters=WIDEST) for train in trains]
    if guess:
        labels.append(CHANCE)
        for (dataset, network), rows in table.groupby(["dataset", "network"])["chance"]:
            number = place[str(network), str(dataset)]
            values[-1, number] = rows.mean()
            span = f"{rows.min():z.3f}" if rows.max() - rows.min() < 5e-4 else f"{rows.min():z.3f} to {rows.max():z.3f}"
            hover[-1, number] = f"Random guess on {name(dataset)}, {name(network)}: {span}"
    figure = go.Figure(_cells(list(place.values()), labels, values, hover, lead=lead))
    if guess:
        figure.add_hline(y=len(trains) - 0.5, line={"color": NEUTRAL, "width": 2})
    _name_columns(figure, place, rows=shape[0])
    figure.update_yaxes(autorange="reversed", showgrid=False, type="category", title_text="Trained on")
    figure.update_xaxes(title_text="Tested on")
    return figure


def reliability(table: pd.DataFrame, *, by: str = "method", rare: bool = False) -> go.Figure:
    """Draw how often pairs of each predicted probability are edges; on the diagonal the probabilities are right.

    Parameters
    ----------
    table
        ``predicted``, ``observed``, ``pairs`` and `by`; one row a bin.
    by
        What a line stands for.
    rare
        Whether edges are rare: probabilities and shares are then drawn on scales of tens, and bins without an edge are
        left out.
    """
    figure = go.Figure()
    table = table[table["observed"] > 0] if rare else table
    most = float(table["pairs"].max()) if len(table) else 1.0
    digits = ".2%" if rare else ".2f"
    for number, (label, rows) in enumerate(table.groupby(by, sort=False)):
        colour = CATEGORIES[number % len(CATEGORIES)]
        figure.add_scatter(
            x=rows["predicted"],
            y=rows["observed"],
            mode="lines+markers",
            name=name(label),
            line={"color": colour, "width": 2},
            marker={"color": colour, "size": 6 + 12 * np.sqrt(rows["pairs"] / most)},
            customdata=rows["pairs"],
            hovertemplate=f"predicted %{{x:{digits}}}, edges %{{y:{digits}}}, %{{customdata:,}} pairs"
            "<extra>%{fullData.name}</extra>",
        )
    line = {"color": REFERENCE, "width": 2, "dash": "dash"}
    ends = [RAREST if rare else 0, 1]
    figure.add_scatter(x=ends, y=ends, mode="lines", name="perfectly calibrated", line=line, hoverinfo="skip")
    finish(figure, height=420)
    figure.update_xaxes(title_text="Predicted probability (mean of the bin)")
    figure.update_yaxes(title_text="Share of true edges")
    if rare:
        ticks = [0.001, 0.01, 0.1, 1]
        figure.update_xaxes(type="log", range=[np.log10(RAREST), 0], tickvals=ticks, tickformat=".1%")
        figure.update_yaxes(type="log", range=[np.log10(RAREST), 0.02], tickvals=ticks, tickformat=".1%")
    else:
        figure.update_xaxes(range=[0, 1])
        figure.update_yaxes(range=[0, 1.02])
    return figure
