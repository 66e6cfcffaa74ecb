"""What the numbers of an expression matrix are, and how they become log1p(CP10k)."""

from __future__ import annotations

from typing import Literal

import numpy as np
from scipy import sparse

from grn_core.errors import DataError

ValueKind = Literal["counts", "lognorm", "scaled"]
MAX_LOG = 20.0  # log2(CPM + 1), the widest of the usual log scales, ends just below
CP10K = 1e4


def kind_of_values(matrix: sparse.csr_matrix, *, where: str) -> tuple[ValueKind, str]:
    """Tell counts from log-normalised values, and refuse what is neither.

    Parameters
    ----------
    matrix
        Cells x genes.
    where
        The matrix's name in messages, e.g. ``"X"``.

    Returns
    -------
    kind
        ``counts`` for whole numbers, or for values beyond 20, which are abundances without logarithm; else
        ``lognorm``.
    note
        A sentence to state, or ``""``.

    Raises
    ------
    DataError
        If a value is missing, infinite or negative, or if all are zero.
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
    if data.min() < 0:
        message = f"{where} has negative values (lowest {data.min():.3g}), as scaled or centred data have"
        raise DataError(
            message, needed="expression that is not scaled", todo=f"{todo}; in .h5ad also in layers['counts']"
        )
    if np.array_equal(data, np.rint(data)):
        return "counts", ""
    if data.max() > MAX_LOG:
        return (
            "counts",
            f"{where} holds abundances that are not whole numbers and not logarithms: scaled as counts are.",
        )
    return "lognorm", ""


def log_cp10k(matrix: sparse.csr_matrix, *, kind: ValueKind) -> sparse.csr_matrix:
    """Return log1p(CP10k) of counts; values of any other kind are returned as they are.

    A cell without any count stays all zero.
    """
    if kind != "counts":
        return matrix
    totals = np.asarray(matrix.sum(axis=1, dtype=np.float64)).ravel()
    factor = np.divide(CP10K, totals, out=np.zeros_like(totals), where=totals > 0)
    result = matrix.copy()
    result.data = np.log1p(matrix.data * np.repeat(factor, np.diff(matrix.indptr))).astype(np.float32)
    return result


def sum_columns(matrix: sparse.csr_matrix, group: np.ndarray, *, logged: bool) -> sparse.csr_matrix:
    """Sum the columns of each group.

    Parameters
    ----------
    matrix
        (cells, columns), not negative.
    group
        (columns,) number of each column's group, 0 to n - 1; -1 leaves the column out.
    logged
        Whether the values are log1p: columns that share a group are then summed without the logarithm.

    Returns
    -------
    csr_matrix
        (cells, n), float32, column order = group number.
    """
    kept = np.flatnonzero(group >= 0)
    n_groups = int(group.max(initial=-1)) + 1
    ones = np.ones(len(kept), dtype=np.float32)
    indicator = sparse.csr_matrix((ones, (kept, group[kept])), shape=(matrix.shape[1], n_groups))
    shared = np.bincount(group[kept], minlength=n_groups) > 1
    if not (logged and shared.any()):
        return _tidy(matrix @ indicator)
    linear = matrix.copy()
    touched = np.isin(group, np.flatnonzero(shared))[linear.indices]
    linear.data[touched] = np.expm1(linear.data[touched])
    result = _tidy(linear @ indicator)
    touched = shared[result.indices]
    result.data[touched] = np.log1p(result.data[touched])
    return result


def _tidy(matrix: sparse.spmatrix) -> sparse.csr_matrix:
    result = sparse.csr_matrix(matrix, dtype=np.float32)
    result.eliminate_zeros()
    result.sort_indices()
    return result


def gene_moments(matrix: sparse.csr_matrix) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean, variance (n - 1) and number of cells with a value above 0 of each column, in float64."""
    n_cells, n_genes = matrix.shape
    data = matrix.data.astype(np.float64)
    mean = np.bincount(matrix.indices, weights=data, minlength=n_genes) / n_cells
    square = np.bincount(matrix.indices, weights=data * data, minlength=n_genes)
    variance = np.maximum(square - n_cells * mean**2, 0.0) / max(n_cells - 1, 1)
    detected = np.bincount(matrix.indices[data > 0], minlength=n_genes)
    return mean, variance, detected
