"""Measured cells of a test dataset: for co-expression, and for the mean cell that Pert and Attn are read at."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from grn_core.datasets import Dataset, catalog, read
from grn_core.datasets.local import read_named
from grn_core.datasets.values import by_symbol

FILE = "ExpressionData.csv"


@dataclass(frozen=True, eq=False)
class Cells:
    """Measured cells over human symbols.

    Attributes
    ----------
    dataset
        Name of the dataset.
    genes
        G symbols, sorted, no two alike.
    values
        (cells, G) float64 log1p(CP10k), as co-expression sees them; names that share a symbol are summed.
    mean
        (G,) mean of `values` over the cells, the scale that models translate to their own units; None where the values
        cannot be brought to it.
    """

    dataset: str
    genes: tuple[str, ...]
    values: np.ndarray
    mean: np.ndarray | None

    @cached_property
    def sha(self) -> str:
        """Hash of names and values."""
        whole = hashlib.sha256("\n".join(self.genes).encode())
        for array in (self.values, np.empty(0) if self.mean is None else self.mean):
            whole.update(np.ascontiguousarray(array, dtype="<f8").tobytes())
        return whole.hexdigest()

    def columns(self, genes: tuple[str, ...]) -> np.ndarray:
        """Column of each gene of a list, -1 for those that were not measured."""
        position = {gene: index for index, gene in enumerate(self.genes)}
        return np.array([position.get(gene, -1) for gene in genes], dtype=np.int64)


def read_beeline_cells(folder: Path, dataset: str) -> Cells | None:
    """Read the cells of one of BEELINE's datasets, as `read_beeline_dataset`, over human symbols."""
    found = read_beeline_dataset(folder, dataset)
    return None if found is None else replace(cells_of(found), dataset=dataset)


def read_beeline_dataset(folder: Path, dataset: str) -> Dataset | None:
    """Read the cells of one of BEELINE's datasets, genes x cells.

    The tables hold log2(TPM + 1), also where they hold some of the genes only.

    Parameters
    ----------
    folder
        Holds ``DATASET/ExpressionData.csv``.
    dataset
        E.g. ``hESC``; the first letter says the species.

    Returns
    -------
    Dataset or None
        None where there is no such file: not every dataset's cells can be had.

    Raises
    ------
    DataError, GeneError
        As `grn_core.datasets.read`.
    """
    path = Path(folder) / dataset / FILE
    if not path.is_file():
        return None
    species = "human" if dataset.startswith("h") else "mouse"
    return read(path, species=species, values="log2", orientation="genes-in-rows")


def cells_of(data: Dataset, *, whole: bool = True) -> Cells:
    """Cells of a dataset; `whole` says that its genes are enough to count a gene against all others."""
    genes, expression = by_symbol(data.matrix, data.match.symbols, kind=data.value_kind)
    values = expression.toarray().astype(np.float64)
    return Cells(data.ref, genes, values, values.mean(0) if whole and data.value_kind != "scaled" else None)


def simulated_cells(ref: str) -> Cells:
    """Cells of a curated Boolean model; its few genes are too few to count one against the others."""
    return cells_of(catalog.load(ref), whole=False)


def own_cells(path: Path) -> Cells:
    """Cells of a file, named by its path or by the ref that holds the user's word; errors of `read_named`."""
    return cells_of(read_named(str(path)))
