"""From names and numbers to a Dataset: the checks that every file format shares."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse

from grn_core.datasets import copies
from grn_core.datasets.dataset import Dataset
from grn_core.datasets.features import OTHER_GENOME, LeftOut, note_of, reasons, sifted
from grn_core.datasets.kinds import ToldValues, find_kind
from grn_core.datasets.labels import together
from grn_core.datasets.large import blocks, by_rows, is_large, pieces
from grn_core.datasets.panel import check_genes, examples
from grn_core.datasets.panel_of_cells import MIN_CELLS
from grn_core.datasets.questions import about_species, about_values, with_questions
from grn_core.datasets.reading import NOTHING_GUESSED, Reading
from grn_core.datasets.told import kind_of_values
from grn_core.datasets.values import sum_columns
from grn_core.errors import DataError, GrnError, TooFewCellsError
from grn_core.genes import GeneMatch, match_genes
from grn_core.settings import settings


@contextmanager
def damaged_as_data_error(path: Path, what: str) -> Iterator[None]:
    """Turn whatever a library raises that meets a damaged file (each has its own errors) into a `DataError`."""
    try:
        yield
    except GrnError:
        raise
    except Exception as error:
        message = f"{path.name} cannot be read as {what} ({type(error).__name__}: {_first_line(error)})"
        todo = "export or copy the file again; it may be truncated"
        raise DataError(message, needed=f"a complete {what}", todo=todo) from error


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or "no further reason").splitlines()[0][:160]


STREAMED, UNPACKS = 200 * 1024**2, 8
"""Bytes beyond which a file is large, and how far such a one may be packed: counts of cells pack to a fifth."""


def check_size(n_cells: int, n_bytes: int = 0, *, streamed: int = 0) -> None:
    """Refuse more cells, or more bytes once unpacked, than the settings allow.

    Parameters
    ----------
    n_cells, n_bytes
        Cells, and bytes of everything once unpacked.
    streamed
        Bytes of a file that goes through in parts, so that what it unpacks to takes the disk and no memory. A large one
        may unpack to `UNPACKS` times its own size, which whoever brought it has on a disk too.
    """
    limits = settings()
    if n_cells > limits.max_cells:
        message = f"the file holds {n_cells:,} cells"
        raise DataError(message, needed=f"at most {limits.max_cells:,}", todo="draw fewer cells or set GRN_MAX_CELLS")
    own = UNPACKS * streamed if streamed > STREAMED else 0
    if n_bytes > (most := max(limits.max_unpacked_gb * 1024**3, own)):
        message = f"the file unpacks to {n_bytes / 1024**3:.1f} GiB"
        todo = "store the matrix sparse, drop layers and cells that are not needed, or set GRN_MAX_UNPACKED_GB"
        raise DataError(message, needed=f"at most {most / 1024**3:.1f} GiB", todo=todo)


def check_indices(matrix: sparse.spmatrix, *, where: str) -> None:
    """Refuse a sparse matrix whose indices lead out of it: scipy multiplies such a one without a look, and crashes."""
    if not isinstance(matrix, sparse.csr_matrix | sparse.csc_matrix | sparse.csr_array | sparse.csc_array):
        return
    try:
        if isinstance(matrix, sparse.csr_matrix) and is_large(matrix):
            _check_large(matrix)
        else:
            matrix.check_format(full_check=True)
        if len(matrix.indptr) and int(matrix.indptr[-1]) > min(len(matrix.indices), len(matrix.data)):
            message = "index pointer beyond the values"
            raise ValueError(message)
    except (ValueError, TypeError, IndexError) as error:
        message = f"{where} is damaged: {_first_line(error)}"
        todo = "export or copy the file again"
        raise DataError(message, needed="row and column numbers within the matrix", todo=todo) from error


def _check_large(matrix: sparse.csr_matrix) -> None:
    """Do what scipy's `check_format` does, a part at a time."""
    starts, n_columns = matrix.indptr, matrix.shape[1]
    lowest, highest = 0, -1
    for piece in pieces(matrix.indices):
        lowest, highest = min(lowest, int(piece.min())), max(highest, int(piece.max()))
    if lowest < 0 or highest >= n_columns:
        message = f"indices must be from 0 to {n_columns - 1}"
        raise ValueError(message)
    if len(starts) != matrix.shape[0] + 1 or starts[0] != 0 or bool((np.diff(starts) < 0).any()):
        message = "indptr must be a non-decreasing sequence from 0"
        raise ValueError(message)


def _tidied(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    """Return a matrix without stored zeros, its columns in order."""
    if not is_large(matrix):
        matrix.eliminate_zeros()
        matrix.sort_indices()
        return matrix
    if all(block.data.all() and block.has_sorted_indices for block in blocks(matrix)):
        return matrix
    return by_rows(matrix, _tidied)


def assemble(
    matrix: sparse.spmatrix,
    genes: Sequence[str],
    obs: pd.DataFrame,
    *,
    title: str,
    where: str,
    told: ToldValues | None = None,
    match: GeneMatch | None = None,
    species: str | None = None,
    embedding: np.ndarray | None = None,
    labels: Sequence[str] = (),
    ids: Sequence[str] = (),
    notes: Sequence[str] = (),
    left_out: Sequence[LeftOut] = (),
    reading: Reading = NOTHING_GUESSED,
) -> Dataset:
    """Check a matrix with its names and make it a Dataset.

    Parameters
    ----------
    matrix
        Cells x genes.
    genes, obs
        Gene names, and cell metadata with the cell names as index.
    title
        Title of the dataset.
    where
        The matrix's name in messages.
    told, match
        What the values and names are, if they are known already; else found from the values and names.
    species
        As in `grn_core.genes.match_genes`.
    embedding, notes
        As in `Dataset`.
    labels, ids
        What else the file calls each of `genes`: symbols, Ensembl ids; empty where there is nothing else.
    left_out
        What the reader left out already; features whose names are none of genes are left out here.
    reading
        What the reader guessed.
    """
    notes = list(notes)
    check_size(matrix.shape[0])
    check_indices(matrix, where=where)
    match = match or match_genes(genes, species=species)
    check_genes(match, where=where)
    genes = match.names
    why = reasons(genes)
    for place in match.other_genome:
        why[place] = OTHER_GENOME
    kept, more = sifted(genes, why)
    if more and kept.any():
        matrix, left_out = by_rows(sparse.csr_matrix(matrix), lambda rows: rows[:, kept]), (*left_out, *more)
        match = match.take(np.flatnonzero(kept).tolist())
        genes, labels, ids = (tuple(np.asarray(one, dtype=object)[kept]) if one else () for one in (genes, labels, ids))
    notes += note_of(left_out)
    n_cells, n_genes = matrix.shape
    if (n_different := len(set(genes))) < 2:
        message = f"{where} holds {n_different} gene{'' if n_different == 1 else 's'}"
        raise DataError(message, needed="at least 2 genes", todo="check that the whole table was exported")
    if n_cells < MIN_CELLS:
        message = f"{where} holds {n_cells} cell{'' if n_cells == 1 else 's'}"
        todo = (
            "supply the table of single cells, or go on with its genes alone (--genes-only, or the button on the page)"
        )
        needed = f"at least {MIN_CELLS} cells, to measure means and variability"
        few = TooFewCellsError(message, needed=needed, todo=todo)
        order = np.argsort(-np.asarray(sparse.csr_matrix(matrix).sum(0)).ravel(), kind="stable")
        few.genes = tuple(str(genes[place]) for place in order if match.symbols[place] is not None)
        raise few
    matrix = sparse.csr_matrix(matrix, dtype=np.float32)
    if told is None:
        told = kind_of_values(matrix, where=where)
        notes += filter(None, (told.note,))
    names, group = np.unique(np.asarray(genes, dtype=str), return_inverse=True)
    if len(names) < n_genes:
        repeated = names[np.bincount(group) > 1].tolist()
        notes.append(f"{len(repeated):,} gene names occur more than once, e.g. {examples(repeated)}: summed.")
        base = find_kind(told.kind).base
        matrix = by_rows(matrix, lambda rows: sum_columns(rows, group, logged=base is not None, base=base or 1.0))
        first = np.unique(group, return_index=True)[1].tolist()
        genes, match = tuple(names.tolist()), match.take(first)
        labels, ids = together(labels, group.tolist(), joined=False), together(ids, group.tolist(), joined=True)
    matrix = _tidied(matrix)
    obs.index = obs.index.astype(str)
    if not obs.index.is_unique:
        notes.append("Some cell names occur more than once: numbered.")
        copy = obs.groupby(level=0, observed=True).cumcount()
        obs.index = [name if i == 0 else f"{name}-{i}" for name, i in zip(obs.index, copy, strict=True)]
    if n_empty := int((np.diff(matrix.indptr) == 0).sum()):
        notes.append(f"Cells in which every gene is zero: {n_empty:,}.")
    asked = (*about_species(match), *about_values(told, match))
    reading = with_questions(reading, asked, doubts=(match.warning, told.doubt, copies.doubt_of(matrix)))
    return Dataset(
        ref="",
        title=title,
        matrix=matrix,
        genes=tuple(map(str, genes)),
        match=match,
        obs=obs,
        value_kind=told.kind,
        embedding=embedding,
        notes=tuple(dict.fromkeys((*reading.doubts, *match.all_notes, *notes))),
        file_labels=tuple(labels),
        file_ids=tuple(ids),
        left_out=tuple(left_out),
        reading=reading,
    )
