"""A UMAP for datasets that came without one; takes seconds to minutes, so it runs in a worker."""

from __future__ import annotations

import warnings

import numpy as np

from grn_core.datasets.dataset import Dataset
from grn_core.datasets.values import log_cp10k

N_COMPONENTS, N_NEIGHBOURS = 50, 15  # scanpy's defaults


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
    import anndata
    import scanpy

    data = anndata.AnnData(log_cp10k(dataset.matrix, kind=dataset.value_kind).copy())
    n_components = min(N_COMPONENTS, min(data.shape) - 1)
    n_neighbours = min(N_NEIGHBOURS, data.n_obs - 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the libraries' own news; the result is checked by shape
        if n_components > 2:
            scanpy.pp.pca(data, n_comps=n_components, random_state=seed)
        source = "X_pca" if n_components > 2 else "X"
        scanpy.pp.neighbors(data, n_neighbors=n_neighbours, use_rep=source, random_state=seed)
        scanpy.tl.umap(data, random_state=seed)
    return np.asarray(data.obsm["X_umap"], dtype=np.float32)
