"""Reading .h5ad: which matrix holds expression, which column the gene names, and nothing that could run code."""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from grn_core.datasets.checks import assemble, check_size, damaged_as_data_error
from grn_core.datasets.dataset import Dataset
from grn_core.datasets.formats.gene_columns import check_column, named_genes
from grn_core.datasets.formats.large_h5ad import holds_large, read_large
from grn_core.datasets.formats.matrices import choose_matrix
from grn_core.datasets.questions import about_orientation
from grn_core.datasets.read_as import ReadAs
from grn_core.datasets.reading import Question, Reading
from grn_core.errors import DataError
from grn_core.genes import match_genes

if TYPE_CHECKING:
    import anndata

HDF5 = b"\x89HDF\r\n\x1a\n"
MOST_NAMES = 60_000
"""Rows of which more are no genes of anything."""
EMBEDDINGS = ("X_umap", "X_UMAP", "umap")


def read_h5ad(path: Path, *, title: str, read_as: ReadAs, content: io.BytesIO | Path | None = None) -> Dataset:
    """Read an .h5ad file; `content` is what it holds where the file is packed.

    All genes are taken before a part of them, raw counts before log-normalised values, and ``X`` before ``layers``
    before ``.raw``; what cannot be expression (negative, missing, infinite or only zero values) is passed over, with a
    note, when another will do.

    Parameters
    ----------
    path
        The file, whose content starts with the HDF5 signature.
    title
        Title of the dataset.
    read_as
        The user's word on the file.

    Raises
    ------
    DataError, GeneError
        With what was found, needed and to do.
    """
    with damaged_as_data_error(path, ".h5ad file"):
        import anndata

        source = path if content is None else content
        _look_before_reading(path, source)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # old layouts and repeated names are dealt with below
            data = read_large(source) if holds_large(source) else anndata.read_h5ad(source)
    return from_anndata(data, path, title=title, read_as=read_as)


def from_anndata(
    data: anndata.AnnData,
    path: Path,
    *,
    title: str,
    read_as: ReadAs,
    notes: Sequence[str] = (),
) -> Dataset:
    """Make a dataset of cells as AnnData holds them; `notes` say what was done before."""
    said = list(notes)
    with damaged_as_data_error(path, "file of cells"):
        data, orientation, more, asked = _cells_in_rows(data, read_as)
        chosen = choose_matrix(data, read_as)
        embedding = _embedding(data)
    genes = named_genes(chosen.var, read_as)
    check_column(read_as, genes.columns)
    obs = data.obs.copy()
    obs.columns = obs.columns.astype(str)
    return assemble(
        chosen.matrix,
        genes.match.names,
        obs,
        title=title,
        where=chosen.name,
        told=chosen.told,
        match=genes.match,
        embedding=embedding,
        labels=genes.labels,
        ids=genes.ids,
        notes=[*said, *more, *chosen.notes, *genes.notes],
        left_out=chosen.left_out,
        reading=Reading(
            matrix=chosen.name,
            matrices=chosen.offers,
            orientation=orientation,
            name_column=genes.column,
            name_columns=genes.columns,
            questions=(*asked, *genes.questions, *chosen.questions),
        ),
    )


def _cells_in_rows(
    data: anndata.AnnData, read_as: ReadAs
) -> tuple[anndata.AnnData, str, list[str], tuple[Question, ...]]:
    """Turn AnnData whose rows are genes, as the user says or as the names show."""
    in_rows = read_as.orientation == "genes-in-rows"
    asked: tuple[Question, ...] = ()
    if read_as.orientation is None and data.X is not None:
        columns = named_genes(data.var, read_as).match
        if not columns.recognised:
            in_rows = named_genes(data.obs, read_as).match.recognised
        elif 0 < data.n_obs <= MOST_NAMES:
            rows = match_genes(data.obs_names.astype(str).tolist(), species=read_as.species)
            asked = about_orientation(rows, columns, in_rows=False)
    if not in_rows:
        return data, "genes-in-columns", [], asked
    return data.T.copy(), "genes-in-rows", ["Genes were in rows: transposed."], ()


def _look_before_reading(path: Path, source: io.BytesIO | Path) -> None:
    """Check layout and number of cells of an HDF5 file without loading it."""
    import h5py

    with h5py.File(source, "r") as file:
        if "matrix" in file and "X" not in file:
            message = f"{path.name} has the layout of 10x Genomics or loom, not of AnnData"
            todo = "open it with scanpy (read_10x_h5, read_loom) and save it with write_h5ad"
            raise DataError(message, needed="an .h5ad file", todo=todo)
        if "obs" not in file or "var" not in file:
            message = f"{path.name} is an HDF5 file without {'obs' if 'obs' not in file else 'var'}"
            raise DataError(message, needed="an .h5ad file", todo="write it with anndata's write_h5ad")
        if "X" in file:
            shape = _shape(file["X"])
            check_size(shape[0])
            named = _length(file["obs"]), _length(file["var"])
            if None not in named and shape != (0, 0) and shape != named:
                message = (
                    f"X of {path.name} is {shape[0]:,} x {shape[1]:,}, beside {named[0]:,} cells and {named[1]:,} genes"
                )
                todo = "write the file again from the whole object: matrix and names are of different ones"
                raise DataError(message, needed="a row for each cell and a column for each gene", todo=todo)


def _shape(matrix: Any) -> tuple[int, int]:
    """Rows and columns of a matrix, dense or sparse of any version; zeros where that is not said."""
    stated = getattr(matrix, "shape", None) or matrix.attrs.get("shape", matrix.attrs.get("h5sparse_shape", ()))
    rows, columns = (*map(int, stated), 0, 0)[:2]
    return rows, columns


def _length(table: Any) -> int | None:
    """Rows of a table of cells or genes, of any version; None where its index is not found."""
    index = table if hasattr(table, "shape") else table.get(str(table.attrs.get("_index", "_index")))
    return int(index.shape[0]) if hasattr(index, "shape") and len(index.shape) == 1 else None


def _embedding(data: anndata.AnnData) -> np.ndarray | None:
    for name in EMBEDDINGS:
        if name in data.obsm:
            points = np.asarray(data.obsm[name], dtype=np.float32)[:, :2]
            if points.shape == (data.n_obs, 2) and np.isfinite(points).all():
                return points
    return None
