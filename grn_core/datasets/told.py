"""What the values of a matrix are, told from the numbers, and where these do not tell from what the file calls them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from grn_core.datasets.kinds import CP10K, KINDS, PER_MILLION, ValueKind, find_kind, undo_log
from grn_core.datasets.large import pieces
from grn_core.datasets.reading import doubt
from grn_core.errors import DataError, ScaledValuesError

MAX_LOG = 20.0  # log2(TPM + 1), the widest of the usual log scales, ends just below
SAMPLE = 2000
ALIKE = 0.002  # rows add up to the same where they differ by no more than this share
FEWEST = 3
"""Cells, and values of a cell, below which nothing is told of them."""
BEYOND = 5.0
"""A natural logarithm whose cells add up to this many times 10,000 is no such scale. Measured on BEELINE's four partial
tables of log2(TPM + 1): read as natural logarithms, the median cell adds up to 56,000 to 4,200,000."""
SKEWED = 4.5
"""What is too large for log1p(CP10k) is no logarithm where one value in a hundred is this many times the median one.
Measured: 2.0 to 3.3 on BEELINE's tables of log2(TPM + 1), 10 to 165 on counts."""
MOST_COUNTS = 1e9
"""A base is tried where no value would be more than this without its logarithm."""
MOST_MULTIPLE, OFF, CLEARLY = 50.0, 0.05, 5.0
"""Values are whole multiples of one of their cell where those up to 50 times the smallest are off by less than 0.05 on
average, in the median cell (by 0.25 if they are not), and 5 times more in any other base."""
SMALL = 0.01
ALL_GENES = 8000
"""Genes from which on a matrix holds so many that its cells add up to most of their total."""
BASES = (math.e, 2.0, 10.0)
WHOLE = {None: "abundance", math.e: "log1p", 2.0: "log2-all", 10.0: "log10-all"}
KNOWN_TOTAL = {(None, CP10K): "cp10k", (None, PER_MILLION): "tpm", (math.e, CP10K): "lognorm",
               (2.0, PER_MILLION): "log2"}  # fmt: skip

BINARY = "{where} holds zeros and ones alone: genes seen or not, rather than counts of them."


@dataclass(frozen=True)
class ToldValues:
    """What the values of a matrix are.

    Attributes
    ----------
    kind
        Name of a kind, see `grn_core.datasets.kinds.KINDS`.
    note
        A sentence to state, or ``""``.
    doubt
        What could not be told for sure, in a sentence that stays on every result; ``""`` where nothing is in doubt.
    why, others
        Where something is: why, a clause; and the kinds that the values may be, too.
    """

    kind: str
    note: str = ""
    doubt: str = ""
    why: str = ""
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Hint:
    """What a file itself says of the values: `base` of the logarithm (None: none was taken), and where it says so."""

    base: float | None
    where: str


_NAMES = (
    (re.compile(r"log1p|log_?norm\w*|normlog|^data$|^ln", re.IGNORECASE), math.e),
    (re.compile(r"logcounts|log2|logcpm|logtpm", re.IGNORECASE), 2.0),
    (re.compile(r"log10", re.IGNORECASE), 10.0),
    (re.compile(r"(?<!log)(cpm|tpm|fpkm|rpkm|cp10k)|^(norm|soupx|decontx?)\w*counts|corrected", re.IGNORECASE), None),
)


def hint_of(name: str, uns: Mapping[str, Any]) -> Hint | None:
    """Return what the name of a matrix (``X``, ``layers/data``) and the note of scanpy's log1p say of its values."""
    if name == "X" and "log1p" in uns:
        said = uns["log1p"]
        base = said.get("base") if isinstance(said, Mapping) else None
        return Hint(math.e if base is None else float(base), "uns['log1p']")
    layer = name.removeprefix("layers/")
    return next((Hint(base, f"the name {name}") for form, base in _NAMES if layer != name and form.search(layer)), None)


def kind_of_values(
    matrix: sparse.csr_matrix, *, where: str, given: str | None = None, hint: Hint | None = None
) -> ToldValues:
    """Tell what the values are, and refuse what cannot be expression.

    Whole numbers are counts. For other values each base is tried, and none: over all genes cells add up to the same in
    the right one alone; and what was made of counts by a number for each cell are whole multiples of that number. Only
    where neither tells, the size of the numbers and what the file says decide, with a doubt.

    Parameters
    ----------
    matrix
        Cells x genes.
    where
        The matrix's name in messages, e.g. ``"X"``.
    given
        The user's word on it: a name out of `grn_core.datasets.kinds.KINDS`.
    hint
        What the file says of the values.

    Raises
    ------
    DataError
        If a value is missing, infinite or negative (but for ``scaled``, if the user says so), or if all are zero.
    """
    highest, whole = _check_numbers(matrix.data, where=where, scaled=given == "scaled")
    if given is not None:
        return ToldValues(_as_given(find_kind(given), highest, where=where))
    if whole:
        return ToldValues("counts", doubt=BINARY.format(where=where) if highest <= 1 else "")
    some = _sample(matrix)
    bases = [base for base in BASES if highest <= math.log(MOST_COUNTS, base)]
    return (
        _by_totals(some, (None, *bases), where=where)
        or _by_multiples(some, (None, *bases), where=where)
        or _by_size(some, where=where, hint=hint)
    )


def _check_numbers(data: np.ndarray, *, where: str, scaled: bool) -> tuple[float, bool]:
    """Refuse values that are no expression; return the highest, and whether all are whole numbers."""
    todo = "supply raw counts (whole numbers, 0 and up) or log-normalised values"
    n_missing = n_infinite = 0
    lowest = highest = 0.0
    whole = True
    for piece in pieces(data):
        n_missing, n_infinite = n_missing + int(np.isnan(piece).sum()), n_infinite + int(np.isinf(piece).sum())
        lowest, highest = min(lowest, float(piece.min(initial=0.0))), max(highest, float(piece.max(initial=0.0)))
        whole = whole and np.array_equal(piece, np.rint(piece))
    if n_missing:
        message = f"{where} has {n_missing:,} missing values (NaN)"
        raise DataError(message, needed="a number for every gene in every cell", todo=todo)
    if n_infinite:
        message = f"{where} has {n_infinite:,} infinite values"
        raise DataError(message, needed="finite numbers", todo=todo)
    if lowest == highest == 0:
        message = f"every value of {where} is zero"
        raise DataError(message, needed="measured expression", todo="check that the right table was exported")
    if lowest < 0 and not scaled:
        message = f"{where} has negative values (lowest {lowest:.3g}), as scaled or centred data have"
        todo = f"{todo}; in .h5ad also in layers['counts']; or say that the values are scaled (--values scaled)"
        raise ScaledValuesError(message, needed="expression that is not scaled", todo=todo)
    return highest, whole


def _as_given(kind: ValueKind, highest: float, *, where: str) -> str:
    """Refuse the user's word where the numbers contradict it."""
    if kind.base is not None and highest > (most := math.log(MOST_COUNTS, kind.base)):
        message = f"{where} has values up to {highest:.3g}, which are no logarithms to base {kind.base:.3g}"
        raise DataError(message, needed=f"values up to {most:.3g}", todo="say another kind of values, or none")
    return kind.name


def _sample(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    """Return up to `SAMPLE` cells that have a value, without stored zeros."""
    some = matrix[np.unique(np.linspace(0, matrix.shape[0] - 1, SAMPLE).astype(np.int64))]
    some.eliminate_zeros()
    return some[np.diff(some.indptr) > 0]


def _linear(matrix: sparse.csr_matrix, base: float | None) -> np.ndarray:
    return matrix.data.astype(np.float64) if base is None else undo_log(matrix.data, base)


def _totals(matrix: sparse.csr_matrix, base: float | None) -> np.ndarray:
    """(cells,) sums of the values without their logarithm."""
    return np.add.reduceat(_linear(matrix, base), matrix.indptr[:-1])


def _by_totals(some: sparse.csr_matrix, bases: tuple[float | None, ...], *, where: str) -> ToldValues | None:
    """Tell a scale by cells that add up to the same in it."""
    if some.shape[0] < FEWEST:
        return None
    for base in bases:
        total = _totals(some, base)
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


def _by_multiples(some: sparse.csr_matrix, bases: tuple[float | None, ...], *, where: str) -> ToldValues | None:
    """Tell a scale by values that are whole multiples of one value of their cell in it, as counts are of one."""
    ones = {base: _ones(some, base) for base in bases}
    base = min(ones, key=lambda one: ones[one][1])
    off = ones[base][1]
    if off > OFF or any(other < CLEARLY * off for name, (_, other) in ones.items() if name != base):
        return None
    one, totals = ones[base][0], _totals(some, base)
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
        return _doubtful(kind.name, f"{words}, or of counts per million", where=where, others=("log2",))
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


def _by_size(some: sparse.csr_matrix, *, where: str, hint: Hint | None) -> ToldValues:
    """Guess a scale by the size of the numbers, or take it from what the file says."""
    largest = float(some.data.max())
    if largest > MAX_LOG:
        return ToldValues(
            "abundance",
            f"{where} holds abundances that are not whole numbers and not logarithms: scaled as counts are.",
        )
    natural = float(np.median(_totals(some, math.e)))
    others = tuple(
        kind.name
        for kind in KINDS
        if kind.name not in ("counts", "scaled") and (kind.base is None or largest <= math.log(MOST_COUNTS, kind.base))
    )
    if hint is not None:
        kind = {None: "abundance", math.e: "lognorm" if natural <= BEYOND * CP10K else "log1p", 2.0: "log2"}.get(
            hint.base, "log10-all" if hint.base == 10.0 else "log1p"
        )
        return ToldValues(kind, f"{where} holds {find_kind(kind).title}, as {hint.where} says.")
    if natural <= BEYOND * CP10K:
        what = "no whole multiples of anything, as counts would be; imputed, corrected or rounded"
        return _doubtful("lognorm", what, where=where, others=others)
    middle, high = np.quantile(some.data, (0.5, 0.99))
    what = f"as natural logarithms a cell would add up to {natural:,.0f}"
    if high > SKEWED * middle:
        what = f"{what}, and a few values are many times the usual one, as without logarithm"
        return _doubtful("abundance", what, where=where, others=others)
    return _doubtful("log2", what, where=where, others=others)


def _doubtful(kind: str, why: str, *, where: str, others: tuple[str, ...]) -> ToldValues:
    sentence = doubt("values", f"what the values of {where} are", why=why, taken=find_kind(kind).title)
    return ToldValues(kind, doubt=sentence, why=why, others=tuple(name for name in others if name != kind))


def _base(base: float) -> str:
    return {math.e: "natural logarithm"}.get(base, f"base-{base:g} logarithm")
