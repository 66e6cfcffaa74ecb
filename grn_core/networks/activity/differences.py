"""Which TFs differ in activity between two groups of cells, with adjusted p."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from grn_core.datasets.replicates import CELLS, LEAST_DONORS, PAIRS, replicates

STILL = 1e-12
"""Of the size of the means: donors, or differences between pairs, that vary by less vary by rounding alone."""
COLUMNS = ("tf", "mean_a", "mean_b", "difference", "statistic", "p", "p_adjusted")


def differences(
    tfs: Iterable[str],
    scores: Iterable[np.ndarray],
    *,
    a: np.ndarray,
    b: np.ndarray,
    donors: pd.Series | None = None,
) -> pd.DataFrame:
    """Compare the activity of each TF in group A with that in group B.

    Cells of one donor are no replicates of each other. Where donors are named, their means are compared, of those with
    10 cells or more in the group: the mean of a few says little, and would weigh as much. Two or more
    donors that are in both groups, before and after say, are compared each with itself (paired t-test), and donors of
    one group alone take no part; else, or where these are so many that they say more, with two donors in each group the
    donors of A with those of B (Welch's t-test), see `grn_core.datasets.replicates`.
    Without either, the cells are compared (Mann-Whitney's U test), and the p-values only rank.
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
        ``attrs["unit"]`` says what was compared, ``attrs["n"]`` how many of A and B, ``attrs["left_out"]`` how many
        donors take no part, ``attrs["in_both"]`` how many count in both groups, and ``attrs["unnamed"]`` how many cells
        name no donor (`grn_core.datasets.replicates`).
    """
    from scipy import stats

    found = replicates(a, b, donors)
    unit, codes = found.unit, found.codes
    cells = (a, b) if codes is None else (a & np.isin(codes, found.of_a), b & np.isin(codes, found.of_b))
    rows, n = [], (0, 0)
    for tf, own in zip(tfs, scores, strict=True):
        one, two = (_values(np.asarray(own, dtype=np.float64), group, codes) for group in cells)
        there = [np.isfinite(one), np.isfinite(two)]
        if unit == PAIRS:
            there = [there[0] & there[1]] * 2
        one, two = one[there[0]], two[there[1]]
        n = (max(n[0], len(one)), max(n[1], len(two)))
        rows.append((tf, *_tested(one, two, unit)))
    table = pd.DataFrame(rows, columns=list(COLUMNS[:-1]))
    p = table["p"].to_numpy()
    adjusted, there = np.full(len(p), np.nan), np.isfinite(p)
    if there.any():
        adjusted[there] = stats.false_discovery_control(p[there])
    table = table.assign(p_adjusted=adjusted, size=-table["difference"].abs())
    table = table.sort_values(["p", "size", "tf"], ignore_index=True)[list(COLUMNS)]
    table.attrs.update(unit=unit, n=list(n), left_out=found.left_out, in_both=found.in_both, unnamed=found.unnamed)
    return table


def _values(scores: np.ndarray, group: np.ndarray, codes: np.ndarray | None) -> np.ndarray:
    """Return what is compared of one group: the cells, or the mean of each donor, NaN of one without a cell in it."""
    if codes is None:
        cells: np.ndarray = scores[group]
        return cells
    there = group & np.isfinite(scores)
    n = int(codes.max(initial=-1)) + 1
    counts = np.bincount(codes[there], minlength=n)
    means = np.full(n, np.nan)
    np.divide(np.bincount(codes[there], weights=scores[there], minlength=n), counts, out=means, where=counts > 0)
    return means


def _tested(one: np.ndarray, two: np.ndarray, unit: str) -> tuple[float, ...]:
    from scipy import stats

    if min(len(one), len(two)) < LEAST_DONORS:
        return (np.nan,) * 5
    means = (float(one.mean()), float(two.mean()))
    difference = means[0] - means[1]
    least = 0.0 if unit == CELLS else STILL * max(map(abs, means))  # a rank tells the smallest difference
    varies = np.ptp(one - two) > least if unit == PAIRS else max(np.ptp(one), np.ptp(two)) > least
    if not varies:  # so nothing can be tested
        return (*means, difference, np.nan, np.nan)
    if unit == CELLS:
        found = stats.mannwhitneyu(one, two, method="asymptotic")
        return (*means, difference, float(found.statistic) / (len(one) * len(two)), float(found.pvalue))
    found = stats.ttest_rel(one, two) if unit == PAIRS else stats.ttest_ind(one, two, equal_var=False)
    return (*means, difference, float(found.statistic), float(found.pvalue))
