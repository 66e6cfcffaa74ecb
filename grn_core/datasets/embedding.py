"""A UMAP and Leiden clusters for datasets that came without; they take seconds to minutes, so they run in a worker."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from grn_core.datasets.dataset import Dataset
from grn_core.datasets.values import log_cp10k
from grn_core.progress import Progress, silent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anndata import AnnData

N_COMPONENTS, N_NEIGHBOURS = 50, 15  # scanpy's defaults
STEPS = 4


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
        (n_cells, 2) float32 coordinates.
    """
    with _calm():
        return _umap(_with_neighbours(dataset, seed=seed, progress=silent), seed=seed)


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
        (n_cells,) int32, 0 being the largest cluster; (n_cells, 2) float32 coordinates, those of `compute_umap`.
    """
    with _calm():
        data = _with_neighbours(dataset, seed=seed, progress=progress)
        import scanpy

        progress("umap", 2, STEPS)
        scanpy.tl.leiden(
            data, resolution=resolution, random_state=seed, flavor="igraph", n_iterations=2, directed=False
        )
        progress("umap", 3, STEPS)
        points = _umap(data, seed=seed)
    progress("umap", STEPS, STEPS)
    return data.obs["leiden"].astype(int).to_numpy(dtype=np.int32), points


def _with_neighbours(dataset: Dataset, *, seed: int, progress: Progress) -> AnnData:
    import anndata
    import scanpy

    progress("umap", 0, STEPS)
    data = anndata.AnnData(log_cp10k(dataset.matrix, kind=dataset.value_kind).copy())
    n_components = min(N_COMPONENTS, min(data.shape) - 1)
    n_neighbours = min(N_NEIGHBOURS, data.n_obs - 1)
    if n_components > 2:
        scanpy.pp.pca(data, n_comps=n_components, random_state=seed)
    progress("umap", 1, STEPS)
    source = "X_pca" if n_components > 2 else "X"
    scanpy.pp.neighbors(data, n_neighbors=n_neighbours, use_rep=source, random_state=seed)
    return data


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
