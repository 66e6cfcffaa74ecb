"""Compare scored networks: on the pairs that all of them scored, what is common and what differs.

Every function works on one `grn_core.networks.matched.Matched`: row = one (source TF, target gene) pair, column = one
network. Scores of different methods have different scales, so that only their order is compared. What is in common is
counted over random orders of ties (`grn_core.networks.in_common`); lists of edges break them by name. Where no network
has a direction two TFs are one pair (`Matched.once`), but TF by TF, where each of the two has the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from grn_core.networks.edge_columns import percentile
from grn_core.networks.in_common import Places, in_common
from grn_core.networks.matched import Matched

COMMON = "both"
STEPS = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)
"""Lengths of the lists of best edges whose overlap is counted."""


def rank_correlation(matched: Matched) -> pd.DataFrame:
    """Return Spearman's correlation of the scores of every two networks; row and column = network.

    It is NaN where a network gives every pair the same score, as of a single pair.
    """
    matched = matched.once
    n = len(matched.names)
    with np.errstate(invalid="ignore", divide="ignore"):
        values = np.corrcoef(matched.rank, rowvar=False) if len(matched) > 1 else np.full((n, n), np.nan)
    return pd.DataFrame(values, index=list(matched.names), columns=list(matched.names))


def sign_agreement(matched: Matched) -> pd.DataFrame:
    """Return the share of pairs to which every two networks give the same sign; NaN where one has no signs."""
    matched = matched.once
    n = len(matched.names)
    values = np.full((n, n), np.nan)
    for i in range(n):
        for j in range(n):
            signed = (matched.sign[:, i] != 0) & (matched.sign[:, j] != 0)
            if signed.any():
                values[i, j] = float((matched.sign[signed, i] == matched.sign[signed, j]).mean())
    return pd.DataFrame(values, index=list(matched.names), columns=list(matched.names))


def overlap_at_k(matched: Matched, *, ks: Sequence[int] = STEPS) -> pd.DataFrame:
    """Count the edges that the best k of every two networks share.

    Returns
    -------
    pandas.DataFrame
        ``k``, ``a``, ``b`` (networks), ``shared`` (edges; no whole number where a list is cut within a tie, see
        `grn_core.networks.in_common`), ``share`` (shared / k), ``expected`` (the share that two random orders would
        give: k / pairs); only k that are not above the number of pairs.
    """
    matched = matched.once
    n, columns = len(matched), ["k", "a", "b", "shared", "share", "expected"]
    lengths = np.array(sorted({k for k in ks if 0 < k <= n}), dtype=np.int64)
    pairs = list(combinations(range(len(matched.names)), 2))
    shared = [in_common(matched.places[i], matched.places[j], lengths) for i, j in pairs]
    rows = [
        (k, matched.names[i], matched.names[j], own[place], own[place] / k, k / n)
        for place, k in enumerate(lengths.tolist())
        for (i, j), own in zip(pairs, shared, strict=True)
    ]
    return _counted(pd.DataFrame(rows, columns=columns), "shared")


def edge_sets(matched: Matched, *, a: str, b: str, k: int) -> pd.DataFrame:
    """List the best k edges of two networks, and say which are in both.

    Returns
    -------
    pandas.DataFrame
        ``source``, ``target``, ``found`` (`COMMON`, or the name of the only network that has it), ``rank_a``,
        ``rank_b`` (among the common pairs), ``score_a``, ``score_b``, ``probability_a``, ``probability_b``, ``sign_a``,
        ``sign_b``; common edges first, then by the better of the two ranks.
    """
    matched = matched.once
    one, other = matched.names.index(a), matched.names.index(b)
    best = {place: np.zeros(len(matched), dtype=bool) for place in (one, other)}
    for place, chosen in best.items():
        chosen[matched.order[:k, place]] = True
    rows = np.flatnonzero(best[one] | best[other])
    found = np.where(best[one][rows] & best[other][rows], COMMON, np.where(best[one][rows], a, b))
    table = pd.DataFrame({"source": matched.source[rows], "target": matched.target[rows], "found": found})
    for letter, place in (("a", one), ("b", other)):
        table[f"rank_{letter}"] = matched.rank[rows, place]
        table[f"score_{letter}"] = matched.score[rows, place]
        table[f"probability_{letter}"] = matched.probability[rows, place]
        table[f"sign_{letter}"] = matched.sign[rows, place]
    better = table[["rank_a", "rank_b"]].min(axis=1)
    group = table["found"].map({COMMON: 0, a: 1, b: 2})
    order = np.lexsort((matched.target_at[rows], matched.source_at[rows], better, group))
    return table.iloc[order].reset_index(drop=True)


def per_tf(matched: Matched, *, a: str, b: str, k: int = 10) -> pd.DataFrame:
    """Compare two networks TF by TF.

    Returns
    -------
    pandas.DataFrame
        ``source``, ``targets`` (common pairs of the TF), ``correlation`` (Spearman's, NaN below 3 targets), ``shared``
        (of its best `k` targets, or of as many as it has; as of `overlap_at_k`), ``of`` (that number), ``first_a``,
        ``first_b`` (its best target in each, of a tie the first by name); TFs that differ most first.
    """
    one, other = matched.names.index(a), matched.names.index(b)
    rows = []
    starts = np.flatnonzero(np.append(True, matched.source_at[1:] != matched.source_at[:-1]))
    for start, end in zip(starts, np.append(starts[1:], len(matched)), strict=True):
        own = [matched.score[start:end, place] for place in (one, other)]
        of = min(k, end - start)
        (shared,) = in_common(Places.of(own[0]), Places.of(own[1]), (of,))
        firsts = (matched.target[start + int(np.argmax(score))] for score in own)
        rows.append((matched.source[start], end - start, _spearman(*own), shared, of, *firsts))
    table = pd.DataFrame(rows, columns=["source", "targets", "correlation", "shared", "of", "first_a", "first_b"])
    table = _counted(table, "shared")
    return table.sort_values(["correlation", "source"], na_position="last").reset_index(drop=True)


def sample_pairs(matched: Matched, *, a: str, b: str, n: int = 4000, seed: int = 0) -> pd.DataFrame:
    """Draw pairs for a scatter of ranks: uniformly, so that the cloud is that of all pairs.

    Returns
    -------
    pandas.DataFrame
        ``source``, ``target``, ``score_a``, ``score_b``, ``percentile_a``, ``percentile_b`` (share of the other
        pairs that rank lower, in percent: 100 = best); every pair if there are no more than `n`.
    """
    matched = matched.once
    chosen = np.arange(len(matched))
    if len(chosen) > n:
        chosen = np.sort(np.random.default_rng(seed).choice(len(matched), n, replace=False))
    table = pd.DataFrame({"source": matched.source[chosen], "target": matched.target[chosen]})
    for letter, name in (("a", a), ("b", b)):
        place = matched.names.index(name)
        table[f"score_{letter}"] = matched.score[chosen, place]
        table[f"percentile_{letter}"] = percentile(matched.rank[chosen, place], n=len(matched))
    return table


def _counted(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return a table whose column of numbers is one of whole numbers, if they all are that."""
    numbers = table[column].to_numpy(dtype=np.float64)
    return table.assign(**{column: numbers.astype(np.int64) if np.array_equal(numbers, numbers.round()) else numbers})


def _spearman(one: np.ndarray, other: np.ndarray) -> float:
    if len(one) < 3:
        return float("nan")
    ranks = [pd.Series(values).rank().to_numpy() for values in (one, other)]
    deviations = np.std(ranks[0]) * np.std(ranks[1])
    return float(np.cov(ranks[0], ranks[1], ddof=0)[0, 1] / deviations) if deviations > 0 else float("nan")
