"""Which TFs differ in activity between two groups of cells, with adjusted p."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

LEAST_DONORS = 2
"""Donors of each group from which their means are compared; of fewer nothing can be said of donors."""
CELLS, DONORS = "cells", "donors"
COLUMNS = ("tf", "mean_a", "mean_b", "difference", "statistic", "p", "p_adjusted")


def unit_of(a: np.ndarray, b: np.ndarray, donors: pd.Series | None) -> str:
    """Return what is compared, ``donors`` or ``cells``: donors where they are named and both groups have two of them.

    Parameters
    ----------
    a, b
        (cells,) bool, the groups.
    donors
        Donor of each cell, or None.
    """
    if donors is None:
        return CELLS
    enough = all(donors[group].nunique() >= LEAST_DONORS for group in (a, b))
    return DONORS if enough else CELLS


def differences(
    tfs: Iterable[str],
    scores: Iterable[np.ndarray],
    *,
    a: np.ndarray,
    b: np.ndarray,
    donors: pd.Series | None = None,
) -> pd.DataFrame:
    """Compare the activity of each TF in group A with that in group B.

    Cells of one donor are no replicates of each other. Where donors are named and each group has two, the means of the
    donors are compared (Welch's t-test); else the cells are (Mann-Whitney's U test), and the p-values only rank.
    The p-values of all TFs are adjusted together (Benjamini-Hochberg).

    Parameters
    ----------
    tfs
        Names.
    scores
        The activity of each TF in every cell, (cells,), in the order of `tfs`; cells with NaN are passed over.
    a, b
        (cells,) bool, the groups.
    donors
        Donor of each cell, or None.

    Returns
    -------
    pandas.DataFrame
        ``tf``, ``mean_a``, ``mean_b`` (over donors where these are compared), ``difference`` (A minus B), ``statistic``
        (t, or the chance that a cell of A is above one of B), ``p``, ``p_adjusted``; the smallest p first, NaN last.
        ``attrs["unit"]`` says what was compared, ``attrs["n"]`` how many of A and B.
    """
    from scipy import stats

    unit = unit_of(a, b, donors)
    takes = [(None if donors is None or unit == CELLS else pd.factorize(donors[group])[0], group) for group in (a, b)]
    rows, n = [], (0, 0)
    for tf, own in zip(tfs, scores, strict=True):
        one, two = (_values(np.asarray(own, dtype=np.float64)[group], codes) for codes, group in takes)
        n = (max(n[0], len(one)), max(n[1], len(two)))
        rows.append((tf, *_tested(one, two, unit)))
    table = pd.DataFrame(rows, columns=list(COLUMNS[:-1]))
    p = table["p"].to_numpy()
    adjusted, there = np.full(len(p), np.nan), np.isfinite(p)
    if there.any():
        adjusted[there] = stats.false_discovery_control(p[there])
    table = table.assign(p_adjusted=adjusted, size=-table["difference"].abs())
    table = table.sort_values(["p", "size", "tf"], ignore_index=True)[list(COLUMNS)]
    table.attrs.update(unit=unit, n=list(n))
    return table


def _values(scores: np.ndarray, codes: np.ndarray | None) -> np.ndarray:
    """Return what is compared of one group: the cells, or the mean of each donor."""
    there = np.isfinite(scores) if codes is None else np.isfinite(scores) & (codes >= 0)
    if codes is None:
        cells: np.ndarray = scores[there]
        return cells
    kept = codes[there]
    counts = np.bincount(kept)
    sums = np.bincount(kept, weights=scores[there])
    means: np.ndarray = sums[counts > 0] / counts[counts > 0]
    return means


def _tested(one: np.ndarray, two: np.ndarray, unit: str) -> tuple[float, ...]:
    from scipy import stats

    if min(len(one), len(two)) < LEAST_DONORS:
        return (np.nan,) * 5
    means = (float(one.mean()), float(two.mean()))
    difference = means[0] - means[1]
    if max(np.ptp(one), np.ptp(two)) == 0:  # nothing varies, so nothing can be tested
        return (*means, difference, np.nan, np.nan)
    if unit == DONORS:
        found = stats.ttest_ind(one, two, equal_var=False)
        return (*means, difference, float(found.statistic), float(found.pvalue))
    found = stats.mannwhitneyu(one, two, method="asymptotic")
    return (*means, difference, float(found.statistic) / (len(one) * len(two)), float(found.pvalue))
