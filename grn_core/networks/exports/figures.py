"""Figures as pictures with real text: how strength falls with rank, which TFs have most, the curves of an edge."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from grn_core.networks.colours import SIGN_COLOURS
from grn_core.networks.edge_table import expected_precision
from grn_core.networks.selection import strength_column

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    from matplotlib.axes import Axes

INK, LINE = "#0f766e", "#c9d0d5"
WIDTH, HEIGHT, BAR = 7.2, 3.0, 0.24
"""Inches; `BAR` of one bar."""
MOST_POINTS = 400
DOTS_PER_INCH = 200
RESERVED = {"svg": {"Date": None}, "pdf": {"CreationDate": None, "ModDate": None}, "png": {}}
"""What would differ from day to day is not written: the same figure, the same bytes."""


@dataclass(frozen=True)
class Drawing:
    """A figure that can be written as a picture.

    Attributes
    ----------
    sentence
        What it shows.
    height
        Inches.
    parts
        Each draws on axes of its own, side by side.
    """

    sentence: str
    height: float
    parts: tuple[Callable[[Axes], None], ...]

    def write(self, kind: str = "svg") -> bytes:
        """Return the picture; `kind` is ``svg``, ``pdf`` or ``png``."""
        import matplotlib as mpl
        from matplotlib.figure import Figure

        options: Any = {"svg.fonttype": "none", "svg.hashsalt": "grn", "pdf.fonttype": 42, "text.parse_math": False}
        with mpl.rc_context({**options, "font.size": 9, "font.family": "DejaVu Sans"}):
            figure = Figure(figsize=(WIDTH, self.height), layout="constrained")
            for draw, axes in zip(self.parts, figure.subplots(1, len(self.parts), squeeze=False)[0], strict=True):
                draw(axes)
                axes.spines[["top", "right"]].set_visible(False)
                axes.grid(color=LINE, linewidth=0.5)
                axes.set_axisbelow(True)
            buffer = io.BytesIO()
            figure.savefig(buffer, format=kind, facecolor="white", dpi=DOTS_PER_INCH, metadata=RESERVED[kind])
        return buffer.getvalue()


def strength_by_rank(edges: pd.DataFrame) -> Drawing:
    """Draw how strong edges are down to each rank.

    Parameters
    ----------
    edges
        Of a whole run, best first, with ``rank``, ``score`` and, where there is one, ``probability``.
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
        axes.xaxis.set_major_formatter("{x:z,.0f}")  # by itself it writes powers as mathematics, which are off here
        axes.set_xlabel("Rank of the edge (logarithmic)")
        axes.set_ylabel(what)
        if likely:
            axes.set_ylim(bottom=0)

    return Drawing(f"{what} {where} each rank, of {len(values):,} edges.", HEIGHT, (draw,))


def busiest_tfs(edges: pd.DataFrame, *, n: int = 20) -> Drawing:
    """Draw how many of these edges start at each TF, for the `n` TFs with most."""
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

    said = f"TFs by how many of the {len(edges):,} edges are theirs."
    return Drawing(said, 1.0 + BAR * max(len(counted), 2), (draw,))


def edge_curves(
    levels: np.ndarray,
    response: np.ndarray,
    slope: np.ndarray,
    *,
    source: str,
    target: str,
    sign: int = 0,
    band: tuple[np.ndarray, np.ndarray] | None = None,
    units: str = "units of the model",
) -> Drawing:
    """Draw the response curve (VVP) of an edge and its slope (GDT), side by side.

    Parameters
    ----------
    levels, response, slope
        Levels of the TF, the change of the target there and its slope, shape (M,), in `units`.
    source, target
        Names of TF and target.
    sign
        +1, -1 or 0: the colour.
    band
        Lower and upper end of what is typical of the TF's responses, each shape (M,).
    units
        The model's value units, in words.
    """

    def curve(axes: Axes, values: np.ndarray, words: str) -> None:
        axes.axhline(0, color=LINE, linewidth=1)
        axes.plot(levels, values, color=SIGN_COLOURS[sign], marker="o", markersize=3.5, linewidth=1.6)
        axes.set_xlabel(f"Level of {source}\n({units})")
        axes.set_ylabel(words)

    def draw_response(axes: Axes) -> None:
        if band is not None:
            axes.fill_between(levels, *band, color=LINE, alpha=0.5, linewidth=0)
        curve(axes, response, f"Change of {target}")

    def draw_slope(axes: Axes) -> None:
        curve(axes, slope, f"Slope: change of {target} per unit")

    said = f"How far the model moves {target} when {source} is set to each level, and how steeply."
    return Drawing(said, HEIGHT, (draw_response, draw_slope))
