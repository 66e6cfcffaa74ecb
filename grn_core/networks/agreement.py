"""How far ranked networks agree, pair by pair, in numbers that stand beside what chance would give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from grn_core.errors import RequestError
from grn_core.in_words import counted
from grn_core.networks.compare import overlap_at_k, rank_correlation, sign_agreement
from grn_core.networks.in_common import in_common
from grn_core.networks.matched import Matched, match_networks

PERSISTENCE = 0.99
"""Of rank-biased overlap: the best 100 edges have 86 % of the weight."""
DEEPEST = 3000
"""Edges down to which rank-biased overlap looks: all that lie below have 1e-13 of the weight."""
KS = (20, 100, 500)
"""Lengths of the lists of best edges whose overlap is told."""


def rank_biased_overlap(matched: Matched, *, persistence: float = PERSISTENCE) -> pd.DataFrame:
    """Return how far the best edges of every two networks agree, the first the most (Webber et al. 2010, extrapolated).

    Parameters
    ----------
    matched
        Compared networks; ties are in random orders, see `grn_core.networks.in_common`.
    persistence
        Between 0 and 1: how likely a reader who goes down the list looks at the next edge too.

    Returns
    -------
    pandas.DataFrame
        ``a``, ``b``, ``rbo`` (0: nothing in common, 1: the same order), ``by_chance`` (of two random orders).

    Raises
    ------
    RequestError
        The persistence is not between 0 and 1.
    """
    if not 0 < persistence < 1:
        message = f"the persistence is {persistence}"
        raise RequestError(message, needed="a number between 0 and 1", todo="0.99 looks at about a hundred edges")
    matched = matched.once
    n = len(matched)
    depth = np.arange(1, min(n, DEEPEST) + 1)
    weight = (1 - persistence) * persistence ** (depth - 1)
    rows = []
    for i, j in combinations(range(len(matched.names)), 2):
        shared = in_common(matched.places[i], matched.places[j], depth)
        rows.append((matched.names[i], matched.names[j], *(_weighed(share, weight, persistence) for share in
                     (shared / depth, depth / n))))  # fmt: skip
    return pd.DataFrame(rows, columns=["a", "b", "rbo", "by_chance"])


def agreement(matched: Matched, *, ks: Sequence[int] = KS) -> pd.DataFrame:
    """Say how far every two networks agree.

    Parameters
    ----------
    matched
        Compared networks.
    ks
        Lengths of the lists of best edges; those above the number of common pairs are passed over.

    Returns
    -------
    pandas.DataFrame
        One row for every two networks: ``a``, ``b``; ``pairs``, how many all networks scored (n of all that follows;
        two TFs once where no network has a direction, see `Matched.once`); ``spearman``; ``rbo`` and ``rbo_by_chance``;
        ``same_sign`` (NaN without signs); for each k ``shared_K`` and ``by_chance_K``, edges among the best k of both
        (no whole number where a list is cut within a tie), and how many two random orders would share; ``words``.

    Raises
    ------
    RequestError
        A length is below 1.
    """
    if min(ks, default=1) < 1:
        message = f"lists of the best {min(ks):,} edges were asked for"
        raise RequestError(message, needed="whole numbers from 1", todo="correct the lengths of the lists")
    matched = matched.once
    table = rank_biased_overlap(matched).rename(columns={"by_chance": "rbo_by_chance"})
    pairs = list(zip(table["a"], table["b"], strict=True))
    correlation, signs = rank_correlation(matched), sign_agreement(matched)
    table.insert(2, "pairs", len(matched))
    table.insert(3, "spearman", [correlation.loc[pair] for pair in pairs])
    table["same_sign"] = [signs.loc[pair] for pair in pairs]
    overlap = overlap_at_k(matched, ks=ks)
    words: list[list[str]] = [[] for _ in pairs]
    for k, own in overlap.groupby("k", sort=True):
        shared = own.set_index(["a", "b"])["shared"].loc[pairs].to_numpy()
        shared = shared.astype(np.int64) if np.array_equal(shared, shared.round()) else shared
        expected = float(own["expected"].iloc[0]) * int(str(k))
        table[f"shared_{k}"], table[f"by_chance_{k}"] = shared, expected
        for place, count in enumerate(shared):
            words[place].append(in_words(float(count), k=int(str(k)), by_chance=expected))
    none = f"all scored {counted(len(matched), 'pair')}: too few for a list of the best {min(ks, default=0):,}"
    return table.assign(words=["; ".join(one) or none for one in words])


def compare(networks: Mapping[str, pd.DataFrame], *, ks: Sequence[int] = KS) -> pd.DataFrame:
    """Compare networks on the pairs that all of them scored, see `agreement`.

    Parameters
    ----------
    networks
        Name -> edges, of `infer` or `read_network`; two or more.
    ks
        Lengths of the lists of best edges whose overlap is counted.

    Returns
    -------
    pandas.DataFrame
        One row for every two networks ``a`` and ``b``: ``pairs``, how many all networks scored (two TFs once where all
        networks come from symmetric methods, in both orders where one has a direction); ``spearman``, -1 to 1;
        ``rbo``, 0 (nothing in common) to 1 (the same order), beside ``rbo_by_chance``; ``same_sign``, the share of
        pairs with a sign in both that have the same, 0 to 1; for each k ``shared_K``, the edges among the best k of
        both, beside ``by_chance_K``; ``words``.

    Raises
    ------
    RequestError
        Fewer than two networks, or a length below 1.
    DataError
        They have no pair in common, or a table is none of edges.
    """
    return agreement(match_networks(networks), ks=ks)


def in_words(shared: float, *, k: int, by_chance: float) -> str:
    """Say how many of the best k edges are in common, beside what chance would give.

    A number that is not whole is a mean over orders of the ties that the list is cut within.
    """
    chance = f"{by_chance:z.0f}" if by_chance >= 10 else f"{by_chance:z.1f}" if by_chance >= 0.1 else "less than 0.1"
    found = f"{shared:z,.0f}" if shared == round(shared) else f"{shared:z,.1f}"
    ties = "" if shared == round(shared) else " (a mean: equal scores leave the order open)"
    return f"{found} of the best {k:,} in common{ties}; by chance {chance}"


def _weighed(share: np.ndarray, weight: np.ndarray, persistence: float) -> float:
    """Return the mean of the shares at every depth, and below the last that of the last."""
    return float(share @ weight + share[-1] * persistence ** len(share))
