"""In which logarithm, or none, cells add up to the same, or hold whole multiples of one count: the scale of values."""

from __future__ import annotations

import math

import numpy as np
from scipy import sparse

from grn_core.datasets.kinds import CP10K, PER_MILLION, ToldValues, doubtful, find_kind, undo_log
from grn_core.datasets.large import rows_of

SAMPLE = 2000
ALIKE = 0.002  # rows add up to the same where they differ by no more than this share
FEWEST = 3
"""Cells, and values of a cell, below which nothing is told of them."""
MOST_MULTIPLE, OFF, CLEARLY = 50.0, 0.05, 5.0
"""Values are whole multiples of one of their cell where those up to 50 times the smallest are off by less than 0.05 on
average, in the median cell (by 0.25 if they are not), and 5 times more in any other base."""
SMALL = 0.01
ALL_GENES = 8000
"""Genes from which on a matrix holds so many that its cells add up to most of their total."""
WHOLE = {None: "abundance", math.e: "log1p", 2.0: "log2-all", 10.0: "log10-all"}
KNOWN_TOTAL = {(None, CP10K): "cp10k", (None, PER_MILLION): "tpm", (math.e, CP10K): "lognorm",
               (2.0, PER_MILLION): "log2"}  # fmt: skip


def sample_of(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    """Return up to `SAMPLE` cells that have a value, without stored zeros."""
    some = rows_of(matrix, np.unique(np.linspace(0, matrix.shape[0] - 1, SAMPLE).astype(np.int64)))
    some.eliminate_zeros()
    return some[np.diff(some.indptr) > 0]


def _linear(matrix: sparse.csr_matrix, base: float | None) -> np.ndarray:
    return matrix.data.astype(np.float64) if base is None else undo_log(matrix.data, base)


def totals_of(matrix: sparse.csr_matrix, base: float | None) -> np.ndarray:
    """(cells,) sums of the values without their logarithm."""
    return np.add.reduceat(_linear(matrix, base), matrix.indptr[:-1])


def by_totals(some: sparse.csr_matrix, bases: tuple[float | None, ...], *, where: str) -> ToldValues | None:
    """Tell a scale by cells that add up to the same in it."""
    if some.shape[0] < FEWEST:
        return None
    for base in bases:
        total = totals_of(some, base)
        middle = float(np.median(total))
        if np.ptp(np.quantile(total, (0.05, 0.95))) > ALIKE * middle:
            continue
        known = next((name for (b, t), name in KNOWN_TOTAL.items() if b == base and abs(middle / t - 1) < 0.05), None)
        if known == "lognorm":
            return ToldValues(known)
        kind = find_kind(known or WHOLE[base])
        what = f"values that add up to {middle:,.0f} in each cell"
        if base is None:
            return ToldValues(kind.name, f"{where} holds {what} as they stand, no logarithms: {kind.used}.")
        return ToldValues(kind.name, f"{where} holds {_base(base)}s of {what}: {kind.used}.")
    return None


def by_multiples(some: sparse.csr_matrix, bases: tuple[float | None, ...], *, where: str) -> ToldValues | None:
    """Tell a scale by values that are whole multiples of one value of their cell in it, as counts are of one."""
    ones = {base: _ones(some, base) for base in bases}
    base = min(ones, key=lambda one: ones[one][1])
    off = ones[base][1]
    if off > OFF or any(other < CLEARLY * off for name, (_, other) in ones.items() if name != base):
        return None
    one, totals = ones[base][0], totals_of(some, base)
    if base is None and _is_rounding(one):
        return None
    most, middle = float(np.max(totals)), float(np.median(totals))
    bare = float(np.quantile(np.abs(one - 1), 0.9)) < ALIKE
    divided = bare or abs(float(np.mean(1 / one)) - 1) < ALIKE  # size factors are 1 on average
    few, usual = some.shape[1] < ALL_GENES, 0.2 < float(np.median(one)) < 5
    if base == math.e and not divided and most <= 1.01 * CP10K and (few or middle > CP10K / 2):
        return ToldValues("lognorm")
    if base == 2.0 and not divided and few and not usual and CP10K < most <= 1.01 * PER_MILLION:
        return ToldValues("log2", f"{where} holds base-2 logarithms of counts per million, of some of the genes.")
    kind = find_kind(WHOLE[base])
    what = "counts" if bare else "counts divided by a number for each cell"
    words = f"{what}, no logarithms" if base is None else f"{_base(base)}s of {what}"
    if base == 2.0 and not divided and few and CP10K < most <= 1.01 * PER_MILLION:
        return doubtful(kind.name, f"{words}, or of counts per million", where=where, others=("log2",))
    return ToldValues(kind.name, f"{where} holds {words}: {kind.used}.")


def _is_rounding(one: np.ndarray) -> bool:
    """Whether the one value that others are multiples of is where decimals were cut off: small, and alike in cells."""
    middle = float(np.median(one))
    return middle <= SMALL and float(np.mean(np.abs(one - middle) < ALIKE * middle)) > 0.5


def _ones(some: sparse.csr_matrix, base: float | None) -> tuple[np.ndarray, float]:
    """What one count is in each cell, (cells,), if it is the smallest value, its half or its third; and how far off.

    The second is of the median cell: what its values differ from whole multiples on average, 1 where too few can tell.
    """
    linear, n_cells = _linear(some, base), some.shape[0]
    cell = np.repeat(np.arange(n_cells), np.diff(some.indptr))
    smallest = np.minimum.reduceat(linear, some.indptr[:-1])
    one, best = smallest.copy(), np.full(n_cells, np.inf)
    for part in (1, 2, 3):
        multiple = part * linear / smallest[cell]
        tells = (multiple > 1.5) & (multiple < MOST_MULTIPLE)
        n_telling = np.bincount(cell[tells], minlength=n_cells)
        off = np.bincount(cell[tells], np.abs(multiple - np.rint(multiple))[tells], minlength=n_cells)
        off = np.where(n_telling >= FEWEST, off / np.maximum(n_telling, 1), np.inf)
        better = (off < best) & (best > OFF)
        one[better & (off < OFF)] = smallest[better & (off < OFF)] / part
        best[better] = off[better]
    able = best[np.isfinite(best)]
    return one, float(np.median(able)) if len(able) >= FEWEST else 1.0


def _base(base: float) -> str:
    return {math.e: "natural logarithm"}.get(base, f"base-{base:g} logarithm")
