"""Cells looked at closely: map, clusters, quality figures and the expression of every gene, kept to be read in pieces.

A worker computes it once (`look`, `save`); a page then reads a figure, or the column of one gene, without the dataset.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse

from grn_core.datasets.dataset import Dataset
from grn_core.datasets.embedding import compute_clusters, drawn_cells
from grn_core.datasets.kinds import ValueKind, find_kind, undo_log
from grn_core.datasets.large import blocks, rows_of
from grn_core.datasets.values import log_cp10k
from grn_core.errors import GeneError
from grn_core.files import write_array, write_json
from grn_core.progress import Progress, silent

MOST_SHOWN = 20_000
"""Cells that are drawn; of more, so many are drawn at random."""
FIGURES = {
    "n_counts": "Counts per cell",
    "n_genes": "Genes per cell",
    "percent_mito": "Percent mitochondrial",
}
"""Quality figure -> what it is called."""
MITOCHONDRIAL = "MT-"
PARTS = ("data", "indices", "indptr")


@dataclass(frozen=True, eq=False)
class CloserLook:
    """What a worker found of the cells of a dataset, in a folder.

    Attributes
    ----------
    folder
        Where it lies.
    """

    folder: Path

    @cached_property
    def points(self) -> np.ndarray:
        """(n_cells, 2) float32, the map."""
        return self._array("embedding")

    @cached_property
    def clusters(self) -> np.ndarray:
        """(n_cells,) int32, number of each cell's cluster, 0 being the largest."""
        return self._array("clusters")

    @cached_property
    def figures(self) -> pd.DataFrame:
        """Quality figures, one row a cell; those that the data do not give are left out."""
        values = self._array("figures")
        found = {name: values[:, column] for column, name in enumerate(FIGURES)}
        return pd.DataFrame({name: column for name, column in found.items() if np.isfinite(column).all()})

    @cached_property
    def shown(self) -> np.ndarray:
        """Numbers of the cells whose expression is kept, ascending: all up to `MOST_SHOWN`."""
        return self._array("shown")

    @cached_property
    def genes(self) -> tuple[str, ...]:
        """Names of the genes as the data have them."""
        return tuple(json.loads((self.folder / "genes.json").read_text(encoding="utf-8")))

    def expression(self, gene: str) -> np.ndarray:
        """Return a gene in the `shown` cells, float32, log1p(CP10k); read from its column alone.

        Raises
        ------
        GeneError
            There is no gene of that name.
        """
        if gene not in self.genes:
            message = f"there is no gene {gene!r} in these cells"
            raise GeneError(message, needed="a gene by its name in the data", todo="choose one of the list")
        data, indices, indptr = (np.load(self.folder / f"genes-{part}.npy", mmap_mode="r") for part in PARTS)
        column = self.genes.index(gene)
        part = slice(int(indptr[column]), int(indptr[column + 1]))
        values = np.zeros(len(self.shown), dtype=np.float32)
        values[indices[part]] = data[part]
        return values

    def _array(self, name: str) -> np.ndarray:
        found: np.ndarray = np.load(self.folder / f"{name}.npy", allow_pickle=False)
        return found


def look(dataset: Dataset, folder: Path, *, resolution: float, seed: int, progress: Progress = silent) -> CloserLook:
    """Compute it all and write it into a folder; the map is written last.

    Parameters
    ----------
    dataset
        At least 10 cells.
    folder
        Exists.
    resolution, seed, progress
        As in `grn_core.datasets.embedding.compute_clusters`.
    """
    write_array(folder / "figures.npy", quality(dataset))
    shown = shown_cells(dataset.n_cells, seed=seed)
    write_array(folder / "shown.npy", shown)
    values = sparse.csc_matrix(log_cp10k(rows_of(dataset.matrix, shown), kind=dataset.value_kind))
    values.sort_indices()
    for part in PARTS:
        write_array(folder / f"genes-{part}.npy", getattr(values, part))
    write_json(folder / "genes.json", list(_names(dataset)))
    clusters, points = compute_clusters(dataset, resolution=resolution, seed=seed, progress=progress)
    write_array(folder / "clusters.npy", clusters)
    write_array(folder / "embedding.npy", points)
    return CloserLook(folder)


def shown_cells(n_cells: int, *, seed: int = 0) -> np.ndarray:
    """Return the numbers of the cells that are drawn, ascending."""
    return drawn_cells(n_cells, MOST_SHOWN, seed=seed)


def quality(dataset: Dataset) -> np.ndarray:
    """Return the quality figures of each cell.

    Returns
    -------
    ndarray
        (n_cells, 3) float32 in the order of `FIGURES`: sum of the counts (NaN unless the values are counts), genes
        above zero, share of the values, logarithms undone, in mitochondrial genes (NaN where the data hold none).
    """
    kind = find_kind(dataset.value_kind)
    mine = [place for place, name in enumerate(dataset.labels) if name.upper().startswith(MITOCHONDRIAL)]
    return np.concatenate([_figures(block, kind, mine) for block in blocks(dataset.matrix)])


def _figures(matrix: sparse.csr_matrix, kind: ValueKind, mitochondrial: list[int]) -> np.ndarray:
    n_cells = matrix.shape[0]
    found = np.full((n_cells, len(FIGURES)), np.nan, dtype=np.float32)
    linear = matrix.copy()
    if kind.base is not None:
        linear.data = undo_log(matrix.data, kind.base).astype(np.float32)
    totals = np.asarray(linear.sum(axis=1, dtype=np.float64)).ravel()
    if kind.name == "counts":
        found[:, 0] = totals
    row = np.repeat(np.arange(n_cells), np.diff(matrix.indptr))
    found[:, 1] = np.bincount(row[matrix.data > 0], minlength=n_cells)
    if mitochondrial and kind.name != "scaled":
        inside = np.asarray(linear[:, mitochondrial].sum(axis=1, dtype=np.float64)).ravel()
        found[:, 2] = 100 * np.divide(inside, totals, out=np.zeros_like(totals), where=totals > 0)
    return found


def _names(dataset: Dataset) -> tuple[str, ...]:
    """Return a name for each gene, no two alike: its label, or where others share it what the file calls it."""
    labels = pd.Series(dataset.labels)
    return tuple(np.where(labels.duplicated(keep=False), dataset.genes, labels).tolist())
