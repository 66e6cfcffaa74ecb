"""Reading .h5ad: which matrix holds expression, which column the gene names, and nothing that could run code."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import sparse

from grn_core.datasets.checks import assemble, check_indices, check_size, damaged_as_data_error
from grn_core.datasets.dataset import Dataset
from grn_core.datasets.features import TYPE_COLUMNS, LeftOut, reasons, sifted, types_of
from grn_core.datasets.kinds import kind_of_values
from grn_core.errors import DataError
from grn_core.genes import GeneMatch, default_tf_list, human_tfs_of, is_ensembl, match_genes

if TYPE_CHECKING:
    import anndata

HDF5 = b"\x89HDF\r\n\x1a\n"
COUNT_LAYERS = ("counts", "raw_counts", "raw", "spliced")
NAME_COLUMNS = ("symbol", "gene_symbol", "gene_symbols", "gene_name", "gene_names", "gene_short_name", "feature_name",
                "feature", "features", "hgnc_symbol", "SYMBOL", "Symbol", "GeneSymbol", "gene", "names", "name",
                "gene_ids", "gene_id", "ensembl_id", "ensembl", "feature_id", "id", "ids",
                "entrez", "entrez_id", "entrezgene", "ncbi_gene_id")  # fmt: skip
NO_EXPRESSION = re.compile(
    r"unspliced|ambiguous|spanning|velocity|imput|magic|scale|denois|binar|^m[su]$|fit_|zscore|normali[sz]ed_var|prob",
    re.I,
)
"""In the name of a layer: it holds no expression of the whole gene, or what a model made of it."""
WHOLE = 0.9
"""A matrix has all genes where it has this share of those of the one with the most."""
EMBEDDINGS = ("X_umap", "X_UMAP", "umap")


def read_h5ad(
    path: Path, *, title: str, species: str | None, values: str | None, content: io.BytesIO | Path | None = None
) -> Dataset:
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
        import anndata

        source = path if content is None else content
        _look_before_reading(path, source)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # old layouts and repeated names are dealt with below
            data = anndata.read_h5ad(source)
    return from_anndata(data, path, title=title, species=species, values=values)


def from_anndata(
    data: anndata.AnnData,
    path: Path,
    *,
    title: str,
    species: str | None,
    values: str | None,
    notes: Sequence[str] = (),
) -> Dataset:
    """Make a dataset of cells as AnnData holds them; `notes` say what was done before."""
    with damaged_as_data_error(path, "file of cells"):
        where, matrix, var, kind, left_out, more = _expression(data, values, species)
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
        notes=[*notes, *more, *name_notes],
        left_out=left_out,
    )


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
            shape = file["X"].shape if hasattr(file["X"], "shape") else file["X"].attrs.get("shape", (0, 0))
            check_size(int(shape[0]))


def _expression(
    data: anndata.AnnData, given: str | None, species: str | None
) -> tuple[str, sparse.csr_matrix, pd.DataFrame, str, tuple[LeftOut, ...], list[str]]:
    """Choose the matrix: of those with all genes the first with counts, or of the kind given, else the first.

    What its features are is looked at first: those that are no genes are no part of it.
    """
    offered = [("X", data.X, data.var)]
    layers = [name for name in COUNT_LAYERS if name in data.layers]
    layers += sorted(name for name in data.layers if name not in layers and not NO_EXPRESSION.search(name))
    offered += [(f"layers['{name}']", data.layers[name], data.var) for name in layers]
    offered += [] if data.raw is None else [(".raw", data.raw.X, _described(data.raw.var, data.var))]
    offered = [(where, values, var) for where, values, var in offered if values is not None]
    if not offered:
        message = "the file has no expression matrix (X is absent)"
        raise DataError(message, needed="X, layers['counts'] or .raw", todo="save the counts as X and supply that file")
    holds, said = _contents(offered, species)
    most = max(genes for _, genes in holds.values())
    offered.sort(key=lambda one: holds[one[0]][1] < WHOLE * most)  # those with all genes first; else as they stood
    able: list[tuple[str, sparse.csr_matrix, pd.DataFrame, str, str, tuple[LeftOut, ...]]] = []
    refused: list[DataError] = []
    for where, values, var in offered:
        if able and holds[where][1] < WHOLE * most:
            break
        try:
            check_indices(values, where=where)
            matrix, genes, left_out = _genes_alone(values, var)
            kind, note = kind_of_values(matrix, where=where, given=given)
            if kind == "counts" and where.startswith("layers") and matrix.data.max() <= 1:
                message = f"{where} holds zeros and ones alone"
                raise DataError(message, needed="measured expression", todo="supply counts")
        except DataError as error:
            refused.append(error)
            continue
        able.append((where, matrix, genes, kind, note, left_out))
        if kind in ("counts", given):
            break
    if not able:
        raise refused[0]
    where, matrix, var, kind, note, left_out = min(able, key=lambda one: one[3] != "counts")
    notes = [note] if note else []
    if where != "X":
        why = refused[0].found if refused and refused[0].found.split()[0] == "X" else ""
        why = why or ("it has more genes" if holds.get("X", (0, most))[1] < WHOLE * most else "")
        why = why or {"counts": "X holds no raw counts"}.get(kind, "X is absent")
        notes.append(f"{where} was used instead of X: {why}.")
    return where, matrix, var, kind, left_out, notes + said


def _contents(
    offered: list[tuple[str, object, pd.DataFrame]], species: str | None
) -> tuple[dict[str, tuple[int, int]], list[str]]:
    """Number of TFs and of known genes in each matrix; and a sentence on them where they differ."""
    known: dict[int, tuple[int, int]] = {}
    for _, _, var in offered:
        if id(var) not in known:
            match = _gene_names(var, species)[0]
            symbols = set(filter(None, match.symbols))
            known[id(var)] = len(symbols & human_tfs_of(default_tf_list(match.species))), len(symbols)
    holds = {where: known[id(var)] for where, _, var in offered}
    if len(set(holds.values())) == 1:
        return holds, []
    parts = [f"{where} {tfs:,} TFs and {genes:,} genes" for where, (tfs, genes) in holds.items()]
    return holds, [f"The matrices of the file hold: {', '.join(parts)}."]


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
    more = [column for column in (*_text_columns(other), *TYPE_COLUMNS) if column in other and column not in var]
    return var.join(other[more].astype(object)) if more and other.index.is_unique else var


def _gene_names(
    var: pd.DataFrame, species: str | None
) -> tuple[GeneMatch, tuple[str, ...], tuple[str, ...], list[str]]:
    """Match ``var_names``, or the column of ``var`` that matches more; with the symbols and ids that stand beside."""
    offered = {"": match_genes(var.index.astype(str).tolist() or [""], species=species)}
    for column in _text_columns(var):
        offered[column] = match_genes(
            var[column].astype(object).fillna("").astype(str).tolist() or [""], species=species
        )
    chosen = max(offered, key=lambda column: offered[column].n_matched)
    match = offered.pop(chosen)
    other = next((one for one in (match, *offered.values()) if one.other_species), None)
    if other is not None:
        match = replace(match, other_species=other.other_species, evidence=other.evidence)
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


def _text_columns(var: pd.DataFrame) -> list[str]:
    """Return the columns that may name genes: those that usually do, then any text that is not the same everywhere."""
    usual = [name for name in NAME_COLUMNS if name in var]
    text = [name for name in var.columns if name not in usual and var[name].dtype.kind not in "biufcmM"]
    return [*usual, *(str(name) for name in text if name in var and var[name].nunique() > len(var) / 2)]


def _embedding(data: anndata.AnnData) -> np.ndarray | None:
    for name in EMBEDDINGS:
        if name in data.obsm:
            points = np.asarray(data.obsm[name], dtype=np.float32)[:, :2]
            if points.shape == (data.n_obs, 2) and np.isfinite(points).all():
                return points
    return None
