"""Reading .h5ad whose matrix of rows is too large to hold: it goes into files of the reader's, a part at a time."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from grn_core.datasets.large import BLOCK, LARGE, Growing, csr
from grn_core.errors import DataError

if TYPE_CHECKING:
    import anndata

TABLES = ("obs", "var", "obsm", "uns")


def holds_large(source: io.BytesIO | Path) -> bool:
    """Whether X, a layer or raw of a file has more values than are read at once."""
    import h5py

    with h5py.File(source, "r") as file:
        layers = file.get("layers", {})
        found = [file.get("X"), file.get("raw/X"), *(layers[name] for name in layers)]
        return any(_is_by_rows(one) and len(one["data"]) > LARGE for one in found)


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


def _is_by_rows(item: Any) -> bool:
    import h5py

    return isinstance(item, h5py.Group) and item.attrs.get("encoding-type") == "csr_matrix" and "data" in item


def _matrix(item: Any) -> Any:
    import anndata

    if not _is_by_rows(item) or len(item["data"]) <= LARGE:
        return anndata.io.read_elem(item)
    n_rows, n_columns = (int(n) for n in item.attrs["shape"])
    starts = item["indptr"][:]
    if len(starts) != n_rows + 1 or len(item["indices"]) != len(item["data"]) or int(starts[-1]) != len(item["data"]):
        message = "the parts of the matrix do not fit together"
        raise DataError(message, needed="as many columns as values", todo="export or copy the file again")
    data, indices = Growing(np.float32), Growing(np.int32)
    for start in range(0, len(item["data"]), BLOCK):
        part = item["indices"][start : start + BLOCK]
        if part.size and not 0 <= int(part.min()) <= int(part.max()) < n_columns:
            message = f"the matrix is damaged: indices must be from 0 to {n_columns - 1}"
            raise DataError(message, needed="column numbers within the matrix", todo="export or copy the file again")
        indices.add(part)
        data.add(item["data"][start : start + BLOCK])
    narrow = starts.astype(np.int32 if len(item["data"]) <= np.iinfo(np.int32).max else np.int64)
    matrix: sparse.csr_matrix = csr(data.mapped(), indices.mapped(), narrow, shape=(n_rows, n_columns))
    return matrix
