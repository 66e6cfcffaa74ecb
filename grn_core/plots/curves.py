"""The two curves of an edge over the level of the source."""

from __future__ import annotations

from textwrap import wrap

import numpy as np
import plotly.graph_objects as go

from grn_core.networks.evidence import EdgeReading
from grn_core.plots.style import NEUTRAL, finish, name, sign_colour

HEIGHT = 270
UNITS = "units of the model"
BAND = "rgba(125, 135, 144, 0.28)"
MOVES, LEVELS = "starts to move", "levels off"
"""Where the target leaves its lowest value, and where it reaches its highest."""
LINE = 30
"""Most characters of an axis title on a line: what fits under a figure of a third of the page."""


def response_curve(
    grid: np.ndarray,
    response: np.ndarray,
    *,
    source: str,
    target: str,
    sign: int,
    reading: EdgeReading | None = None,
    units: str = UNITS,
    band: tuple[np.ndarray, np.ndarray] | None = None,
) -> go.Figure:
    """Draw the response curve (VVP): how far `target` moves when `source` is set to each level.

    Parameters
    ----------
    grid, response
        Levels of the source and changes of the target, shape (M,), in `units`.
    source, target
        Names of the TF and its target.
    sign
        +1, -1 or 0: colour of activation, repression or no sign.
    reading
        When given, threshold and saturation are marked.
    units
        The model's value units, in words, as its card has them.
    band
        Lower and upper end of what is typical, each shape (M,), drawn behind the curve.
    """
    figure = _curve(grid, response, source=source, sign=sign, units=units, what=f"change of {name(target)}")
    if band is not None:
        _add_band(figure, np.asarray(grid, dtype=float), band)
    figure.update_yaxes(title_text=f"Change of {name(target)}<br>(same units)")
    for level, word in ((reading.threshold, MOVES), (reading.saturation, LEVELS)) if reading else ():
        if level is not None:
            figure.add_vline(x=level, line={"color": NEUTRAL, "width": 1, "dash": "dot"})
            figure.add_annotation(
                x=level, y=1, yref="paper", yanchor="bottom", text=word, showarrow=False, font={"color": NEUTRAL}
            )
    return figure


def gradient_trajectory(
    grid: np.ndarray,
    gradient: np.ndarray,
    *,
    source: str,
    target: str,
    sign: int,
    reading: EdgeReading | None = None,
    units: str = UNITS,
) -> go.Figure:
    """Draw the gradient trajectory (GDT): the slope of `target` with respect to `source` at each level.

    Parameters
    ----------
    grid, gradient
        Levels of the source and slopes, shape (T,); slopes are changes of the target per unit of the source.
    source, target, sign, units
        See `response_curve`.
    reading
        When given, the steepest point is marked, unless the response is flat.
    """
    figure = _curve(grid, gradient, source=source, sign=sign, units=units, what="slope")
    figure.update_yaxes(title_text=f"Slope: change of {name(target)}<br>per unit of {name(source)}")
    if reading is not None and reading.monotonicity is not None:  # a flat response is nowhere steep
        figure.add_annotation(
            x=reading.peak_level,
            y=reading.peak_slope,
            text="steepest",
            showarrow=False,
            yshift=14 if reading.peak_slope >= 0 else -14,
            font={"color": NEUTRAL},
        )
    return figure


def _add_band(figure: go.Figure, grid: np.ndarray, band: tuple[np.ndarray, np.ndarray]) -> None:
    low, high = band
    area = go.Scatter(
        x=[*grid, *grid[::-1]],
        y=[*high, *low[::-1]],
        mode="lines",
        line={"width": 0},
        fill="toself",
        fillcolor=BAND,
        hoverinfo="skip",
        showlegend=False,
    )
    figure.add_trace(area)
    figure.data = figure.data[::-1]  # behind the curve


def _curve(grid: np.ndarray, values: np.ndarray, *, source: str, sign: int, units: str, what: str) -> go.Figure:
    colour = sign_colour(sign)
    line = go.Scatter(
        x=np.asarray(grid, dtype=float),
        y=np.asarray(values, dtype=float),
        mode="lines+markers",
        line={"color": colour, "width": 3},
        marker={"color": colour, "size": 8},
        hovertemplate=f"{name(source)} at %{{x:.3g}}<br>{what} %{{y:.3g}}<extra></extra>",
        showlegend=False,
    )
    figure = finish(go.Figure(line), height=HEIGHT)
    figure.update_layout(margin_t=28)
    figure.add_hline(y=0, line={"color": NEUTRAL, "width": 1})
    lines = (name(line) for line in wrap(f"({units})", LINE))
    figure.update_xaxes(title_text="<br>".join([f"Level of {name(source)}", *lines]))
    return figure
