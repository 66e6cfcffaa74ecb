"""Read one edge in measured cells: how often its two genes are seen together, and how the target follows the source."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from grn_core.errors import DataError

BINS = 8
"""Bins of equal size into which the cells that express the source are sorted by its level."""

LEAST = 10
"""A bin of fewer cells than this says nothing: there are then fewer bins."""


@dataclass(frozen=True, eq=False)
class CellReading:
    """What the cells say of one pair of genes. Levels are log1p(CP10k).

    Attributes
    ----------
    n_cells
        Number of cells.
    both, source_only, target_only, neither
        Cells in which the genes are seen (above 0).
    mean_with, mean_without
        Mean of the target in the cells in which the source is seen, and in the others; None where there is no cell.
    level, mean, error
        The target along the source: mean level of the source, mean of the target and its standard error in the cells
        without the source (if there are any), then in bins of rising level of the source.
    """

    n_cells: int
    both: int
    source_only: int
    target_only: int
    neither: int
    mean_with: float | None
    mean_without: float | None
    level: np.ndarray
    mean: np.ndarray
    error: np.ndarray


def read_cells(source: np.ndarray, target: np.ndarray) -> CellReading:
    """Read a pair of genes over the same cells.

    Parameters
    ----------
    source, target
        Expression of the two genes, shape (cells,), log1p(CP10k).

    Raises
    ------
    DataError
        The two do not fit each other, there is no cell, or a value is not a finite number.
    """
    x, y = (np.asarray(values, dtype=float) for values in (source, target))
    if x.shape != y.shape or x.ndim != 1 or not x.size or not np.isfinite([x, y]).all():
        message = f"source and target have the shapes {x.shape} and {y.shape}, or values that are not finite"
        raise DataError(message, needed="finite numbers of the same cells", todo="run the inference again")
    seen, answers = x > 0, y > 0
    groups = [np.flatnonzero(~seen)] if (~seen).any() else []
    order = np.flatnonzero(seen)
    if len(order):
        order = order[np.argsort(x[order], kind="stable")]
        groups += np.array_split(order, max(1, min(BINS, len(order) // LEAST)))
    return CellReading(
        n_cells=len(x),
        both=int((seen & answers).sum()),
        source_only=int((seen & ~answers).sum()),
        target_only=int((~seen & answers).sum()),
        neither=int((~seen & ~answers).sum()),
        mean_with=float(y[seen].mean()) if seen.any() else None,
        mean_without=float(y[~seen].mean()) if (~seen).any() else None,
        level=np.array([x[group].mean() for group in groups]),
        mean=np.array([y[group].mean() for group in groups]),
        error=np.array([y[group].std(ddof=1) / np.sqrt(len(group)) if len(group) > 1 else 0.0 for group in groups]),
    )
