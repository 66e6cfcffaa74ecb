"""Reading the .h5 of Cell Ranger: one group ``matrix`` (3 and later), or one group a genome (1 and 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import sparse

from grn_core.datasets.checks import check_size
from grn_core.datasets.formats.genomes import GENOME
from grn_core.errors import DataError
from grn_core.genes import match_genes

if TYPE_CHECKING:
    import anndata
    import h5py

PARTS = ("data", "indices", "indptr", "shape", "barcodes")


def is_tenx(file: h5py.File) -> bool:
    """Whether an HDF5 file has the layout of Cell Ranger."""
    return bool(_groups(file))


def _groups(file: h5py.File) -> list[str]:
    import h5py

    groups = [name for name in file if isinstance(file[name], h5py.Group)]
    return [name for name in groups if all(part in file[name] for part in PARTS)]


def read_tenx(file: h5py.File) -> tuple[anndata.AnnData, list[str]]:
    """Return cells and genes; of several genomes in groups of their own a known one with the most molecules."""
    groups = _groups(file)
    sizes = {name: float(np.sum(file[name]["data"][:], dtype=np.float64)) for name in groups}
    known = {name: match_genes(texts(_ids(file[name]))).recognised for name in groups}
    chosen = max(groups, key=lambda name: (known[name], sizes[name]))
    notes = []
    if len(groups) > 1:
        listed = ", ".join(f"{name} {size:,.0f}" for name, size in sizes.items())
        notes.append(f"The file holds {len(groups)} genomes (molecules: {listed}): {chosen} is used.")
    group = file[chosen]
    features = group.get("features", group)
    ids = _ids(group)
    names = features["name" if "name" in features else "gene_names"]
    columns = {"gene_ids": texts(ids)}
    if "feature_type" in features:
        columns["feature_types"] = texts(features["feature_type"])
    if GENOME in features:
        columns[GENOME] = texts(features[GENOME])
    return cells_of(group, genes=texts(names), barcodes=texts(group["barcodes"]), columns=columns), notes


def _ids(group: Any) -> Any:
    features = group.get("features", group)
    return features["id" if "id" in features else "genes"]


def cells_of(group: Any, *, genes: list[str], barcodes: list[str], columns: dict[str, list[str]]) -> anndata.AnnData:
    """Return the cells of a matrix of genes x cells in columns."""
    shape = tuple(int(n) for n in group["shape"][:])
    if shape != (len(genes), len(barcodes)):
        message = (
            f"the matrix is {shape[0]:,} x {shape[1]:,}, but has {len(genes):,} genes and {len(barcodes):,} barcodes"
        )
        raise DataError(message, needed="as many names as rows and columns", todo="export the file again")
    check_size(shape[1])
    matrix = sparse.csc_matrix((group["data"][:], group["indices"][:], group["indptr"][:]), shape=shape)
    matrix.check_format(full_check=True)
    return annotated(matrix.T.tocsr(), genes=genes, barcodes=barcodes, columns=columns)


def annotated(
    matrix: sparse.csr_matrix, *, genes: list[str], barcodes: list[str], columns: dict[str, list[str]]
) -> anndata.AnnData:
    """Put names to a matrix of cells x genes."""
    import warnings

    import anndata

    var = pd.DataFrame(columns, index=pd.Index(genes, dtype=object))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # names that repeat are summed later
        return anndata.AnnData(matrix.astype(np.float32), pd.DataFrame(index=pd.Index(barcodes, dtype=object)), var)


def texts(names: Any) -> list[str]:
    """Return the strings of an HDF5 dataset."""
    return [name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name) for name in names[:]]
