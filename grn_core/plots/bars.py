"""Bar charts: a TF's best targets, and the scores of the benchmark."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from grn_core.plots.style import ACTIVATION, CATEGORIES, NEUTRAL, REFERENCE, REPRESSION, finish, name

HATCH = {"fillmode": "overlay", "fgcolor": "rgba(255, 255, 255, 0.75)", "size": 7}


def top_targets(edges: pd.DataFrame, *, source: str, n: int = 20) -> go.Figure:
    """Draw the `n` most probable targets of one TF, the best on top, with the spread over seeds as a whisker.

    Parameters
    ----------
    edges
        Edges of the TF: ``target``, ``probability``, ``spread`` and ``sign``.
    source
        Name of the TF.
    n
        Most bars that are drawn.
    """
    best = edges.sort_values(["probability", "target"], ascending=[False, True]).head(n)
    figure = go.Figure()
    for sign, word, colour, pattern in ((1, "activation", ACTIVATION, ""), (-1, "repression", REPRESSION, "/")):
        part = best[best["sign"] == sign]
        if part.empty:
            continue
        probability, spread = part["probability"].to_numpy(), part["spread"].to_numpy()
        figure.add_bar(
            x=probability,
            y=[name(gene) for gene in part["target"]],
            orientation="h",
            name=word,
            marker={"color": colour, "pattern": {**HATCH, "shape": pattern}},
            error_x={
                "array": np.minimum(spread, 1 - probability),
                "arrayminus": np.minimum(spread, probability),
                "color": NEUTRAL,
                "thickness": 2,
            },
            customdata=spread,
            hovertemplate="%{y}: %{x:.2f} ± %{customdata:.2f}<extra></extra>",
        )
    finish(figure, height=90 + 21 * max(len(best), 3))
    order = [name(gene) for gene in best["target"]]
    figure.update_yaxes(
        type="category", categoryorder="array", categoryarray=order[::-1], tickmode="linear", showgrid=False
    )
    figure.update_xaxes(range=[0, 1], title_text=f"Probability that {name(source)} regulates the gene")
    figure.update_layout(barmode="overlay", showlegend=True, bargap=0.3)
    return figure


def auprc_bars(table: pd.DataFrame, *, prevalence: float = 0.5, title: str | None = None) -> go.Figure:
    """Draw AUPRC per data set and method, controls hatched in grey, with the line of a random guess.

    Parameters
    ----------
    table
        Columns ``method``, ``dataset``, ``mean``, ``sd`` (NaN where there is one value only) and ``is_control``; one
        row per method and data set, in the order in which they are to appear.
    prevalence
        Share of true edges among the scored pairs, which is the AUPRC of a random guess.
    title
        Heading of the figure.
    """
    figure = go.Figure()
    methods = table.drop_duplicates("method")
    colours = iter(CATEGORIES * (1 + len(methods) // len(CATEGORIES)))
    hatches = iter(("/", "\\", "x", ".", "-", "|", "+") * (1 + len(methods) // 7))
    for method, is_control in zip(methods["method"], methods["is_control"], strict=True):
        rows = table[table["method"] == method]
        pattern = {**HATCH, "shape": next(hatches) if is_control else ""}
        figure.add_bar(
            x=[name(dataset) for dataset in rows["dataset"]],
            y=rows["mean"],
            name=name(f"{method} (control)" if is_control and "control" not in str(method).lower() else method),
            marker={"color": NEUTRAL if is_control else next(colours), "pattern": pattern},
            error_y={"array": rows["sd"].fillna(0), "color": NEUTRAL, "thickness": 2},
            customdata=rows["sd"].fillna(0),
            hovertemplate="%{x}: %{y:.3f} ± %{customdata:.3f}<extra>%{fullData.name}</extra>",
        )
    finish(figure, height=420, title=title)
    figure.add_hline(
        y=prevalence,
        line={"color": REFERENCE, "width": 2, "dash": "dash"},
        name=f"random guess ({prevalence:.2f})",
        showlegend=True,
    )
    highest = float((table["mean"] + table["sd"].fillna(0)).max()) if len(table) else 1.0
    figure.update_yaxes(title_text="AUPRC (mean, whisker: standard deviation)", range=[0, min(1.0, highest * 1.1)])
    figure.update_xaxes(type="category", title_text="Data set that the translator never saw")
    figure.update_layout(barmode="group", bargap=0.25, showlegend=True)
    return figure
