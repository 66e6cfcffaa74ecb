"""A UMAP and Leiden clusters for datasets that came without; they take seconds to minutes, so they run in a worker."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from grn_core.datasets.dataset import Dataset
from grn_core.datasets.large import blocks, rows_of
from grn_core.datasets.values import log_cp10k
from grn_core.progress import Progress, silent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anndata import AnnData

N_COMPONENTS, N_NEIGHBOURS = 50, 15  # scanpy's defaults
STEPS = 4
MOST_MAPPED = 20_000
"""Cells of which a map is computed; of more, so many are drawn at random, and the others have the places of these."""
AT_ONCE = 1000
"""Cells whose nearest mapped cell is looked for at a time."""


def compute_umap(dataset: Dataset, *, seed: int = 0) -> np.ndarray:
    """Compute a UMAP by scanpy: log1p(CP10k) where the values are counts, PCA, neighbours, UMAP.

    Parameters
    ----------
    dataset
        At least 10 cells.
    seed
        Decides every draw.

    Returns
    -------
    ndarray
        (n_cells, 2) float32 coordinates; beyond `MOST_MAPPED` cells those that are not drawn lie where the drawn cell
        with the most similar expression (principal components) lies.
    """
    with _calm():
        mapped = drawn_cells(dataset.n_cells, MOST_MAPPED, seed=seed)
        data = _with_neighbours(dataset, mapped, seed=seed, progress=silent)
        points: np.ndarray = _umap(data, seed=seed)[_nearest(dataset, mapped, data)]
        return points


def compute_clusters(
    dataset: Dataset, *, resolution: float = 1.0, seed: int = 0, progress: Progress = silent
) -> tuple[np.ndarray, np.ndarray]:
    """Compute Leiden clusters and a UMAP on one graph of neighbours, by scanpy and igraph.

    Parameters
    ----------
    dataset
        At least 10 cells.
    resolution
        The higher, the more clusters.
    seed
        Decides every draw.
    progress
        Listener, stage ``umap``, called between the steps; may raise `Cancelled`.

    Returns
    -------
    clusters, points
        (n_cells,) int32, 0 being the largest cluster; (n_cells, 2) float32 coordinates, those of `compute_umap`. Cells
        that were not drawn have the cluster, too, of the nearest cell that was.
    """
    with _calm():
        mapped = drawn_cells(dataset.n_cells, MOST_MAPPED, seed=seed)
        data = _with_neighbours(dataset, mapped, seed=seed, progress=progress)
        import scanpy

        progress("umap", 2, STEPS)
        scanpy.tl.leiden(
            data, resolution=resolution, random_state=seed, flavor="igraph", n_iterations=2, directed=False
        )
        progress("umap", 3, STEPS)
        nearest = _nearest(dataset, mapped, data)
        points = _umap(data, seed=seed)[nearest]
    progress("umap", STEPS, STEPS)
    clusters = data.obs["leiden"].astype(int).to_numpy(dtype=np.int32)[nearest]
    sizes = np.bincount(clusters)
    return np.argsort(np.argsort(-sizes, kind="stable")).astype(np.int32)[clusters], points


def drawn_cells(n_cells: int, most: int, *, seed: int) -> np.ndarray:
    """Return the numbers of at most so many cells, drawn at random, ascending; all where there are no more."""
    if n_cells <= most:
        return np.arange(n_cells)
    return np.sort(np.random.default_rng(seed).choice(n_cells, most, replace=False))


def _with_neighbours(dataset: Dataset, cells: np.ndarray, *, seed: int, progress: Progress) -> AnnData:
    import anndata
    import scanpy

    progress("umap", 0, STEPS)
    part = dataset.matrix if len(cells) == dataset.n_cells else rows_of(dataset.matrix, cells)
    data = anndata.AnnData(log_cp10k(part, kind=dataset.value_kind).copy())
    n_components = min(N_COMPONENTS, min(data.shape) - 1)
    n_neighbours = min(N_NEIGHBOURS, data.n_obs - 1)
    if n_components > 2:
        scanpy.pp.pca(data, n_comps=n_components, random_state=seed)
    progress("umap", 1, STEPS)
    source = "X_pca" if n_components > 2 else "X"
    scanpy.pp.neighbors(data, n_neighbors=n_neighbours, use_rep=source, random_state=seed)
    return data


def _nearest(dataset: Dataset, mapped: np.ndarray, data: AnnData) -> np.ndarray:
    """Return the row in `data` of the mapped cell that is nearest to each cell of the dataset, (cells,)."""
    if len(mapped) == dataset.n_cells:
        return np.arange(dataset.n_cells)
    known = data.obsm["X_pca"] if "X_pca" in data.obsm else data.X.toarray()
    axes = data.varm["PCs"] if "X_pca" in data.obsm else np.eye(data.n_vars)
    centre = np.asarray(data.X.mean(axis=0)).ravel() @ axes if "X_pca" in data.obsm else np.zeros(data.n_vars)
    known, size = known.astype(np.float32), (known.astype(np.float32) ** 2).sum(axis=1)
    found: list[np.ndarray] = []
    for block in blocks(dataset.matrix):
        places = (log_cp10k(block, kind=dataset.value_kind) @ axes - centre).astype(np.float32)
        parts = (places[start : start + AT_ONCE] for start in range(0, len(places), AT_ONCE))
        found += [np.argmin(size - 2 * part @ known.T, axis=1) for part in parts]
    nearest: np.ndarray = np.concatenate(found)
    nearest[mapped] = np.arange(len(mapped))
    return nearest


def _umap(data: AnnData, *, seed: int) -> np.ndarray:
    import scanpy

    scanpy.tl.umap(data, random_state=seed)
    return np.asarray(data.obsm["X_umap"], dtype=np.float32)


@contextmanager
def _calm() -> Iterator[None]:
    """Keep the libraries' own news; the result is checked by shape."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
