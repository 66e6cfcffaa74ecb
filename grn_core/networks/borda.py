"""Several networks put together to one, by their orders alone."""

from __future__ import annotations

import numpy as np
import pandas as pd

from grn_core.networks.compare import Matched


def borda(matched: Matched) -> pd.DataFrame:
    """Put networks together by Borda's count: every network gives each pair a point for each pair that it ranks below.

    Returns
    -------
    pandas.DataFrame
        Edges, best first: ``source``, ``target``, ``score`` (mean share of the possible points, 0 to 1), ``sign`` (that
        of the majority; the first network with a sign decides a draw; 0 where none has one), ``sign_agreement`` (share
        of the networks with a sign that have this one; 0 where none has), ``spread`` (standard deviation of the
        networks' shares of points), ``rank``, ``percentile``. There is no probability: points are none.
    """
    n = len(matched)
    points = (n - matched.rank) / max(n - 1, 1)
    votes = matched.sign.astype(int).sum(axis=1)
    first = np.zeros(n, dtype=int)
    for place in range(len(matched.names) - 1, -1, -1):
        own = matched.sign[:, place]
        first = np.where(own != 0, own, first)
    sign = np.where(votes != 0, np.sign(votes), first)
    signed = (matched.sign != 0).sum(axis=1)
    agreeing = ((matched.sign == sign[:, None]) & (matched.sign != 0)).sum(axis=1)
    table = pd.DataFrame(
        {
            "source": matched.source,
            "target": matched.target,
            "score": points.mean(axis=1),
            "sign": sign,
            "sign_agreement": agreeing / np.maximum(signed, 1),
            "spread": points.std(axis=1),
        }
    )
    table = table.sort_values(["score", "source", "target"], ascending=[False, True, True]).reset_index(drop=True)
    table["rank"] = np.arange(1, n + 1)
    table["percentile"] = 100 * (1 - (table["rank"] - 1) / n)
    return table
