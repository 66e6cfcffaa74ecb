"""Room for the words around a matrix of rows and groups of cells, so that a browser draws it once."""

from __future__ import annotations

from collections.abc import Iterable
from html import unescape
from math import ceil, cos, radians, sin
from typing import TYPE_CHECKING

from grn_core.plots.style import finish, short_names

if TYPE_CHECKING:
    import plotly.graph_objects as go

LONGEST = 22
"""Letters of a name."""
LETTER, LINE = 7.5, 18
"""Pixels of a wide letter of an axis, and of a line of it."""
NARROW = 230
"""Pixels that a matrix has across on a narrow screen."""
SLANTED, UPRIGHT = -40, -90
MOST_SLANTED = NARROW // 23
"""Columns whose names still stand beside each other when they are slanted."""


def finish_matrix(
    figure: go.Figure, *, rows: Iterable[object], columns: Iterable[object], above: int = 12, beside: int = 8
) -> go.Figure:
    """Give a matrix the common look, and its words the room that they need.

    Parameters
    ----------
    figure
        A single heatmap.
    rows, columns
        What stands beside its rows, and below its columns, slanted, or upright where there are many; of a longer name
        a part. The whole name stands under the mouse.
    above, beside
        Pixels above the matrix and on its right, for a scale of colours.
    """
    beside_rows, below = short_names(rows, letters=LONGEST), short_names(columns, letters=LONGEST)
    angle = SLANTED if len(below) <= MOST_SLANTED else UPRIGHT
    across, down = cos(radians(angle)), -sin(radians(angle))
    step, wide = NARROW / max(len(below), 1), [LETTER * len(unescape(word)) for word in below]
    past = [across * one - (n + 0.5) * step for n, one in enumerate(wide)]  # the left edge of the matrix
    left = max([LETTER * len(unescape(word)) + 14 for word in beside_rows] + past, default=14)
    room = {"l": ceil(left), "r": beside, "t": above, "b": ceil(down * max(wide, default=0) + LINE)}
    finish(figure, height=above + room["b"] + max(150, 19 * len(beside_rows)), room=room)
    (drawn,) = figure.data
    figure.update_xaxes(showgrid=False, tickangle=angle, tickvals=list(drawn.x), ticktext=below)
    figure.update_yaxes(type="category", autorange="reversed", showgrid=False)
    figure.update_yaxes(tickvals=list(drawn.y), ticktext=beside_rows)
    return figure
