"""A toy table of edges that can be read at a glance."""

from __future__ import annotations

import pandas as pd

ROWS = [
    ("A", "x", 4.0, 0.9, 1),
    ("A", "y", 3.0, 0.8, -1),
    ("B", "x", 2.0, 0.7, 1),
    ("B", "A", 1.0, 0.6, -1),
    ("A", "z", 0.0, 0.5, 1),
    ("B", "z", -1.0, 0.4, 1),
    ("C", "y", -2.0, 0.3, -1),
]


def toy_edges() -> pd.DataFrame:
    table = pd.DataFrame(ROWS, columns=["source", "target", "score", "probability", "sign"])
    return table.assign(uncertainty=0.02, rank=range(1, len(ROWS) + 1))


def scored_edges(*, signed: bool = True) -> pd.DataFrame:
    """The same edges as a method without probabilities gives them."""
    table = toy_edges().drop(columns=["probability", "uncertainty"])
    table["score"] = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3]
    return table.assign(percentile=100 * (7 - table["rank"]) / 6, sign=table["sign"] if signed else 0)
