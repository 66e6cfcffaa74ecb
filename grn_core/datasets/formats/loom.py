"""Reading .loom: genes in rows, cells in columns, attributes of both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import sparse

from grn_core.datasets.checks import check_size
from grn_core.datasets.formats.tenx_h5 import texts
from grn_core.errors import DataError

if TYPE_CHECKING:
    import anndata
    import h5py

CELL_NAMES = ("CellID", "obs_names", "cell_id", "barcode", "Cell", "cell")
GENE_NAMES = ("Gene", "var_names", "gene", "GeneName", "gene_name", "Symbol", "Accession")
ROWS_A_TIME = 500


def is_loom(file: h5py.File) -> bool:
    """Whether an HDF5 file has the layout of loom."""
    return "matrix" in file and hasattr(file["matrix"], "shape") and "row_attrs" in file and "col_attrs" in file


def read_loom(file: h5py.File) -> tuple[anndata.AnnData, list[str]]:
    """Return cells and genes, with the text and numbers that describe them."""
    import warnings

    import anndata

    n_genes, n_cells = file["matrix"].shape
    check_size(n_cells)
    var, obs = _attributes(file["row_attrs"], n_genes), _attributes(file["col_attrs"], n_cells)
    var, obs = _named(var, GENE_NAMES, what="genes"), _named(obs, CELL_NAMES, what="")
    layers = {}
    for name in file.get("layers", ()):
        if file["layers"][name].shape == (n_genes, n_cells):
            layers[str(name)] = _sparse(file["layers"][name])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return anndata.AnnData(_sparse(file["matrix"]), obs, var, layers=layers), []


def _sparse(matrix: Any) -> sparse.csr_matrix:
    """(cells, genes) csr float32 of a dense matrix of genes x cells, a few rows at a time."""
    blocks = [
        sparse.csr_matrix(np.asarray(matrix[start : start + ROWS_A_TIME], dtype=np.float32))
        for start in range(0, matrix.shape[0], ROWS_A_TIME)
    ]
    return sparse.vstack(blocks).T.tocsr()


def _attributes(group: Any, n: int) -> pd.DataFrame:
    found = {}
    for name in group:
        values = group[name]
        if getattr(values, "shape", None) == (n,):
            found[str(name)] = values[:] if values.dtype.kind in "biuf" else texts(values)
    return pd.DataFrame(found, index=range(n))


def _named(table: pd.DataFrame, names: tuple[str, ...], *, what: str) -> pd.DataFrame:
    column = next((name for name in names if name in table), None)
    if column is None and what and not len(table.columns):
        message = f"the file has no names of {what}: row_attrs is empty"
        raise DataError(message, needed="row_attrs/Gene", todo="export the file with the names of its genes")
    index = table[column].astype(str) if column is not None else table.index.astype(str)
    return table.drop(columns=[] if column is None else [column]).set_axis(pd.Index(index.tolist(), dtype=object))
