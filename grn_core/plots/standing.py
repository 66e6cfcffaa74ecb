"""Figure of which edge stands in which group of cells."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from grn_core.networks import BETWEEN
from grn_core.plots.style import NUMBERS, finish, name, short_names

LONGEST = 22
"""Letters of a group's name below the figure; the whole name stands under the mouse."""


def standing_heatmap(matrix: pd.DataFrame, *, directed: bool = True) -> go.Figure:
    """Draw edges down and groups across, coloured by the rank of the edge where it stands.

    Parameters
    ----------
    matrix
        Ranks of edges (index ``source``, ``target``) in groups, NaN where an edge does not stand.
    directed
        Whether the edges have a direction.
    """
    values = matrix.to_numpy(dtype=float)
    most = max(float(np.nanmax(values)) if np.isfinite(values).any() else 1.0, 2.0)
    edges = [name(f"{source} {BETWEEN[directed]} {target}") for source, target in matrix.index]
    groups = [name(group) for group in matrix.columns]
    ticks = [1, *(tick for tick in (10, 100, 1000) if tick < most / 2), int(most)]
    cells = go.Heatmap(
        x=list(range(len(groups))),
        y=edges,
        z=-np.log10(values),
        zmin=-np.log10(most),
        zmax=0,
        colorscale=[[place / (len(NUMBERS) - 1), colour] for place, colour in enumerate(NUMBERS)],
        customdata=np.stack([np.tile(np.array(groups, dtype=object), (len(edges), 1)), values], axis=-1),
        hovertemplate="%{y} in %{customdata[0]}: rank %{customdata[1]:.0f}<extra></extra>",
        hoverongaps=False,
        colorbar={
            "thickness": 12,
            "outlinewidth": 0,
            "title": {"text": "Rank"},
            "tickvals": [-np.log10(tick) for tick in ticks],
            "ticktext": [f"{tick:,}" for tick in ticks],
        },
        xgap=1,
        ygap=1,
    )
    figure = finish(go.Figure(cells), height=max(260, 150 + 19 * len(matrix)))
    short = short_names(matrix.columns, letters=LONGEST)
    figure.update_xaxes(showgrid=False, autotickangles=[-40, -90], tickvals=list(range(len(groups))), ticktext=short)
    figure.update_yaxes(type="category", autorange="reversed", showgrid=False, tickmode="linear")
    return figure
