"""Reading .h5ad: which matrix holds expression, which column the gene names, and nothing that could run code."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import sparse

from grn_core.datasets.checks import assemble, check_indices, check_size, damaged_as_data_error
from grn_core.datasets.dataset import Dataset
from grn_core.datasets.features import LeftOut, reasons, sifted, types_of
from grn_core.datasets.formats.record import Format
from grn_core.datasets.kinds import kind_of_values
from grn_core.errors import DataError
from grn_core.genes import GeneMatch, is_ensembl, match_genes

if TYPE_CHECKING:
    import anndata

HDF5 = b"\x89HDF\r\n\x1a\n"
COUNT_LAYERS = ("counts", "raw_counts", "raw", "spliced")
NAME_COLUMNS = ("symbol", "gene_symbol", "gene_symbols", "gene_name", "gene_names", "gene_short_name", "feature_name",
                "feature", "features", "hgnc_symbol", "SYMBOL", "Symbol", "GeneSymbol", "gene", "names", "name",
                "gene_ids", "gene_id", "ensembl_id", "ensembl", "feature_id", "id", "ids")  # fmt: skip
EMBEDDINGS = ("X_umap", "X_UMAP", "umap")


def read_h5ad(path: Path, *, title: str, species: str | None, values: str | None) -> Dataset:
    """Read an .h5ad file.

    Raw counts are taken before log-normalised values, and ``X`` before ``layers`` before ``.raw``; what cannot be
    expression (negative, missing, infinite or only zero values) is passed over, with a note, when another will do.

    Parameters
    ----------
    path
        The file, whose content starts with the HDF5 signature.
    title
        Title of the dataset.
    species
        As in `grn_core.genes.match_genes`.
    values
        The user's word on what the values are; then the first matrix that they can be is taken.

    Raises
    ------
    DataError, GeneError
        With what was found, needed and to do.
    """
    with damaged_as_data_error(path, ".h5ad file"):
        _look_before_reading(path)
        import anndata

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # old layouts and repeated names are dealt with below
            data = anndata.read_h5ad(path)
        where, matrix, var, kind, left_out, notes = _expression(data, values)
        embedding = _embedding(data)
    obs = data.obs.copy()
    obs.columns = obs.columns.astype(str)
    match, labels, ids, name_notes = _gene_names(var, species)
    return assemble(
        matrix,
        match.names,
        obs,
        title=title,
        where=where,
        kind=kind,
        match=match,
        embedding=embedding,
        labels=labels,
        ids=ids,
        notes=notes + name_notes,
        left_out=left_out,
    )


def _look_before_reading(path: Path) -> None:
    """Check layout and number of cells of an HDF5 file without loading it."""
    import h5py

    with h5py.File(path, "r") as file:
        if "matrix" in file and "X" not in file:
            message = f"{path.name} has the layout of 10x Genomics or loom, not of AnnData"
            todo = "open it with scanpy (read_10x_h5, read_loom) and save it with write_h5ad"
            raise DataError(message, needed="an .h5ad file", todo=todo)
        if "obs" not in file or "var" not in file:
            message = f"{path.name} is an HDF5 file without {'obs' if 'obs' not in file else 'var'}"
            raise DataError(message, needed="an .h5ad file", todo="write it with anndata's write_h5ad")
        if "X" in file:
            shape = file["X"].shape if hasattr(file["X"], "shape") else file["X"].attrs.get("shape", (0, 0))
            check_size(int(shape[0]))


def _expression(
    data: anndata.AnnData, given: str | None
) -> tuple[str, sparse.csr_matrix, pd.DataFrame, str, tuple[LeftOut, ...], list[str]]:
    """Choose the matrix: the first with counts, or of the kind given, else the first with log-normalised values.

    What its features are is looked at first: those that are no genes are no part of it.
    """
    offered = [("X", data.X, data.var)]
    offered += [(f"layers['{name}']", data.layers[name], data.var) for name in COUNT_LAYERS if name in data.layers]
    offered += [] if data.raw is None else [(".raw", data.raw.X, _described(data.raw.var, data.var))]
    able, refused = [], []
    for where, values, var in offered:
        if values is None:
            continue
        try:
            check_indices(values, where=where)
            matrix, genes, left_out = _genes_alone(values, var)
            kind, note = kind_of_values(matrix, where=where, given=given)
        except DataError as error:
            refused.append(error)
            continue
        able.append((where, matrix, genes, kind, note, left_out))
        if kind in ("counts", given):
            break
    if not able and refused:
        raise refused[0]
    if not able:
        message = "the file has no expression matrix (X is absent)"
        raise DataError(message, needed="X, layers['counts'] or .raw", todo="save the counts as X and supply that file")
    where, matrix, var, kind, note, left_out = min(able, key=lambda one: one[3] != "counts")
    notes = [note] if note else []
    if where != "X":
        why = refused[0].found if refused and refused[0].found.split()[0] == "X" else ""
        why = why or {"counts": "X holds no raw counts"}.get(kind, "X is absent")
        notes.append(f"{where} was used instead of X: {why}.")
    return where, matrix, var, kind, left_out, notes


def _genes_alone(values: object, var: pd.DataFrame) -> tuple[sparse.csr_matrix, pd.DataFrame, tuple[LeftOut, ...]]:
    """Leave out the features that are no genes, by what the file says they are and by their names."""
    matrix, names = sparse.csr_matrix(values, dtype=np.float32), var.index.astype(str).tolist()
    if matrix.shape[1] != len(names):
        return matrix, var, ()
    kept, left_out = sifted(names, reasons(names, types_of(var)))
    if not kept.any():
        kinds = ", ".join(dict.fromkeys(one.reason for one in left_out))
        message = f"none of the {len(names):,} features is a gene: they are {kinds}"
        raise DataError(message, needed="features of the type Gene Expression", todo="supply the counts of genes")
    return (matrix[:, kept], var[kept], left_out) if left_out else (matrix, var, ())


def _described(var: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """Genes of ``.raw`` with the columns that stand in ``var`` alone, as far as the genes are the same."""
    more = [column for column in NAME_COLUMNS if column in other and column not in var]
    return var.join(other[more].astype(object)) if more and other.index.is_unique else var


def _gene_names(
    var: pd.DataFrame, species: str | None
) -> tuple[GeneMatch, tuple[str, ...], tuple[str, ...], list[str]]:
    """Match ``var_names``, or the column of ``var`` that matches more; with the symbols and ids that stand beside."""
    offered = {"": match_genes(var.index.astype(str).tolist() or [""], species=species)}
    for column in (name for name in NAME_COLUMNS if name in var):
        offered[column] = match_genes(
            var[column].astype(object).fillna("").astype(str).tolist() or [""], species=species
        )
    chosen = max(offered, key=lambda column: offered[column].n_matched)
    match = offered.pop(chosen)
    note = [f"Gene names were taken from var['{chosen}'] instead of var_names."] if chosen else []
    beside = [one for one in offered.values() if one.recognised and one.id_type != match.id_type]
    if not beside:
        return match, (), (), note
    if chosen and match.id_type == "ensembl":
        note = [f"Genes were recognised by var['{chosen}'], which matches more than their names do; these stay."]
    names = tuple(name if name.lower() != "nan" else "" for name in beside[0].names)
    if match.id_type == "ensembl":
        return match, names, (), note
    return match, (), tuple(name if is_ensembl(name) else "" for name in names), note


def _embedding(data: anndata.AnnData) -> np.ndarray | None:
    for name in EMBEDDINGS:
        if name in data.obsm:
            points = np.asarray(data.obsm[name], dtype=np.float32)[:, :2]
            if points.shape == (data.n_obs, 2) and np.isfinite(points).all():
                return points
    return None


H5AD = Format(
    name="h5ad",
    title="an .h5ad file",
    endings=(".h5ad", ".h5", ".hdf5"),
    content="HDF5",
    sniff=lambda start: start.startswith(HDF5),
    read=read_h5ad,
)
