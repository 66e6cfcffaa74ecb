"""From the values of a file to log1p(CP10k) over canonical genes: the one conversion of the project."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from scipy import sparse

from grn_core.datasets.kinds import CP10K, find_kind, undo_log


def log_cp10k(matrix: sparse.csr_matrix, *, kind: str) -> sparse.csr_matrix:
    """Return log1p(CP10k) of values of any kind; those of a kind that is used as given are returned as they are.

    Parameters
    ----------
    matrix
        (cells, genes) with every gene of the file, as it gave them.
    kind
        Name of their kind, see `grn_core.datasets.kinds.KINDS`.

    Returns
    -------
    csr_matrix
        (cells, genes) float32; a cell without any count stays all zero.
    """
    record = find_kind(kind)
    if record.as_given:
        return matrix
    linear = matrix.astype(np.float64)
    if record.base is not None:
        linear.data = undo_log(matrix.data, record.base)
    if record.total is None:
        totals = np.asarray(linear.sum(axis=1)).ravel()
        factor = np.divide(CP10K, totals, out=np.zeros_like(totals), where=totals > 0)
    else:
        factor = np.full(matrix.shape[0], CP10K / record.total)
    result = matrix.copy()
    result.data = np.log1p(linear.data * np.repeat(factor, np.diff(matrix.indptr))).astype(np.float32)
    return result


def by_symbol(
    matrix: sparse.csr_matrix, symbols: Sequence[str | None], *, kind: str, wanted: Sequence[str] | None = None
) -> tuple[tuple[str, ...], sparse.csr_matrix]:
    """Return log1p(CP10k) over canonical genes; columns that share a symbol are summed, without the logarithm.

    Parameters
    ----------
    matrix
        (cells, columns) with every gene of the file, as it gave them.
    symbols
        Canonical symbol of each column, None where it has none.
    kind
        Name of the values' kind.
    wanted
        The genes to return, in this order; all that have a symbol, sorted, if None. Scaling to 10,000 counts a cell is
        by all columns in either case.

    Returns
    -------
    genes, csr_matrix
        Names, and (cells, genes) float32 (values as given where they are scaled).
    """
    genes = tuple(sorted(set(filter(None, symbols)))) if wanted is None else tuple(wanted)
    group = groups_of(symbols, genes)
    return genes, grouped(matrix, group, kind=kind, n_groups=len(genes))


def groups_of(symbols: Sequence[str | None], genes: Sequence[str]) -> np.ndarray:
    """Return the place of each column's symbol among `genes`, (columns,), -1 where it is none of them."""
    place = {symbol: number for number, symbol in enumerate(genes)}
    return np.array([place.get(symbol, -1) if symbol else -1 for symbol in symbols], dtype=np.int64)


def grouped(matrix: sparse.csr_matrix, group: np.ndarray, *, kind: str, n_groups: int) -> sparse.csr_matrix:
    """Return log1p(CP10k) summed over the columns of each group, see `by_symbol` and `sum_columns`."""
    summed = sum_columns(log_cp10k(matrix, kind=kind), group, logged=kind != "scaled")
    if summed.shape[1] < n_groups:
        summed.resize(summed.shape[0], n_groups)
    return summed


def sum_columns(
    matrix: sparse.csr_matrix, group: np.ndarray, *, logged: bool, base: float = math.e
) -> sparse.csr_matrix:
    """Sum the columns of each group.

    Parameters
    ----------
    matrix
        (cells, columns), not negative.
    group
        (columns,) number of each column's group, 0 to n - 1; -1 leaves the column out.
    logged
        Whether the values are logarithms of (x + 1): columns that share a group are then summed without the logarithm.
    base
        Of the logarithm.

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
    if not shared.any():
        return _renamed(matrix, group, n_groups)
    if not logged:
        return _tidy(matrix @ indicator)
    linear = matrix.copy()
    touched = np.isin(group, np.flatnonzero(shared))[linear.indices]
    linear.data[touched] = undo_log(linear.data[touched], base)
    result = _tidy(linear @ indicator)
    touched = shared[result.indices]
    result.data[touched] = np.log1p(result.data[touched]) / np.float32(math.log(base))
    return result


def _renamed(matrix: sparse.csr_matrix, group: np.ndarray, n_groups: int) -> sparse.csr_matrix:
    """Return the columns that have a group, each at the place of its own: no two share one."""
    place = group[matrix.indices]
    kept = place >= 0
    before = np.concatenate([[0], np.cumsum(kept)])
    parts = (matrix.data[kept], place[kept].astype(matrix.indices.dtype), before[matrix.indptr])
    result = sparse.csr_matrix(parts, shape=(matrix.shape[0], n_groups), dtype=np.float32)
    result.sum_duplicates()
    return _tidy(result)


def _tidy(matrix: sparse.spmatrix) -> sparse.csr_matrix:
    result = sparse.csr_matrix(matrix, dtype=np.float32)
    result.eliminate_zeros()
    result.sort_indices()
    return result


def moments_of(blocks: Iterable[sparse.csr_matrix], *, n_genes: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean, variance (n - 1) and number of cells with a value above 0 of each gene, in float64, shape (genes,) each.

    Parameters
    ----------
    blocks
        Rows (cells) of one matrix, in their order; shape (cells of the block, genes).
    n_genes
        Columns of each.
    """
    total, square = np.zeros(n_genes), np.zeros(n_genes)
    detected, n_cells = np.zeros(n_genes, dtype=np.int64), 0
    for block in blocks:
        data = block.data.astype(np.float64)
        total += np.bincount(block.indices, weights=data, minlength=n_genes)
        square += np.bincount(block.indices, weights=data * data, minlength=n_genes)
        detected += np.bincount(block.indices[data > 0], minlength=n_genes)
        n_cells += block.shape[0]
    mean = total / n_cells
    variance = np.maximum(square - n_cells * mean**2, 0.0) / max(n_cells - 1, 1)
    return mean, variance, detected
