"""What the numbers of an expression matrix may be: one record a kind, and how a kind is told from the numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from grn_core.errors import DataError

MAX_LOG = 20.0  # log2(TPM + 1), the widest of the usual log scales, ends just below
CP10K, PER_MILLION = 1e4, 1e6
SAMPLE = 2000
ALIKE = 0.002  # rows add up to the same where they differ by no more than this share
BEYOND = 5.0
"""A natural logarithm whose cells add up to this many times 10,000 is no such scale. Measured on BEELINE's four partial
tables of log2(TPM + 1): read as natural logarithms, the median cell adds up to 56,000 to 4,200,000."""


SKEWED = 4.5
"""What is too large for log1p(CP10k) is no logarithm where one value in a hundred is this many times the median one.
Measured: 2.0 to 3.3 on BEELINE's tables of log2(TPM + 1), 10 to 165 on counts."""


@dataclass(frozen=True)
class ValueKind:
    """A kind of values.

    Attributes
    ----------
    name, title
        What `read(values=...)` and the command line call it, and what menus say.
    used
        What becomes of the values, in words.
    base
        Of the logarithm of (x + 1); None for values that are no logarithms.
    total
        What the values of a cell add up to over all its genes, once the logarithm is undone; None where that is taken
        from the cell itself, so the file must hold all genes.
    as_given
        Whether the values are used as they are.
    """

    name: str
    title: str
    used: str
    base: float | None = None
    total: float | None = None
    as_given: bool = False


KINDS = (
    ValueKind("counts", "counts", "normalised (log1p of counts per 10,000) before use"),
    ValueKind("lognorm", "log1p of counts per 10,000", "used as they are", math.e, CP10K, as_given=True),
    ValueKind("log1p", "natural logarithm, cells of another total", "brought to log1p of counts per 10,000", math.e),
    ValueKind("log2", "log2 of TPM or counts per million", "brought to log1p of counts per 10,000", 2.0, PER_MILLION),
    ValueKind("log2-all", "log2, cells of another total", "brought to log1p of counts per 10,000", 2.0),
    ValueKind("log10-all", "log10, cells of equal total", "brought to log1p of counts per 10,000", 10.0),
    ValueKind(
        "scaled",
        "scaled (some below zero)",
        "used as they are: means over cells are not comparable with those of other data",
        as_given=True,
    ),
)
_WHOLE = {math.e: "log1p", 2.0: "log2-all", 10.0: "log10-all"}
_KNOWN_TOTAL = {(math.e, CP10K): "lognorm", (2.0, PER_MILLION): "log2"}


def find_kind(name: str) -> ValueKind:
    """Return a kind by its name; `DataError` if there is none."""
    found = next((kind for kind in KINDS if kind.name == name), None)
    if found is None:
        message = f"there is no kind of values {name!r}"
        raise DataError(message, needed=f"one of {', '.join(kind.name for kind in KINDS)}", todo="correct it")
    return found


def kind_of_values(matrix: sparse.csr_matrix, *, where: str, given: str | None = None) -> tuple[str, str]:
    """Tell what the values are, and refuse what cannot be expression.

    Parameters
    ----------
    matrix
        Cells x genes.
    where
        The matrix's name in messages, e.g. ``"X"``.
    given
        The user's word on it: a name out of `KINDS`.

    Returns
    -------
    kind
        Name of a kind. Whole numbers, and values beyond 20, which are abundances without logarithm, are ``counts``.
        Logarithms are told by what the cells add up to once the logarithm is undone: over all genes that is the same
        for each cell in the right base and in no other. A table of some of the genes is taken for log1p(CP10k) unless
        its numbers rule that out; then for log2 of TPM.
    note
        A sentence to state, or ``""``.

    Raises
    ------
    DataError
        If a value is missing, infinite or negative (but for ``scaled``, if the user says so), or if all are zero.
    """
    data = matrix.data
    todo = "supply raw counts (whole numbers, 0 and up) or log-normalised values"
    if np.isnan(data).any():
        message = f"{where} has {int(np.isnan(data).sum()):,} missing values (NaN)"
        raise DataError(message, needed="a number for every gene in every cell", todo=todo)
    if np.isinf(data).any():
        message = f"{where} has {int(np.isinf(data).sum()):,} infinite values"
        raise DataError(message, needed="finite numbers", todo=todo)
    if not data.any():
        message = f"every value of {where} is zero"
        raise DataError(message, needed="measured expression", todo="check that the right table was exported")
    if given == "scaled":
        return given, ""
    if data.min() < 0:
        message = f"{where} has negative values (lowest {data.min():.3g}), as scaled or centred data have"
        raise DataError(
            message, needed="expression that is not scaled", todo=f"{todo}; in .h5ad also in layers['counts']"
        )
    if given is not None:
        return _as_given(find_kind(given), data, where=where), ""
    if np.array_equal(data, np.rint(data)):
        return "counts", ""
    if data.max() > MAX_LOG:
        return (
            "counts",
            f"{where} holds abundances that are not whole numbers and not logarithms: scaled as counts are.",
        )
    return _logarithm(matrix, where=where)


def _as_given(kind: ValueKind, data: np.ndarray, *, where: str) -> str:
    """Refuse the user's word where the numbers contradict it."""
    if kind.base is not None and data.max() > (most := math.log(1e9, kind.base)):
        message = f"{where} has values up to {data.max():.3g}, which are no logarithms to base {kind.base:.3g}"
        raise DataError(message, needed=f"values up to {most:.3g}", todo="say another kind of values, or none")
    return kind.name


def _logarithm(matrix: sparse.csr_matrix, *, where: str) -> tuple[str, str]:
    """Tell the base of a logarithm and what the cells add up to, from up to `SAMPLE` cells."""
    rows = np.unique(np.linspace(0, matrix.shape[0] - 1, SAMPLE).astype(np.int64))
    some = matrix[rows]
    some = some[np.diff(some.indptr) > 0]
    for base, whole in _WHOLE.items():
        total = _totals(some, base)
        middle = float(np.median(total))
        if np.ptp(np.quantile(total, (0.05, 0.95))) > ALIKE * middle or len(total) < 3:
            continue
        known = next((name for (b, t), name in _KNOWN_TOTAL.items() if b == base and abs(middle / t - 1) < 0.05), None)
        if known == "lognorm":
            return known, ""
        name = find_kind(known or whole)
        return (
            name.name,
            f"{where} holds {_base(base)}s of values that add up to {middle:,.0f} in each cell: {name.used}.",
        )
    plain = np.asarray(some.sum(axis=1, dtype=np.float64)).ravel()
    if len(plain) >= 3 and np.ptp(np.quantile(plain, (0.05, 0.95))) <= ALIKE * float(np.median(plain)):
        note = (
            f"{where} holds values that add up to {np.median(plain):,.0f} in each cell as they stand: normalised, but "
            "no logarithms. Scaled as counts are. If that is wrong, say what they are (values=)."
        )
        return "counts", note
    natural = float(np.median(_totals(some, math.e)))
    if natural <= BEYOND * CP10K:
        return "lognorm", ""
    middle, high = np.quantile(some.data[some.data > 0], (0.5, 0.99))
    if high > SKEWED * middle:
        note = (
            f"It is doubtful what {where} holds: not whole numbers, none above {MAX_LOG:g}, and as natural logarithms "
            f"a cell would add up to {natural:,.0f}; a few values are many times the usual one, as without logarithm. "
            "Taken as counts that were corrected or scaled. If that is wrong, say what they are (values=)."
        )
        return "counts", note
    note = (
        f"{where} holds logarithms of some of the genes, too large for log1p of counts per 10,000 (a cell would add up "
        f"to {natural:,.0f}): taken as log2(TPM + 1) and brought to log1p of counts per 10,000. "
        "If that is wrong, say what they are (values=)."
    )
    return "log2", note


def _base(base: float) -> str:
    return {math.e: "natural logarithm"}.get(base, f"base-{base:g} logarithm")


def _totals(matrix: sparse.csr_matrix, base: float) -> np.ndarray:
    """(cells,) sums of base ** x - 1."""
    linear = matrix.copy()
    linear.data = undo_log(matrix.data, base)
    return np.asarray(linear.sum(axis=1)).ravel()


def undo_log(values: np.ndarray, base: float) -> np.ndarray:
    """``base ** values - 1`` in float64."""
    return np.expm1(values.astype(np.float64) * math.log(base))
