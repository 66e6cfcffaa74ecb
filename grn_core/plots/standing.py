"""Figure of which edge stands in which group of cells."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from grn_core.networks import BETWEEN
from grn_core.plots.matrix import finish_matrix
from grn_core.plots.style import NUMBERS, name

ROOM_OF_RANKS = 86
"""Pixels for the scale of ranks."""


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
    whole = [f"{source} {BETWEEN[directed]} {target}" for source, target in matrix.index]
    groups = [name(group) for group in matrix.columns]
    ticks = [1, *(tick for tick in (10, 100, 1000) if tick < most / 2), int(most)]
    cells = go.Heatmap(
        x=list(range(len(groups))),
        y=[name(edge) for edge in whole],
        z=-np.log10(values),
        zmin=-np.log10(most),
        zmax=0,
        colorscale=[[place / (len(NUMBERS) - 1), colour] for place, colour in enumerate(NUMBERS)],
        customdata=np.stack([np.tile(np.array(groups, dtype=object), (len(whole), 1)), values], axis=-1),
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
    return finish_matrix(go.Figure(cells), rows=whole, columns=matrix.columns, beside=ROOM_OF_RANKS)
