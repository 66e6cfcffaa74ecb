"""Several networks put together to one, by their orders alone."""

from __future__ import annotations

import numpy as np
import pandas as pd

from grn_core.networks.edge_table import edge_table
from grn_core.networks.matched import Matched


def borda(matched: Matched, *, directed: bool = True) -> pd.DataFrame:
    """Put networks together by Borda's count: every network gives each pair a point for each pair that it ranks below.

    Parameters
    ----------
    matched
        The networks on their common pairs.
    directed
        Whether any of them tells source -> target from target -> source.

    Returns
    -------
    pandas.DataFrame
        See `grn_core.networks.edge_table`: ``score`` is the mean share of the possible points, 0 to 1; ``sign`` that of
        the majority of the networks that have one, 0 in a draw; ``sign_agreement`` the share of the networks with a
        sign that have this one; ``uncertainty`` the standard deviation of the networks' shares of points. There is no
        probability: points are none. The order of the networks changes nothing.
    """
    n = len(matched)
    points = np.sort((n - matched.rank) / max(n - 1, 1), axis=1)
    total = (n - matched.rank).sum(axis=1)  # halves, whose sum is exact in every order
    sign, agreement = majority(matched)
    return edge_table(
        matched.source_at,
        matched.target_at,
        total / (max(n - 1, 1) * len(matched.names)),
        genes=matched.genes,
        sign=sign,
        sign_agreement=agreement,
        uncertainty=points.std(axis=1),
        directed=directed,
    )


def majority(matched: Matched) -> tuple[np.ndarray, np.ndarray]:
    """Return the sign of most networks that have one for each pair, 0 in a draw, and the share of them that have it."""
    sign = np.sign(matched.sign.astype(int).sum(axis=1))
    signed = (matched.sign != 0).sum(axis=1)
    agreeing = ((matched.sign == sign[:, None]) & (matched.sign != 0)).sum(axis=1)
    return sign, agreeing / np.maximum(signed, 1)
