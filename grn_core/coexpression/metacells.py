"""Averages of similar cells, over which a method may look for co-expression instead of over single cells."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from grn_core.coexpression.records import MethodOption
from grn_core.errors import RequestError
from grn_core.progress import beside
from grn_core.sums import keep_array, kept_array

COMPONENTS = 20
FEWEST = 10
"""Averages, at least: over fewer nothing can be said."""
STARTS = 3
OPTION = MethodOption(
    name="pooled",
    title="Cells averaged together",
    help="1: every cell by itself. More: metacells, each the average of about so many similar cells; averages have "
    "less noise of sampling, and there are fewer of them. Averages of ten ranked known edges no better than single "
    "cells, by Pearson's correlation on three data sets; other numbers, and Spearman, were not measured.",
    default=1,
    choices=(1, 5, 10, 20, 50),
    later=True,
    package="scikit-learn",
)


def averaged(
    values: np.ndarray, size: int, *, listen: Callable[[], object] = lambda: None, folder: Path | None = None
) -> np.ndarray:
    """Average similar cells: k-means on the first principal components, seed 0.

    Parameters
    ----------
    values
        (cells, genes).
    size
        About how many cells are averaged; 1 leaves every cell for itself.
    listen
        Called several times a second; may raise `Cancelled`.
    folder
        Where the groups of cells are kept once they are found; there they are taken from.

    Returns
    -------
    ndarray
        (averages, genes), 10 of them at least, or the cells themselves where there are no more than that.

    Raises
    ------
    RequestError
        There are fewer cells than are to be averaged.
    """
    if size > len(values):
        message = f"{size:,} cells are to be averaged together, of {len(values):,}"
        todo = "average fewer (--pooled), or choose more cells"
        raise RequestError(message, needed=f"1 to {len(values):,}", todo=todo)
    n_groups = max(FEWEST, len(values) // size)
    if size <= 1 or n_groups >= len(values):
        return values
    path = None if folder is None else folder / f"{_digest(values, size)}-groups.npy"
    group = None if path is None else kept_array(path, shape=(len(values),), dtype=np.int32)
    if group is None:
        group = beside(lambda: _groups(values, n_groups), listen)
        if path is not None:
            keep_array(path, group)
    return np.stack([values[group == one].mean(0) for one in np.unique(group)])


def _groups(values: np.ndarray, n_groups: int) -> np.ndarray:
    """Return the group of each cell, (cells,) int32."""
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):  # which of the caller's limits hold in this thread depends on the library
        left, spread, _ = np.linalg.svd(values - values.mean(0), full_matrices=False)
        place = left[:, :COMPONENTS] * spread[:COMPONENTS]
        found: np.ndarray = KMeans(n_groups, n_init=STARTS, random_state=0).fit_predict(place)
    return found.astype(np.int32, copy=False)


def _digest(values: np.ndarray, size: int) -> str:
    """Hash what decides the groups."""
    found = hashlib.sha256(f"{values.shape} {size}".encode())
    found.update(np.ascontiguousarray(values).data)
    return found.hexdigest()[:16]


def averaging_seconds(n_cells: int, n_genes: int, size: int) -> float:
    """Foretell how long the averaging takes, from measurements of up to 6,000 cells and 1,000 genes."""
    if size <= 1:
        return 0.0
    return 4e-10 * n_cells * min(n_cells, n_genes) * n_genes + 5e-7 * n_cells * n_cells / size


def averaging_bytes(n_cells: int, n_genes: int, *, pooled: int = 1) -> float:
    """Foretell the bytes held for the averaging: cells without their mean, a copy of them, and their components."""
    if pooled <= 1:
        return 0.0
    return 8.0 * n_cells * (2 * n_genes + min(n_cells, n_genes))
