"""Matrices that are too large to hold: they lie in files of their own and go through in blocks of rows.

What is done to a matrix is done to a block of rows after the other, and one of few values is a single block. A matrix
of more than `LARGE` stored values lies in files that are mapped into memory, and the pages of a block are let go of
before the next, so that memory does not grow with the number of cells.
"""

from __future__ import annotations

import mmap
import tempfile
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Any, Self

import numpy as np
from scipy import sparse

LARGE = 50_000_000
"""Stored values: 400 MB as float32 with their columns."""
BLOCK = 4_000_000
"""Stored values of a block of rows; up to twice as many are one block."""
ROWS_AT_ONCE = 200
"""Rows of a large matrix, wherever they lie, taken before pages are let go of: the system reads around each."""


def is_large(matrix: sparse.csr_matrix) -> bool:
    """Whether a matrix lies in files."""
    return len(matrix.data) > LARGE


def pieces(values: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the values of an array one part after the other; the whole where it is short."""
    if len(values) <= 2 * BLOCK:
        yield values
        return
    for start in range(0, len(values), BLOCK):
        yield values[start : start + BLOCK]
        let_go(values)


def blocks(matrix: sparse.csr_matrix, cells: np.ndarray | None = None) -> Iterator[sparse.csr_matrix]:
    """Yield the rows of a matrix in their order, as matrices of a block each; the whole where it is small.

    Parameters
    ----------
    matrix
        (cells, columns).
    cells
        (cells,) bool: the rows to take; None takes all.
    """
    if len(matrix.data) <= min(LARGE, 2 * BLOCK):
        yield matrix if cells is None else matrix[cells]
        return
    start, ends = 0, np.searchsorted(matrix.indptr, np.arange(BLOCK, len(matrix.data) + BLOCK, BLOCK), side="right")
    for end in np.unique(np.maximum(ends - 1, 1)).tolist():
        stop = min(max(end, start + 1), matrix.shape[0])
        if stop > start:
            block = _rows(matrix, start, stop)
            yield block if cells is None else block[cells[start:stop]]
            let_go(matrix.data)
            let_go(matrix.indices)
        start = stop
    if start < matrix.shape[0]:
        block = _rows(matrix, start, matrix.shape[0])
        yield block if cells is None else block[cells[start:]]


def rows_of(matrix: sparse.csr_matrix, rows: np.ndarray) -> sparse.csr_matrix:
    """Return some rows of a matrix, in memory; of a large one a few at a time, and the pages around them are let go of.

    Parameters
    ----------
    matrix
        (cells, columns).
    rows
        Numbers of the rows, or (cells,) bool.
    """
    if not is_large(matrix):
        return matrix[rows]
    numbers = np.flatnonzero(rows) if rows.dtype == bool else rows
    parts = []
    for start in range(0, len(numbers), ROWS_AT_ONCE):
        few = numbers[start : start + ROWS_AT_ONCE].tolist()
        parts.append(sparse.vstack([_rows(matrix, row, row + 1) for row in few], format="csr"))
        let_go(matrix.data)
        let_go(matrix.indices)
    if not parts:
        return csr(matrix.data[:0], matrix.indices[:0], np.zeros(1, dtype=np.int32), shape=(0, matrix.shape[1]))
    return sparse.vstack(parts, format="csr")


def _rows(matrix: sparse.csr_matrix, start: int, stop: int) -> sparse.csr_matrix:
    first, last = int(matrix.indptr[start]), int(matrix.indptr[stop])
    return csr(
        np.array(matrix.data[first:last]),
        np.array(matrix.indices[first:last]),
        (matrix.indptr[start : stop + 1] - first).astype(np.int32),
        shape=(stop - start, matrix.shape[1]),
    )


def csr(data: np.ndarray, indices: np.ndarray, indptr: np.ndarray, *, shape: tuple[int, int]) -> sparse.csr_matrix:
    """Return a matrix around its parts, of which scipy's constructor would look through all, or make copies."""
    matrix = sparse.csr_matrix(shape, dtype=data.dtype)
    matrix.data, matrix.indices, matrix.indptr = data, indices, indptr
    return matrix


def by_rows(matrix: sparse.csr_matrix, change: Callable[[sparse.csr_matrix], sparse.csr_matrix]) -> sparse.csr_matrix:
    """Change a matrix whose rows do not depend on each other; what a large one becomes lies in files again."""
    if not is_large(matrix):
        return change(matrix)
    return in_files(map(change, blocks(matrix)))


def in_files(parts: Iterable[sparse.csr_matrix]) -> sparse.csr_matrix:
    """Put blocks of rows below each other, in files that are gone when nothing uses the matrix any more."""
    lengths, n_rows, n_columns = [np.zeros(1, dtype=np.int64)], 0, 0
    with Growing(np.float32) as data, Growing(np.int32) as indices:
        for part in parts:
            data.add(part.data)
            indices.add(part.indices)
            lengths.append(np.diff(part.indptr).astype(np.int64))
            n_rows, n_columns = n_rows + part.shape[0], part.shape[1]
        indptr = np.cumsum(np.concatenate(lengths))
        kept = indptr.astype(np.int32) if indptr[-1] <= np.iinfo(np.int32).max else indptr
        return csr(data.mapped(), indices.mapped(), kept, shape=(n_rows, n_columns))


class Growing:
    """An array that is written to a file without a name part by part, and then mapped into memory."""

    def __init__(self, dtype: type) -> None:
        self.dtype = np.dtype(dtype)
        self.file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 (`mapped` closes it)
        self.n = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def add(self, values: np.ndarray) -> None:
        """Append a part."""
        write_values(np.ascontiguousarray(values, dtype=self.dtype), self.file)
        self.n += len(values)

    def mapped(self) -> np.ndarray:
        """Return the whole."""
        with self.file:  # the mapping keeps what it needs
            self.file.flush()
            if not self.n:
                return np.zeros(0, dtype=self.dtype)
            return np.memmap(self.file, dtype=self.dtype, mode="r", shape=(self.n,))


def check_room(n_bytes: int) -> None:
    """Raise a `MemoryError` where this process may not write a file of so many bytes, before it begins to."""
    try:
        import resource
    except ImportError:  # there is no such limit either
        return
    most = resource.getrlimit(resource.RLIMIT_FSIZE)[0]
    if most != resource.RLIM_INFINITY and n_bytes > most:
        message = f"{n_bytes:,} bytes, and {most:,} may be written"
        raise MemoryError(message)


def write_values(values: np.ndarray, file: IO[bytes]) -> None:
    """Append a contiguous array to a file; unlike that of `numpy.ndarray.tofile`, the error says why it failed."""
    if values.size:
        file.write(values.data.cast("B"))


def let_go(values: np.ndarray) -> None:
    """Let go of the pages of a mapped array, which are read again when they are needed."""
    base: Any = values
    while isinstance(base, np.ndarray):
        base = base.base
    if isinstance(base, mmap.mmap) and hasattr(base, "madvise"):
        base.madvise(mmap.MADV_DONTNEED)
