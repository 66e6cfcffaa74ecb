"""Which edges of a run are shown where nothing else is asked: on the page Network, in a report, by the command line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from grn_core.networks.edge_table import expected_precision
from grn_core.settings import settings

if TYPE_CHECKING:
    import pandas as pd

PER_TF = 15
"""Edges of each TF at most.

On the demo no TF then has more than a tenth of the drawn edges, in place of a fifth (of half of them with Pearson's
correlation), and the mean probability of what is drawn is 0.089 in place of 0.091.
"""
MOST = 150
"""Edges that can be read at the first view."""


def most_edges() -> int:
    """Return how many edges are shown, never more than a drawing takes."""
    return min(MOST, settings().max_graph_edges)


def per_tf(*, scored: bool) -> int | None:
    """Return how many edges of each TF are shown at most; None for all, where no edge comes before another."""
    return PER_TF if scored else None


def first_cut(edges: pd.DataFrame, levels: Iterable[float]) -> float | None:
    """Return the highest expected precision down to which the best edges of a run fill the first view.

    Parameters
    ----------
    edges
        Ranked edges with ``probability`` of a whole run, the best first.
    levels
        Expected precisions, see `grn_core.networks.edge_table.expected_precision`.

    Returns
    -------
    float
        One of the levels: it leaves all edges of the first view, and a higher one would not. None where none does.
    """
    of_tf = edges.groupby("source", observed=True).cumcount().to_numpy()
    drawn = np.flatnonzero(of_tf < PER_TF)[: most_edges()]
    if not len(drawn):
        return None
    reached = expected_precision(edges)[drawn[-1]]
    return max((level for level in levels if level <= reached), default=None)
