"""Reading .h5ad whose matrix is too large to hold: it goes into files of the reader's, a part at a time.

Rows come as they lie. Columns are dealt out to bands of rows, each in files of its own, and every band is put in order:
values are read once, however the matrix lies. Dense rows become sparse as they come.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from grn_core.datasets.large import BLOCK, LARGE, Growing, check_room, csr, in_files, is_large
from grn_core.errors import DataError

if TYPE_CHECKING:
    import anndata

MOST_BANDS = 24
"""Each takes three files, of which a reader may have 128 open."""
TABLES = ("obs", "var", "obsm", "uns")


def holds_large(source: io.BytesIO | Path) -> bool:
    """Whether X, a layer or raw of a file has more values than are read at once."""
    import h5py

    with h5py.File(source, "r") as file:
        layers = file.get("layers", {})
        found = [file.get("X"), file.get("raw/X"), *(layers[name] for name in layers)]
        return any(one is not None and _n_values(one) > LARGE for one in found)


def read_large(source: io.BytesIO | Path) -> anndata.AnnData:
    """Return what the file holds of cells, genes and matrices; large matrices by rows lie in files."""
    import anndata
    import h5py

    with h5py.File(source, "r") as file:
        table = {name: anndata.io.read_elem(file[name]) if name in file else None for name in TABLES}
        return anndata.AnnData(
            _matrix(file["X"]) if "X" in file else None,
            obs=table["obs"],
            var=table["var"],
            obsm=table["obsm"],
            uns=table["uns"],
            layers={name: _matrix(file[f"layers/{name}"]) for name in file.get("layers", ())},
            raw={"X": _matrix(file["raw/X"]), "var": anndata.io.read_elem(file["raw/var"])} if "raw" in file else None,
        )


def _n_values(item: Any) -> int:
    """Values that a matrix stores: of a dense one all; 0 where it is none."""
    import h5py

    if isinstance(item, h5py.Dataset):
        return int(np.prod(item.shape, dtype=np.int64)) if len(item.shape) == 2 else 0
    return len(item["data"]) if isinstance(item, h5py.Group) and _form(item) and "data" in item else 0


def _form(item: Any) -> str:
    """``csr`` or ``csc``; ``""`` where it is neither."""
    told = str(item.attrs.get("encoding-type", item.attrs.get("h5sparse_format", "")))
    return told[:3] if told.startswith(("csr", "csc")) and "shape" in item.attrs else ""


def _matrix(item: Any) -> Any:
    import anndata
    import h5py

    if _n_values(item) <= LARGE:
        return anndata.io.read_elem(item)
    if isinstance(item, h5py.Dataset):
        _check_room(item)
        found = in_files(_dense_rows(item))
    else:
        n_rows, n_columns = (int(n) for n in item.attrs["shape"])
        along, across = (n_rows, n_columns) if _form(item) == "csr" else (n_columns, n_rows)
        starts = item["indptr"][:]
        _check_parts(item, starts, along)
        found = _by_rows(item, starts, across) if _form(item) == "csr" else in_files(_bands(item, starts, across))
    if is_large(found):
        return found
    return csr(np.array(found.data), np.array(found.indices), found.indptr, shape=found.shape)


def _check_parts(item: Any, starts: np.ndarray, along: int) -> None:
    n = len(item["data"])
    fits = len(starts) == along + 1 and len(item["indices"]) == n and int(starts[0]) == 0 and int(starts[-1]) == n
    if not fits or bool((np.diff(starts) < 0).any()):
        message = "the matrix is damaged: its parts do not fit together"
        raise DataError(message, needed="as many columns as values", todo="export or copy the file again")


def _parts(item: Any, across: int) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Yield the place of the first value, the numbers across, and the values, a part at a time."""
    for start in range(0, len(item["data"]), BLOCK):
        part = item["indices"][start : start + BLOCK]
        if part.size and not 0 <= int(part.min()) <= int(part.max()) < across:
            message = f"the matrix is damaged: indices must be from 0 to {across - 1}"
            raise DataError(message, needed="row and column numbers within the matrix", todo="export the file again")
        yield start, part, item["data"][start : start + BLOCK]


def _by_rows(item: Any, starts: np.ndarray, n_columns: int) -> sparse.csr_matrix:
    narrow = starts.astype(np.int32 if len(item["data"]) <= np.iinfo(np.int32).max else np.int64)
    with Growing(np.float32) as data, Growing(np.int32) as indices:
        for _, part, values in _parts(item, n_columns):
            indices.add(part)
            data.add(values)
        return csr(data.mapped(), indices.mapped(), narrow, shape=(len(starts) - 1, n_columns))


def _bands(item: Any, starts: np.ndarray, n_rows: int) -> Iterator[sparse.csr_matrix]:
    """Yield bands of rows of a matrix that lies by columns."""
    n_bands = min(n_rows, MOST_BANDS, 1 + len(item["data"]) // BLOCK)
    edges = np.linspace(0, n_rows, n_bands + 1).astype(np.int64)
    kinds = {"row": np.int32, "column": np.int32, "value": np.float32}
    with ExitStack() as open_files:
        kept = [{name: open_files.enter_context(Growing(kind)) for name, kind in kinds.items()} for _ in range(n_bands)]
        for start, rows, values in _parts(item, n_rows):
            columns = np.searchsorted(starts, np.arange(start, start + len(rows)), side="right") - 1
            band = np.searchsorted(edges, rows, side="right") - 1
            order = np.argsort(band, kind="stable")
            ends = np.searchsorted(band[order], np.arange(n_bands + 1))
            for place, files in enumerate(kept):
                mine = order[ends[place] : ends[place + 1]]
                files["row"].add(rows[mine] - edges[place])
                files["column"].add(columns[mine])
                files["value"].add(values[mine])
        for place, files in enumerate(kept):
            row, column, value = (files[name].mapped() for name in kinds)
            shape = (int(edges[place + 1] - edges[place]), len(starts) - 1)
            yield sparse.coo_matrix((value, (row, column)), shape=shape).tocsr()


def _check_room(item: Any) -> None:
    """Refuse a dense matrix at once whose first, middle and last rows say that it takes more than the reader may write.

    Raises
    ------
    MemoryError
        What it holds beside zeros would be twice that, or more.
    """
    n_rows = item.shape[0]
    places = sorted({0, n_rows // 2, n_rows - 1})
    filled = np.mean([np.count_nonzero(item[place]) for place in places])
    check_room(int(filled * n_rows * np.dtype(np.float32).itemsize) // 2)


def _dense_rows(item: Any) -> Iterator[sparse.csr_matrix]:
    """Yield rows of a dense matrix, as many as lie in whole chunks of the file."""
    n_rows, n_columns = item.shape
    whole = item.chunks[0] if item.chunks else 1
    step = max(whole, BLOCK // max(1, n_columns) // whole * whole, 1)
    for start in range(0, n_rows, step):
        yield sparse.csr_matrix(np.asarray(item[start : start + step], dtype=np.float32))
