"""One edge in measured cells: target against source, group by group, and both genes on the map of the cells."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from grn_core.networks.cells import CellReading
from grn_core.plots.style import NEUTRAL, NUMBERS, finish, name, short_names, sign_colour

HEIGHT = 300
MAP_HEIGHT, GROUP_HEIGHT, ACROSS = 230, 150, 3
LONGEST = 13
"""Letters of the name of a group above its panel."""
UNSEEN = "rgba(125, 135, 144, 0.35)"
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


def cells_by_group(
    readings: Mapping[str, CellReading], *, source: str, target: str, sign: int, units: str = UNITS
) -> go.Figure:
    """Draw the mean of the target along the source in every group of cells, one small panel a group, all on one scale.

    Parameters
    ----------
    readings
        Group -> what its cells say, in the order of the panels.
    source, target, sign, units
        See `cell_scatter`.
    """
    rows = -(-len(readings) // ACROSS)
    figure = make_subplots(
        rows=rows,
        cols=ACROSS,
        shared_xaxes="all",
        shared_yaxes="all",
        subplot_titles=[
            f"{title}<br>({one.n_cells:,})"
            for title, one in zip(short_names(readings, letters=LONGEST), readings.values(), strict=True)
        ],
        horizontal_spacing=0.03,
        vertical_spacing=min(0.36 / rows, 0.17),
    )
    colour = sign_colour(sign)
    for place, (group, one) in enumerate(readings.items()):
        line = go.Scatter(
            x=one.level,
            y=one.mean,
            mode="lines+markers",
            line={"color": colour, "width": 2},
            marker={"color": colour, "size": 5},
            error_y={"array": one.error, "color": colour, "thickness": 1, "width": 2},
            showlegend=False,
            hovertemplate=f"{name(group)}<br>{name(source)} %{{x:.2f}}<br>{name(target)} %{{y:.2f}}<extra></extra>",
        )
        figure.add_trace(line, row=place // ACROSS + 1, col=place % ACROSS + 1)
    finish(figure, height=60 + GROUP_HEIGHT * rows)
    figure.update_annotations(font_size=11)
    figure.update_layout(margin_t=40, margin_b=44)
    figure.add_annotation(
        text=f"{name(source)} across, {name(target)} up ({name(units)})",
        xref="paper",
        yref="paper",
        x=0,
        y=0,
        yshift=-40,
        showarrow=False,
        font={"color": NEUTRAL, "size": 12},
    )
    return figure


def gene_maps(points: np.ndarray, values: np.ndarray, *, genes: tuple[str, str]) -> go.Figure:
    """Draw the map of the cells twice, coloured by the one gene and by the other.

    Parameters
    ----------
    points
        (cells, 2).
    values
        (2, cells), expression of `genes`; cells that express a gene most are drawn last.
    genes
        Names of the two.
    """
    figure = make_subplots(rows=1, cols=2, subplot_titles=[name(gene) for gene in genes], horizontal_spacing=0.04)
    scale = [[0, UNSEEN], [0.02, NUMBERS[0]], [0.5, NUMBERS[1]], [1, NUMBERS[3]]]
    for place, (gene, one) in enumerate(zip(genes, values, strict=True)):
        order = np.argsort(one, kind="stable")
        most = float(max(one.max(), 1e-6))
        dots = go.Scattergl(
            x=points[order, 0],
            y=points[order, 1],
            mode="markers",
            marker={"color": one[order], "colorscale": scale, "cmin": 0, "cmax": most, "size": 4},
            text=[f"{value:z.2f}" for value in one[order]],
            hovertemplate=f"{name(gene)} %{{text}}<extra></extra>",
            showlegend=False,
        )
        figure.add_trace(dots, row=1, col=place + 1)
    finish(figure, height=MAP_HEIGHT)
    figure.update_layout(margin_t=26)
    figure.update_annotations(font_size=13)
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    return figure
