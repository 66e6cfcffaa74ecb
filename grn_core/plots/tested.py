"""A translator on its test sets: a dot for it, one for the best simple control, a line for chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import plotly.graph_objects as go

from grn_core.plots.style import CATEGORIES, NEUTRAL, REFERENCE, finish, name

if TYPE_CHECKING:
    import pandas as pd

ROW, EDGE = 46, 110
"""Height of a test set, and of axis and legend, in pixels."""


def dots(scores: pd.DataFrame) -> go.Figure:
    """Draw what a translator and the best simple control reach on each test set, the largest lead above.

    Parameters
    ----------
    scores
        From `grn_core.benchmark.results.tested.every_test`, or `grn_core.translator.measured.measured`. Test sets on
        which a choice was made stand below the others, and a line parts them.
    """
    lead = (scores["score"] - scores["control"]).fillna(float("-inf"))
    table = scores.assign(lead=lead, chosen=scores.get("chosen", default=False))
    table = table.sort_values(
        ["chosen", "lead", "score"], ascending=[False, True, True], kind="stable", ignore_index=True
    )
    rows = [f"{name(row.dataset)}<br><b>{name(row.network)}</b>" for row in table.itertuples()]
    figure = go.Figure()
    figure.add_scatter(
        x=table["prevalence"],
        y=rows,
        mode="markers",
        name="chance",
        marker={"color": REFERENCE, "symbol": "line-ns", "size": 20, "line": {"color": REFERENCE, "width": 2}},
        hovertemplate="a random guess: %{x:.2f}<extra></extra>",
    )
    figure.add_scatter(
        x=table["control"],
        y=rows,
        mode="markers",
        name="best simple control",
        marker={"color": NEUTRAL, "symbol": "diamond", "size": 11},
        error_x={"array": table["control_sd"], "color": NEUTRAL, "thickness": 1.5, "width": 4},
        customdata=[name(control) for control in table["best_control"].fillna("")],
        hovertemplate="%{customdata}: %{x:.3f}<extra></extra>",
    )
    figure.add_scatter(
        x=table["score"],
        y=rows,
        mode="markers",
        name="this translator",
        marker={"color": CATEGORIES[0], "size": 13},
        error_x={"array": table["sd"], "color": CATEGORIES[0], "thickness": 1.5, "width": 4},
        hovertemplate="this translator: %{x:.3f}<extra></extra>",
    )
    finish(figure, height=EDGE + ROW * len(table))
    if 0 < (n_chosen := int(table["chosen"].sum())) < len(table):
        figure.add_hline(y=n_chosen - 0.5, line={"color": NEUTRAL, "width": 1, "dash": "dot"})
    figure.update_xaxes(title_text="AUPRC")
    figure.update_yaxes(type="category", tickmode="linear")
    return figure
