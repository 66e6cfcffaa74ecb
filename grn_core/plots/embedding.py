"""Cells on a plane."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from grn_core.plots.style import (
    ABOVE,
    CATEGORIES,
    LESS,
    MIDDLE_POINT,
    MORE,
    NEUTRAL,
    NUMBERS,
    ROOM_OF_SCALE,
    drawing,
    name,
)

if TYPE_CHECKING:
    import plotly.graph_objects as go

SYMBOLS = ("circle", "circle-open", "x", "triangle-up", "diamond-open", "square")
ALMOST_ALL = 0.99
"""Share of the cells within the ends of a scale of two colours, so that a few do not take all of it."""
MANY = 5000
"""More points than this are drawn by the graphics card."""


def embedding(
    points: np.ndarray,
    colour: pd.Series | None = None,
    *,
    title: str | None = None,
    axis: str = "UMAP",
    numbers: np.ndarray | None = None,
    usual: float | None = None,
) -> go.Figure:
    """Draw cells at their embedding, coloured by a column.

    Parameters
    ----------
    points
        Positions, shape (cells, 2).
    colour
        One value per cell. Numbers get a colour scale; anything else one colour and symbol per category. Cells
        without a value are grey.
    title
        Heading of the figure.
    axis
        Name of the embedding, for the axes.
    numbers
        (cells,) what a selection of points gives back of each (``customdata``), and then the mouse draws selections;
        None for a figure that is only looked at.
    usual
        A value from which numbers lie on either side, in the two colours of what is less and more; None for a scale
        from low to high.
    """
    points = np.asarray(points, dtype=float)
    if numbers is not None:
        points = np.column_stack([points, numbers])
    traces: list[dict[str, Any]] = []
    size = float(np.clip(120 / np.sqrt(max(len(points), 1)), 2.5, 7))
    if colour is None:
        _add(traces, points, label="cells", marker={"color": CATEGORIES[0], "size": size})
    else:
        missing = colour.isna().to_numpy()
        if missing.any():
            _add(traces, points[missing], label="no value", marker={"color": NEUTRAL, "size": size, "opacity": 0.4})
        if is_numeric_dtype(colour) and not is_bool_dtype(colour):
            _add_numeric(traces, points[~missing], colour[~missing], size=size, usual=usual)
        else:
            _add_categories(traces, points, colour, size=size)
    listed = colour is not None and not (len(traces) == 1 and "colorscale" in traces[0]["marker"])
    above = 12 if colour is None else ROOM_OF_SCALE
    bare = {"showticklabels": False, "showgrid": False, "constrain": "domain"}
    return drawing(
        traces,
        height=480 if len(traces) < 4 else 560,  # a long legend takes room of its own
        title=title,
        room=None if listed else {"l": 30, "b": 34, "t": above + (58 if title else 0)},
        xaxis={"title": {"text": f"{axis} 1"}, **bare},
        yaxis={"title": {"text": f"{axis} 2"}, **bare, "scaleanchor": "x"},
        dragmode=None if numbers is None else "lasso",
        modebar={} if numbers is None else {"remove": []},
        legend={"itemsizing": "constant"},
        showlegend=listed,
    )


def _add_numeric(
    traces: list[dict[str, Any]], points: np.ndarray, values: pd.Series, *, size: float, usual: float | None
) -> None:
    marker = {
        "color": values.to_numpy(dtype=float),
        "colorscale": list(NUMBERS),
        "size": size,
        "colorbar": {
            "title": {"text": name(values.name), "side": "top"},
            "thickness": 12,
            "outlinewidth": 0,
            **ABOVE,
        },
    }
    if usual is not None:
        most = max(float((values - usual).abs().quantile(ALMOST_ALL)), 1e-9) if len(values) else 1.0
        marker |= {"colorscale": [LESS, MIDDLE_POINT, MORE], "cmin": usual - most, "cmax": usual + most}
    _add(traces, points, label=str(values.name), marker=marker, text=[f"{value:z.4g}" for value in values])
    traces[-1]["showlegend"] = False


def _add_categories(traces: list[dict[str, Any]], points: np.ndarray, values: pd.Series, *, size: float) -> None:
    words = values.astype("string")
    for place, category in enumerate(sorted(words.dropna().unique(), key=_natural)):
        marker = {
            "color": CATEGORIES[place % len(CATEGORIES)],
            "symbol": SYMBOLS[place // len(CATEGORIES) % len(SYMBOLS)],
            "size": size,
        }
        inside = (words == category).fillna(value=False).to_numpy(dtype=bool)
        _add(traces, points[inside], label=category, marker=marker)


def _natural(category: str) -> list[tuple[int, int | str]]:
    """Sort key that puts "cluster 10" after "cluster 9"."""
    return [(0, int(part)) if part.isdecimal() else (1, part.lower()) for part in re.split(r"(\d+)", category)]


def _add(
    traces: list[dict[str, Any]],
    points: np.ndarray,
    *,
    label: str,
    marker: dict[str, Any],
    text: list[str] | None = None,
) -> None:
    shown = "%{text}" if text is not None else name(label).replace("%", "&#37;")
    traces.append(
        {
            "type": "scattergl" if len(points) > MANY else "scatter",
            "x": points[:, 0],
            "y": points[:, 1],
            "customdata": points[:, 2] if points.shape[1] > 2 else None,
            "mode": "markers",
            "name": name(label),
            "marker": marker,
            "text": text,
            "hovertemplate": f"{shown}<extra></extra>",
        }
    )
