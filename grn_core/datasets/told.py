"""What the values of a matrix are, told from the numbers, and where these do not tell from what the file calls them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from grn_core.datasets.kinds import CP10K, KINDS, ToldValues, ValueKind, doubtful, find_kind
from grn_core.datasets.large import pieces
from grn_core.datasets.scales import by_multiples, by_totals, sample_of, totals_of
from grn_core.errors import DataError, ScaledValuesError
from grn_core.in_words import counted

MAX_LOG = 20.0  # log2(TPM + 1), the widest of the usual log scales, ends just below
BEYOND = 5.0
"""A natural logarithm whose cells add up to this many times 10,000 is no such scale. Measured on BEELINE's four partial
tables of log2(TPM + 1): read as natural logarithms, the median cell adds up to 56,000 to 4,200,000."""
SKEWED = 4.5
"""What is too large for log1p(CP10k) is no logarithm where one value in a hundred is this many times the median one.
Measured: 2.0 to 3.3 on BEELINE's tables of log2(TPM + 1), 10 to 165 on counts."""
MOST_COUNTS = 1e9
"""A base is tried where no value would be more than this without its logarithm."""
BASES = (math.e, 2.0, 10.0)
BINARY = "{where} holds zeros and ones alone: genes seen or not, rather than counts of them."


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
    some = sample_of(matrix)
    bases = [base for base in BASES if highest <= math.log(MOST_COUNTS, base)]
    return (
        by_totals(some, (None, *bases), where=where)
        or by_multiples(some, (None, *bases), where=where)
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
        message = f"{where} has {counted(n_missing, 'missing value')} (NaN)"
        raise DataError(message, needed="a number for every gene in every cell", todo=todo)
    if n_infinite:
        message = f"{where} has {counted(n_infinite, 'infinite value')}"
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


def _by_size(some: sparse.csr_matrix, *, where: str, hint: Hint | None) -> ToldValues:
    """Guess a scale by the size of the numbers, or take it from what the file says."""
    largest = float(some.data.max())
    if largest > MAX_LOG:
        return ToldValues(
            "abundance",
            f"{where} holds abundances that are not whole numbers and not logarithms: scaled as counts are.",
        )
    natural = float(np.median(totals_of(some, math.e)))
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
        return doubtful("lognorm", what, where=where, others=others)
    middle, high = np.quantile(some.data, (0.5, 0.99))
    what = f"as natural logarithms a cell would add up to {natural:,.0f}"
    if high > SKEWED * middle:
        what = f"{what}, and a few values are many times the usual one, as without logarithm"
        return doubtful("abundance", what, where=where, others=others)
    return doubtful("log2", what, where=where, others=others)
