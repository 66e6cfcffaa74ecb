"""Which edges of a run are shown where nothing else is asked: on the page Network, in a report, by the command line."""

from __future__ import annotations

from grn_core.settings import settings

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
