"""Figures about all edges of a network, as SVG with real text: how strength falls with rank, which TFs have most."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np

from grn_core.networks.edge_table import expected_precision
from grn_core.networks.selection import strength_column

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

INK, LINE = "#0f766e", "#c9d0d5"
WIDTH, HEIGHT, BAR = 7.2, 3.0, 0.24
"""Inches; `BAR` of one bar."""
MOST_POINTS = 400


def strength_by_rank(edges: pd.DataFrame) -> tuple[str, str]:
    """Draw how strong edges are down to each rank.

    Parameters
    ----------
    edges
        Of a whole run, best first, with ``rank``, ``score`` and, where there is one, ``probability``.

    Returns
    -------
    tuple of str
        The SVG, and what it shows in a sentence.
    """
    strength = strength_column(edges)
    likely = strength == "probability"
    values = expected_precision(edges) if likely else edges["score"].to_numpy(dtype=np.float64)
    places = np.unique(np.geomspace(1, max(len(values), 1), MOST_POINTS).astype(int))[: len(values)]
    what = "Expected share of true edges" if likely else "Score"

    where = "down to" if likely else "at"

    def draw(axes: Axes) -> None:
        axes.plot(places, values[places - 1], color=INK, linewidth=1.6)
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter("{x:,.0f}")  # by itself it writes powers as mathematics, which are off here
        axes.set_xlabel("Rank of the edge (logarithmic)")
        axes.set_ylabel(what)
        if likely:
            axes.set_ylim(bottom=0)

    return _svg(draw, height=HEIGHT), f"{what} {where} each rank, of {len(values):,} edges."


def busiest_tfs(edges: pd.DataFrame, *, n: int = 20) -> tuple[str, str]:
    """Draw how many of these edges start at each TF, for the `n` TFs with most; return the SVG and a sentence."""
    counted = edges["source"].value_counts()
    counted = counted.sort_index().sort_values(ascending=False, kind="stable").head(n)[::-1]

    def draw(axes: Axes) -> None:
        from matplotlib.ticker import MaxNLocator

        axes.barh(range(len(counted)), counted.to_numpy(), color=INK, height=0.7)
        axes.set_yticks(range(len(counted)), [str(name) for name in counted.index])
        for label in axes.get_yticklabels():
            label.set_parse_math(False)
        axes.set_xlabel("Edges shown")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))

    return _svg(
        draw, height=1.0 + BAR * max(len(counted), 2)
    ), f"TFs by how many of the {len(edges):,} edges are theirs."


def _svg(draw: Any, *, height: float) -> str:
    """Draw on axes of the common look; the same network, the same text."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    options: Any = {"svg.fonttype": "none", "svg.hashsalt": "grn", "text.parse_math": False, "font.size": 9}
    with mpl.rc_context({**options, "font.family": "DejaVu Sans"}):
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        axes = figure.add_subplot()
        draw(axes)
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(color=LINE, linewidth=0.5)
        axes.set_axisbelow(True)
        buffer = io.BytesIO()
        figure.savefig(buffer, format="svg", facecolor="white", metadata={"Date": None})
    return buffer.getvalue().decode("utf-8")
