"""Score TF-target pairs by a co-expression method: checks, canonical order, and the ranked edge table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse

from grn_core.coexpression.parts import in_parts
from grn_core.coexpression.registry import find_method, resolved
from grn_core.coexpression.remote import Question
from grn_core.errors import DataError, GeneError, RequestError
from grn_core.executors import HERE, Executor
from grn_core.networks import GeneNames, edge_table
from grn_core.networks.signs import score_signs
from grn_core.progress import Progress, silent

STILL = 1e-6  # a gene whose values differ by less than this share of them is constant, but for rounding to float32
MIN_CELLS = 10  # as for a dataset: below this, nothing can be said over cells


def score_pairs(
    expression: np.ndarray | sparse.spmatrix,
    genes: Sequence[str],
    sources: Sequence[int],
    *,
    method: str,
    seed: int = 0,
    options: Mapping[str, int] | None = None,
    folder: Path | None = None,
    progress: Progress = silent,
    executor: Executor = HERE,
) -> np.ndarray:
    """Score every source-gene pair by a co-expression method.

    The method sees genes sorted by name and cells sorted by value, and runs on one thread where threads could change
    the sums: neither the order of genes or cells nor the number of threads changes any result. A symmetric method
    scores two sources exactly alike either way. Genes that do not vary are left out and score 0.

    Parameters
    ----------
    expression
        (cells, genes) log1p(CP10k), dense or sparse.
    genes
        Name of each column, no two alike.
    sources
        S positions of the sources in `genes`, no two alike.
    method
        A name out of `METHODS`.
    seed
        Seed of the random draws, where there are any.
    options
        Options of the method by name, see its record; their defaults if None.
    folder
        Where a long method keeps the targets that it has finished; those found there are not computed again.
    progress
        Listener, called after each target or block of targets; may raise `Cancelled` to stop.
    executor
        What computes the targets that are kept in a folder; the scores are the same.

    Returns
    -------
    ndarray
        (S, genes) float64, row = source, column = target, in the order given; the higher, the stronger, below 0 for
        repression where the method is signed; 0 for a gene with itself.

    Raises
    ------
    RequestError
        If there is no such method or option, or names or sources do not fit the columns.
    GeneError
        If there is no source or only one gene.
    DataError
        If there are fewer than 10 cells or values that are not finite.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        return scored(
            expression,
            genes,
            sources,
            method=method,
            seed=seed,
            options=options,
            folder=folder,
            progress=progress,
            executor=executor,
        )


def scored(
    expression: np.ndarray | sparse.spmatrix,
    genes: Sequence[str],
    sources: Sequence[int],
    *,
    method: str,
    seed: int = 0,
    options: Mapping[str, int] | None = None,
    folder: Path | None = None,
    progress: Progress = silent,
    executor: Executor = HERE,
) -> np.ndarray:
    """Do what `score_pairs` says on as many threads as the caller allows: who scores many times limits them once."""
    record, chosen = find_method(method), resolved(method, options)
    values, rows = _checked(expression, genes, sources)
    order = np.array(sorted(range(len(genes)), key=lambda position: genes[position]))
    moving = order[varying(values)[order]]
    place = np.full(len(genes), -1)
    place[moving] = np.arange(len(moving))
    able = np.flatnonzero(place[rows] >= 0)
    able = able[np.argsort(place[rows[able]])]
    result = np.zeros((len(rows), len(genes)))
    if len(able) and len(moving) > 1:
        names = [genes[position] for position in moving]
        own = place[rows[able]]
        cells = _sorted_cells(values[:, moving], own)
        question = Question(cells=cells, sources=own, names=names, method=method, seed=seed, options=chosen)
        compute = question.function()
        if record.targets_at_once is not None and folder is not None:
            found = in_parts(
                compute,
                (len(own), len(names)),
                at_once=record.targets_at_once(len(own)),
                given=question.parcel,
                folder=folder,
                key=question.digest(),
                progress=progress,
                executor=executor,
            )
        elif record.keeps:
            found = compute(progress=progress, folder=folder)
        else:
            found = compute(progress=progress)
        result[np.ix_(able, moving)] = found if record.directed else _either_way(found, own)
    result[np.arange(len(rows)), rows] = 0.0
    return result


def varying(values: np.ndarray) -> np.ndarray:
    """Tell which genes are not the same in all cells, but for rounding: (genes,) bool of values (cells, genes)."""
    found: np.ndarray = np.ptp(values, axis=0) > STILL * np.abs(values).max(axis=0)
    return found


def run(
    expression: np.ndarray | sparse.spmatrix,
    genes: Sequence[str],
    sources: Sequence[int],
    *,
    method: str,
    seed: int = 0,
    options: Mapping[str, int] | None = None,
    names: GeneNames | None = None,
    folder: Path | None = None,
    progress: Progress = silent,
    executor: Executor = HERE,
) -> pd.DataFrame:
    """Score and rank every source-target pair by a co-expression method.

    Parameters
    ----------
    expression, genes, sources, method, seed, options, folder, progress, executor
        As in `score_pairs`.
    names
        Names of the genes in the order of the columns; `genes` themselves if None.

    Returns
    -------
    DataFrame
        See `grn_core.networks.edge_table`: ``score`` is the size, never below 0, in the method's own unit; ``sign`` is
        0 where the method has no sign or the score is only rounding; there is no probability. Best first; self pairs
        absent.

    Raises
    ------
    RequestError, GeneError, DataError
        As in `score_pairs`.
    """
    scores = score_pairs(
        expression,
        genes,
        sources,
        method=method,
        seed=seed,
        options=options,
        folder=folder,
        progress=progress,
        executor=executor,
    )
    own = np.asarray(sources, dtype=np.int64)
    row, target = np.nonzero(np.arange(len(genes))[None] != own[:, None])
    value = scores[row, target]
    return edge_table(
        own[row],
        target,
        np.abs(value),
        genes=GeneNames.plain(genes) if names is None else names,
        sign=score_signs(value) if find_method(method).signed else None,
        directed=find_method(method).directed,
    )


def _checked(
    expression: np.ndarray | sparse.spmatrix, genes: Sequence[str], sources: Sequence[int]
) -> tuple[np.ndarray, np.ndarray]:
    """Return expression as a dense float64 array and sources as positions, if they fit each other."""
    dense = expression.toarray() if isinstance(expression, sparse.spmatrix | sparse.sparray) else expression
    values = np.asarray(dense, dtype=np.float64)
    if values.ndim != 2 or values.shape[1] != len(genes):
        message = f"expression of shape {values.shape} does not fit {len(genes)} gene names"
        raise RequestError(message, needed="cells in rows and one column for each gene", todo="transpose or rename")
    if len(set(genes)) < len(genes):
        message = f"{len(genes) - len(set(genes))} gene names occur more than once"
        raise RequestError(message, needed="a name of its own for each gene", todo="sum or rename the columns")
    if len(genes) < 2:
        message = f"there is no pair in {len(genes)} gene"
        raise GeneError(message, needed="at least 2 genes", todo="choose more genes")
    if len(values) < MIN_CELLS:
        message = f"there are {len(values)} cells"
        raise DataError(message, needed=f"at least {MIN_CELLS} cells", todo="choose more cells, or use a model's edges")
    if not np.isfinite(values).all():
        message = f"{int((~np.isfinite(values)).sum()):,} expression values are missing or infinite"
        raise DataError(message, needed="a number for every gene in every cell", todo="check how they were made")
    rows = np.array(list(sources))
    if not len(rows):
        message = "there is no source"
        raise GeneError(message, needed="at least one TF", todo="add TFs to the genes, or give a TF list of your own")
    if rows.dtype.kind not in "iu" or rows.min() < 0 or rows.max() >= len(genes) or len(set(rows)) < len(rows):
        message = "the sources are not positions of genes, each once"
        raise RequestError(message, needed=f"whole numbers from 0 to {len(genes) - 1}", todo="name each source once")
    return values, rows


def _either_way(scores: np.ndarray, sources: np.ndarray) -> np.ndarray:
    """Give two sources one score, that of the earlier: sums of another order may end in other last digits."""
    between = np.triu(scores[:, sources], 1)
    either = scores.copy()
    either[:, sources] = between + between.T
    return either


def _sorted_cells(values: np.ndarray, sources: np.ndarray) -> np.ndarray:
    """Sort the rows by their bytes, the sources' first: a fixed order, which targets decide only where sources tie."""
    values = np.ascontiguousarray(values) + 0.0  # -0 becomes 0
    rows = np.ascontiguousarray(np.hstack([values[:, sources], np.delete(values, sources, axis=1)]))
    keys = rows.view(np.dtype((np.void, rows.itemsize * rows.shape[1]))).ravel()
    return values[np.argsort(keys, kind="stable")]
