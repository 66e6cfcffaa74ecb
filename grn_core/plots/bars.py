"""Bar charts: a TF's best targets, and the scores of the benchmark."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from grn_core.networks.selection import sign_words
from grn_core.plots.style import ACTIVATION, NEUTRAL, NO_SIGN, REPRESSION, finish, name

LIKELY = "%{x:.3f}"
UNCERTAIN = f"{LIKELY} ± %{{customdata:.3f}}"
HATCH = {"fillmode": "overlay", "fgcolor": "rgba(255, 255, 255, 0.75)", "size": 7}


EFFECTS = ((1, ACTIVATION, ""), (-1, REPRESSION, "/"), (0, NO_SIGN, "."))


def top_targets(
    edges: pd.DataFrame, *, source: str, n: int = 20, unit: str = "score", directed: bool = True
) -> go.Figure:
    """Draw the `n` strongest targets of one TF, the best on top.

    Parameters
    ----------
    edges
        Edges of the TF: ``target``, ``sign`` and either ``probability``, whose ``uncertainty`` becomes a whisker where
        there is one, or only ``score``, from 0 up.
    source
        Name of the TF.
    n
        Most bars that are drawn.
    unit
        What a score is, in words; a probability needs none.
    directed
        Whether the edges have a direction, which decides what a sign says.
    """
    likely = "probability" in edges
    uncertain = likely and "uncertainty" in edges
    strength = "probability" if likely else "score"
    best = edges.sort_values([strength, "target"], ascending=[False, True]).head(n)
    figure = go.Figure()
    signed = bool((best["sign"] != 0).any())
    words = sign_words(directed=directed)
    for sign, colour, pattern in EFFECTS:
        part = best[best["sign"] == sign]
        if part.empty:
            continue
        figure.add_bar(
            x=part[strength],
            y=[name(gene) for gene in part["target"]],
            orientation="h",
            name=words[sign],
            marker={"color": colour, "pattern": {**HATCH, "shape": pattern if signed else ""}},
            error_x=_whiskers(part) if uncertain else None,
            customdata=part["uncertainty"] if uncertain else None,
            hovertemplate=f"%{{y}}: {UNCERTAIN if uncertain else LIKELY if likely else '%{x:.3g}'}<extra></extra>",
        )
    finish(figure, height=90 + 21 * max(len(best), 3))
    order = [name(gene) for gene in best["target"]]
    figure.update_yaxes(
        type="category", categoryorder="array", categoryarray=order[::-1], tickmode="linear", showgrid=False
    )
    if likely:
        most = float((best["probability"] + (best["uncertainty"] if uncertain else 0.0)).max()) if len(best) else 1.0
        figure.update_xaxes(
            range=[0, min(1.05 * most, 1.0)], title_text=f"Probability that {name(source)} regulates the gene"
        )
    else:
        figure.update_xaxes(rangemode="tozero", title_text=f"Score of {name(source)} and the gene<br>({name(unit)})")
    figure.update_layout(barmode="overlay", showlegend=signed, bargap=0.3)
    return figure


def _whiskers(part: pd.DataFrame) -> dict[str, Any]:
    probability, uncertainty = part["probability"].to_numpy(), part["uncertainty"].to_numpy()
    return {
        "array": np.minimum(uncertainty, 1 - probability),
        "arrayminus": np.minimum(uncertainty, probability),
        "color": NEUTRAL,
        "thickness": 2,
    }
