"""The two curves of an edge over the level of the source."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np

from grn_core.plots.style import NEUTRAL, across, drawing, name, sign_colour, upright

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from grn_core.networks.evidence import EdgeReading

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
    what = f"change of {name(target)}"
    curve = _curve(grid, response, source=source, sign=sign, what=what)
    marks = ((reading.threshold, MOVES), (reading.saturation, LEVELS)) if reading else ()
    seen = [(level, word) for level, word in marks if level is not None]
    return _drawing(
        [*([] if band is None else [_band(np.asarray(grid, dtype=float), band)]), curve],
        source=source,
        units=units,
        y_title=f"Change of {name(target)}<br>(same units)",
        shapes=[upright(level, colour=NEUTRAL) for level, _ in seen],
        annotations=[
            {
                "x": level,
                "y": 1,
                "yref": "paper",
                "yanchor": "bottom",
                "text": word,
                "showarrow": False,
                "font": {"color": NEUTRAL},
            }
            for level, word in seen
        ],
    )


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
    steepest = []
    if reading is not None and reading.monotonicity is not None:  # a flat response is nowhere steep
        steepest.append(
            {
                "x": reading.peak_level,
                "y": reading.peak_slope,
                "text": "steepest",
                "showarrow": False,
                "yshift": 14 if reading.peak_slope >= 0 else -14,
                "font": {"color": NEUTRAL},
            }
        )
    return _drawing(
        [_curve(grid, gradient, source=source, sign=sign, what="slope")],
        source=source,
        units=units,
        y_title=f"Slope: change of {name(target)}<br>per unit of {name(source)}",
        shapes=[],
        annotations=steepest,
    )


def _drawing(
    traces: list[dict[str, Any]],
    *,
    source: str,
    units: str,
    y_title: str,
    shapes: list[dict[str, Any]],
    annotations: list[dict[str, Any]],
) -> go.Figure:
    """Return traces over the level of the source, with a line at zero and what is marked."""
    lines = (name(line) for line in wrap(f"({units})", LINE))
    return drawing(
        traces,
        height=HEIGHT,
        margin={"t": 28},
        shapes=[across(0, colour=NEUTRAL), *shapes],
        annotations=annotations,
        xaxis={"title": {"text": "<br>".join([f"Level of {name(source)}", *lines])}},
        yaxis={"title": {"text": y_title}},
    )


def _band(grid: np.ndarray, band: tuple[np.ndarray, np.ndarray]) -> dict[str, Any]:
    low, high = band
    return {
        "type": "scatter",
        "x": [*grid, *grid[::-1]],
        "y": [*high, *low[::-1]],
        "mode": "lines",
        "line": {"width": 0},
        "fill": "toself",
        "fillcolor": BAND,
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _curve(grid: np.ndarray, values: np.ndarray, *, source: str, sign: int, what: str) -> dict[str, Any]:
    colour = sign_colour(sign)
    return {
        "type": "scatter",
        "x": np.asarray(grid, dtype=float),
        "y": np.asarray(values, dtype=float),
        "mode": "lines+markers",
        "line": {"color": colour, "width": 3},
        "marker": {"color": colour, "size": 8},
        "hovertemplate": f"{name(source)} at %{{x:.3g}}<br>{what} %{{y:.3g}}<extra></extra>",
        "showlegend": False,
    }
