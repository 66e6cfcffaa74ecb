"""Which matrix of AnnData holds expression: all genes before a part of them, raw counts before others."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import sparse

from grn_core import in_words
from grn_core.datasets.checks import check_indices
from grn_core.datasets.features import TYPE_COLUMNS, LeftOut, reasons, sifted, types_of
from grn_core.datasets.formats.gene_columns import described, named_genes
from grn_core.datasets.kinds import ToldValues
from grn_core.datasets.large import by_rows
from grn_core.datasets.questions import about_matrix, held_by
from grn_core.datasets.read_as import ReadAs
from grn_core.datasets.reading import MatrixOffer, Question
from grn_core.datasets.told import Hint, hint_of, kind_of_values
from grn_core.errors import DataError

if TYPE_CHECKING:
    import anndata

COUNT_LAYERS = ("counts", "raw_counts", "raw", "spliced")
NO_EXPRESSION = re.compile(
    r"unspliced|ambiguous|spanning|velocity|imput|magic|scale|denois|binar|^m[su]$|fit_|zscore|normali[sz]ed_var|prob",
    re.I,
)
"""In the name of a layer: it holds no expression of the whole gene, or what a model made of it."""
LOOKED_AT = 200
"""Cells by which two matrices are held against each other."""
WHOLE = 0.9
"""A matrix has all genes where it has this share of those of the one with the most."""


@dataclass(frozen=True)
class Chosen:
    """The matrix that was taken.

    Attributes
    ----------
    name
        ``X``, ``raw`` or ``layers/NAME``.
    matrix, var
        (cells, genes) csr float32, and what the file says of the genes.
    told
        What its values are.
    left_out
        Features that are no genes.
    offers
        Every matrix of the file.
    notes
        Why it was taken, in sentences.
    questions
        Which matrix it is, where others hold counts of all genes that differ from it.
    """

    name: str
    matrix: sparse.csr_matrix
    var: pd.DataFrame
    told: ToldValues
    left_out: tuple[LeftOut, ...]
    offers: tuple[MatrixOffer, ...]
    notes: tuple[str, ...]
    questions: tuple[Question, ...] = ()


@dataclass(frozen=True)
class _Able:
    name: str
    matrix: sparse.csr_matrix
    var: pd.DataFrame
    told: ToldValues
    left_out: tuple[LeftOut, ...]


def choose_matrix(data: anndata.AnnData, read_as: ReadAs) -> Chosen:
    """Choose the matrix: the one that the user names; of those with all genes the first with counts, else the first.

    What its features are is looked at first: those that are no genes are no part of it.

    Raises
    ------
    DataError
        There is none, or none can be expression.
    """
    found = _matrices(data)
    holds = _contents(found, read_as)
    order = _order(found, holds, read_as)
    able: list[_Able] = []
    refused: dict[str, str] = {}
    errors: list[DataError] = []
    most = max(genes for _, genes in holds.values())
    for name in order:
        values, var = found[name]
        if able and (read_as.matrix is not None or holds[name][1] < WHOLE * most):
            break
        try:
            able.append(_expression(name, values, var, read_as, hint=hint_of(name, data.uns)))
        except DataError as error:
            errors.append(error)
            refused[name] = error.found
            continue
        if able[-1].told.kind in ("counts", read_as.values):
            break
    if not able:
        raise errors[0]
    taken = min(able, key=lambda one: one.told.kind != "counts")
    rivals = [name for name in order if holds[name][1] >= WHOLE * most and _counts_otherwise(name, taken, found)]
    kinds = {one.name: one.told.kind for one in able} | dict.fromkeys(rivals, "counts")
    offers = tuple(
        MatrixOffer(name, *holds[name], kind=kinds.get(name, ""), refused=refused.get(name, "")) for name in found
    )
    return Chosen(
        taken.name,
        taken.matrix,
        taken.var,
        taken.told,
        taken.left_out,
        offers,
        _notes(taken, holds, refused, read_as),
        about_matrix(taken.name, rivals, holds),
    )


def _counts_otherwise(name: str, taken: _Able, found: Mapping[str, tuple[object, pd.DataFrame]]) -> bool:
    """Whether a matrix holds whole numbers, too, and others than the one that was taken, as far as some cells show."""
    if name == taken.name or taken.told.kind != "counts":
        return False
    values, var = found[name]
    try:
        check_indices(values, where=name)
    except DataError:
        return False
    rows = np.unique(np.linspace(0, taken.matrix.shape[0] - 1, LOOKED_AT).astype(np.int64))
    some = sparse.csr_matrix(values)[rows]
    numbers = some.data
    if not len(numbers) or not np.isfinite(numbers).all() or numbers.min() < 0 or numbers.max() <= 1:
        return False
    if not np.array_equal(numbers, np.rint(numbers)):
        return False
    at = taken.var.index.get_indexer(var.index) if taken.var.index.is_unique else np.arange(0)
    same = np.flatnonzero(at >= 0)
    difference = abs(some[:, same].astype(np.float32) - taken.matrix[rows][:, at[same]])
    return bool(len(same)) and difference.max() > 0


def _matrices(data: anndata.AnnData) -> dict[str, tuple[object, pd.DataFrame]]:
    """Return every matrix of the file that is there, by name, with its features."""
    found: dict[str, tuple[object, pd.DataFrame]] = {"X": (data.X, data.var)}
    layers = [name for name in COUNT_LAYERS if name in data.layers]
    layers += sorted(name for name in data.layers if name not in layers)
    found |= {f"layers/{name}": (data.layers[name], data.var) for name in layers}
    if data.raw is not None:
        found["raw"] = (data.raw.X, described(data.raw.var, data.var, types=TYPE_COLUMNS))
    found = {name: one for name, one in found.items() if one[0] is not None}
    if not found:
        message = "the file has no expression matrix (X is absent)"
        raise DataError(message, needed="X, layers['counts'] or .raw", todo="save the counts as X and supply that file")
    return found


def _order(found: Mapping[str, object], holds: Mapping[str, tuple[int, int]], read_as: ReadAs) -> list[str]:
    """Names in the order in which they are tried: the user's own alone, else those with all genes first."""
    if read_as.matrix is not None:
        if read_as.matrix not in found:
            message = f"the file has no matrix {read_as.matrix}"
            raise DataError(
                message, needed=f"one of {in_words.names(found)}", todo="name one of these, or leave it out"
            )
        return [read_as.matrix]
    most = max(genes for _, genes in holds.values())
    usual = [name for name in found if not NO_EXPRESSION.search(name.removeprefix("layers/"))]
    return sorted(usual or list(found), key=lambda name: holds[name][1] < WHOLE * most)


def _contents(found: Mapping[str, tuple[object, pd.DataFrame]], read_as: ReadAs) -> dict[str, tuple[int, int]]:
    """Return the number of TFs and of known genes in each matrix; features that are no genes do not count."""
    known: dict[int, tuple[int, int]] = {}
    for _, var in found.values():
        if id(var) not in known:
            kept, _ = _genes_among(var)
            known[id(var)] = held_by(named_genes(var[kept] if kept.any() else var, read_as).match)
    return {name: known[id(var)] for name, (_, var) in found.items()}


def _expression(name: str, values: object, var: pd.DataFrame, read_as: ReadAs, *, hint: Hint | None) -> _Able:
    """Return a matrix without the features that are no genes; `DataError` where it cannot be expression."""
    check_indices(values, where=name)
    matrix, genes, left_out = _genes_alone(values, var)
    told = kind_of_values(matrix, where=name, given=read_as.values, hint=hint)
    if read_as.matrix is None and told.kind == "counts" and name.startswith("layers") and matrix.data.max() <= 1:
        message = f"{name} holds zeros and ones alone"
        raise DataError(message, needed="measured expression", todo="supply counts")
    return _Able(name, matrix, genes, told, left_out)


def _genes_alone(values: object, var: pd.DataFrame) -> tuple[sparse.csr_matrix, pd.DataFrame, tuple[LeftOut, ...]]:
    """Leave out the features that are no genes, by what the file says they are and by their names."""
    matrix = sparse.csr_matrix(values, dtype=np.float32)
    if matrix.shape[1] != len(var):
        return matrix, var, ()
    kept, left_out = _genes_among(var)
    if not kept.any():
        kinds = ", ".join(dict.fromkeys(one.reason for one in left_out))
        message = f"{in_words.none_of(len(var), 'feature')} is a gene: they are {kinds}"
        raise DataError(message, needed="features of the type Gene Expression", todo="supply the counts of genes")
    return (by_rows(matrix, lambda rows: rows[:, kept]), var[kept], left_out) if left_out else (matrix, var, ())


def _genes_among(var: pd.DataFrame) -> tuple[np.ndarray, tuple[LeftOut, ...]]:
    """Return which features are genes, (features,) bool, and the others with their reasons."""
    names = var.index.astype(str).tolist()
    return sifted(names, reasons(names, types_of(var)))


def _notes(
    taken: _Able, holds: Mapping[str, tuple[int, int]], refused: Mapping[str, str], read_as: ReadAs
) -> tuple[str, ...]:
    notes = [taken.told.note] if taken.told.note else []
    most = max(genes for _, genes in holds.values())
    if read_as.matrix is not None:
        notes.append(f"{taken.name} was used, as asked.")
    elif taken.name != "X":
        why = refused.get("X", "")
        why = why or ("it has more genes" if holds.get("X", (0, most))[1] < WHOLE * most else "")
        why = why or {"counts": "X holds no raw counts"}.get(taken.told.kind, "X is absent")
        notes.append(f"{taken.name} was used instead of X: {why}.")
    if len(set(holds.values())) > 1:
        parts = [f"{name} {tfs:,} TFs and {genes:,} genes" for name, (tfs, genes) in holds.items()]
        notes.append(f"The matrices of the file hold: {', '.join(parts)}.")
    return tuple(notes)
