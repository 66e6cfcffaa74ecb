"""One edge in measured cells: target against source, one point a cell."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from grn_core.networks.cells import CellReading
from grn_core.plots.style import NEUTRAL, finish, name, sign_colour

HEIGHT = 360
UNITS = "expression"


def cell_scatter(
    source_values: np.ndarray,
    target_values: np.ndarray,
    reading: CellReading,
    *,
    source: str,
    target: str,
    sign: int,
    units: str = UNITS,
) -> go.Figure:
    """Draw the target against the source over the cells, with the mean of the target along the source.

    Parameters
    ----------
    source_values, target_values
        Expression, shape (cells,), in `units`.
    reading
        Of the same values; its means become the line, their standard errors the whiskers.
    source, target
        Names of the TF and its target.
    sign
        +1, -1 or 0: colour of the line: activation, repression or no sign.
    units
        What the values are, in words.
    """
    colour = sign_colour(sign)
    kind = go.Scattergl if len(source_values) > 1000 else go.Scatter
    points = kind(
        x=np.asarray(source_values, dtype=float),
        y=np.asarray(target_values, dtype=float),
        mode="markers",
        name="one cell",
        marker={"color": NEUTRAL, "size": 5, "opacity": 0.45},
        hovertemplate=f"{name(source)} %{{x:.2f}}<br>{name(target)} %{{y:.2f}}<extra></extra>",
    )
    line = go.Scatter(
        x=reading.level,
        y=reading.mean,
        mode="lines+markers",
        name=f"mean of {name(target)}",
        line={"color": colour, "width": 3},
        marker={"color": colour, "size": 8},
        error_y={"array": reading.error, "color": colour, "thickness": 2},
        hovertemplate=f"{name(source)} %{{x:.2f}}<br>mean of {name(target)} %{{y:.2f}}<extra></extra>",
    )
    figure = finish(go.Figure([points, line]), height=HEIGHT)
    figure.update_xaxes(title_text=f"{name(source)}<br>({name(units)})")
    figure.update_yaxes(title_text=f"{name(target)}<br>(same units)")
    return figure
