"""TF activity of groups of cells: its mean, and how specific it is."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from grn_core.datasets.replicates import NO_LABEL, labelled

PAIR = 2
"""Groups of which one difference says all."""


def by_group(tfs: Iterable[str], scores: Iterable[np.ndarray], groups: pd.Series) -> pd.DataFrame:
    """Return the mean activity of each TF in each group of cells, and its regulon specificity score (RSS).

    RSS is 1 minus the Jensen-Shannon distance (base 2) between how the TF's activity is spread over the cells and how
    the group is: 1 where it is active in all cells of the group alike and in no other, as in SCENIC (Suo et al. 2018).
    Activity below 0 counts as none there, because a share cannot be negative.

    Parameters
    ----------
    tfs
        Names.
    scores
        The activity of each TF in every cell, (cells,), in the order of `tfs`; NaN in cells without any.
    groups
        Group of each cell, told apart by its name in words, as cells are chosen; cells without one take part in no
        mean, and in no specificity.

    Returns
    -------
    pandas.DataFrame
        ``tf``, ``group``, ``cells`` (with an activity), ``mean``, ``rss`` (NaN where the TF is active in no cell); by
        TF in the order given, then by group in the order of its categories or its name.
    """
    labels, codes = labelled(groups)
    parts = [_of_tf(tf, np.asarray(own, dtype=np.float64), codes, labels) for tf, own in zip(tfs, scores, strict=True)]
    columns = ["tf", "group", "cells", "mean", "rss"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def beside_all_cells(table: pd.DataFrame, overview: pd.DataFrame) -> pd.DataFrame:
    """Return how far the mean of each TF in each group is from its mean in all cells, in its standard deviations there.

    Unlike deviations over the groups, of which two are always one above and one below, these are small where the groups
    hardly differ; and unlike the means they are comparable between TFs, of which those with many targets reach more.

    Parameters
    ----------
    table
        Of `by_group`.
    overview
        ``tf``, ``mean`` and ``sd`` over all cells, of `grn_core.networks.activity.kept.overview_of`.

    Returns
    -------
    pandas.DataFrame
        The table, and ``shift``: 0 of a TF that does not vary, NaN where a mean is not known.
    """
    of_all = overview.set_index("tf").reindex(table["tf"])
    away = table["mean"].to_numpy() - of_all["mean"].to_numpy()
    spread = of_all["sd"].to_numpy()
    return table.assign(shift=np.divide(away, spread, out=0.0 * away, where=spread > 0))


def shifted_tfs(table: pd.DataFrame, *, per_group: int, most: int) -> list[str]:
    """Return the TFs that are highest in some group, in the order of the groups; of two groups those farthest apart.

    Parameters
    ----------
    table
        Of `beside_all_cells`.
    per_group, most
        As of `specific_tfs`; of two groups `most` are taken, the largest difference first.
    """
    if table["group"].nunique() != PAIR:
        return _best_of_groups(table, "shift", per_group=per_group, most=most)
    apart = table.pivot(index="tf", columns="group", values="shift").diff(axis=1).iloc[:, -1].abs()
    ranked = apart.dropna().rename("apart").reset_index().sort_values(["apart", "tf"], ascending=[False, True])
    return ranked["tf"].head(most).tolist()


def specific_tfs(table: pd.DataFrame, *, per_group: int, most: int) -> list[str]:
    """Return the TFs that are most specific for some group, in the order of the groups.

    Parameters
    ----------
    table
        Of `by_group`.
    per_group
        Best TFs of each group.
    most
        In all; of many groups fewer of each are taken.
    """
    return _best_of_groups(table, "rss", per_group=per_group, most=most)


def _best_of_groups(table: pd.DataFrame, column: str, *, per_group: int, most: int) -> list[str]:
    known = table.dropna(subset=[column])
    order = list(dict.fromkeys(table["group"]))
    for n in range(min(per_group, most), 0, -1):
        best = known.sort_values([column, "tf"], ascending=[False, True]).groupby("group", sort=False).head(n)
        found = [tf for group in order for tf in best.loc[best["group"] == group, "tf"]]
        if len(set(found)) <= most or n == 1:
            return list(dict.fromkeys(found))[:most]
    return []


def _of_tf(tf: str, scores: np.ndarray, codes: np.ndarray, labels: list[str]) -> pd.DataFrame:
    there = np.isfinite(scores) & (codes != NO_LABEL)
    own, code, n = scores[there], codes[there], len(labels)
    counts = np.bincount(code, minlength=n)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.bincount(code, weights=own, minlength=n) / counts
    return pd.DataFrame({"tf": tf, "group": labels, "cells": counts, "mean": mean, "rss": _specificity(own, code, n)})


def _specificity(scores: np.ndarray, code: np.ndarray, n_groups: int) -> np.ndarray:
    """Return the RSS of each group, (groups,), from one look at the cells."""
    active = np.maximum(scores, 0.0)
    total, counts = active.sum(), np.bincount(code, minlength=n_groups)
    if total <= 0:
        return np.full(n_groups, np.nan)
    share = active / total
    inside = np.divide(1.0, counts, out=np.zeros(n_groups), where=counts > 0)[code]
    # Entropy of the middle between both spreads: within the group of both, outside of the TF's alone.
    outside = _x_log(share / 2)
    within = np.bincount(code, weights=_x_log((share + inside) / 2) - outside, minlength=n_groups)
    middle = -(outside.sum() + within)
    of_group = np.log2(np.maximum(counts, 1))
    divergence = np.clip(middle - (of_group - _x_log(share).sum()) / 2, 0.0, 1.0)
    found: np.ndarray = np.where(counts > 0, 1.0 - np.sqrt(divergence), np.nan)
    return found


def _x_log(values: np.ndarray) -> np.ndarray:
    found: np.ndarray = values * np.log2(values, out=np.zeros_like(values), where=values > 0)
    return found
