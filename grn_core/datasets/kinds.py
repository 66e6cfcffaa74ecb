"""What the numbers of an expression matrix may be: one record a kind."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from grn_core.datasets.reading import doubt
from grn_core.errors import DataError

CP10K, PER_MILLION = 1e4, 1e6


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


BROUGHT = "brought to log1p of counts per 10,000"
KINDS = (
    ValueKind("counts", "counts", "normalised (log1p of counts per 10,000) before use"),
    ValueKind("cp10k", "counts per 10,000, no logarithm", BROUGHT, total=CP10K),
    ValueKind("tpm", "TPM or counts per million, no logarithm", BROUGHT, total=PER_MILLION),
    ValueKind("abundance", "normalised or corrected counts, no logarithm", "scaled as counts are"),
    ValueKind("lognorm", "log1p of counts per 10,000", "used as they are", math.e, CP10K, as_given=True),
    ValueKind("log1p", "natural logarithm, cells of another total", BROUGHT, math.e),
    ValueKind("log2", "log2 of TPM or counts per million", BROUGHT, 2.0, PER_MILLION),
    ValueKind("log2-all", "log2, cells of another total", BROUGHT, 2.0),
    ValueKind("log10-all", "log10, cells of any total", BROUGHT, 10.0),
    ValueKind(
        "scaled",
        "scaled (some below zero)",
        "used as they are: means over cells are not comparable with those of other data",
        as_given=True,
    ),
)


def find_kind(name: str) -> ValueKind:
    """Return a kind by its name; `DataError` if there is none."""
    found = next((kind for kind in KINDS if kind.name == name), None)
    if found is None:
        message = f"there is no kind of values {name!r}"
        raise DataError(message, needed=f"one of {', '.join(kind.name for kind in KINDS)}", todo="correct it")
    return found


def undo_log(values: np.ndarray, base: float) -> np.ndarray:
    """``base ** values - 1`` in float64."""
    return np.expm1(values.astype(np.float64) * math.log(base))


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


def doubtful(kind: str, why: str, *, where: str, others: tuple[str, ...]) -> ToldValues:
    """Return the kind that is taken where a matrix does not tell, with what may be instead, to be asked.

    Parameters
    ----------
    kind
        Name of the kind that is taken.
    why
        Why it cannot be told, a clause.
    where
        The matrix's name in messages.
    others
        Names of the kinds that it may be.
    """
    sentence = doubt("values", f"what the values of {where} are", why=why, taken=find_kind(kind).title)
    return ToldValues(kind, doubt=sentence, why=why, others=tuple(name for name in others if name != kind))
