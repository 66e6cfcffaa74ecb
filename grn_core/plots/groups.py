"""One edge in the runs of several groups of cells."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from grn_core.plots.style import NEUTRAL, finish, name, sign_colour

ROW_HEIGHT = 26


def edge_by_group(table: pd.DataFrame, *, here: str) -> go.Figure:
    """Draw how high an edge ranks in the run of each group, a row a group.

    Parameters
    ----------
    table
        ``group``, ``percentile``, ``rank`` and ``sign``; see `grn_core.runs.other_groups.edge_in_runs`.
    here
        The group of the run that is looked at; its mark is filled.
    """
    figure = go.Figure()
    for group, percentile, rank, sign in table[["group", "percentile", "rank", "sign"]].to_numpy():
        colour = sign_colour(int(sign))
        figure.add_trace(
            go.Scatter(
                x=[0, percentile],
                y=[name(str(group))] * 2,
                mode="lines+markers",
                line={"color": NEUTRAL, "width": 1},
                marker={
                    "color": colour,
                    "size": [0, 11],
                    "opacity": 1,
                    "symbol": "circle" if group == here else "circle-open",
                    "line": {"color": colour, "width": 2},
                },
                showlegend=False,
                hovertemplate=f"{name(str(group))}: rank {int(rank):,}, %{{x:.2f}}<extra></extra>",
            )
        )
    finish(figure, height=80 + ROW_HEIGHT * max(len(table), 2))
    figure.update_xaxes(title_text="percentile of the edge in the run", range=[0, 104])
    order = [name(str(group)) for group in table["group"]]
    figure.update_yaxes(type="category", categoryorder="array", categoryarray=order[::-1], showgrid=False)
    return figure
