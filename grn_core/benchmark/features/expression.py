"""Measured cells of a test dataset: for co-expression, and for the mean cell that Pert and Attn are read at."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from grn_core.datasets import Dataset, catalog, read
from grn_core.datasets.values import log_cp10k
from grn_core.errors import DataError
from grn_core.genes import match_genes

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
        (cells, G) float64, on a logarithmic scale, as co-expression sees them.
    mean
        (G,) mean over the cells of log1p(CP10k), the scale that models translate to their own units; None where the
        values cannot be brought to it.
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
    """Read the cells of one of BEELINE's datasets, genes x cells.

    The files hold log2(TPM + 1): the mean cell is translated to log1p(CP10k), a hundredth of TPM.

    Parameters
    ----------
    folder
        Holds ``DATASET/ExpressionData.csv``.
    dataset
        E.g. ``hESC``; the first letter says the species.

    Returns
    -------
    Cells or None
        None where there is no such file: not every dataset's cells can be had.

    Raises
    ------
    DataError
        If the file is no table of numbers, or no gene is known.
    """
    path = Path(folder) / dataset / FILE
    if not path.is_file():
        return None
    try:
        table = pd.read_csv(path, index_col=0)
        values = table.to_numpy(dtype=np.float64)
    except (OSError, ValueError) as error:
        message = f"{path} cannot be read as expression ({' '.join(str(error).split())})"
        raise DataError(message, needed="genes x cells, numbers, a header of cell names") from error
    match = match_genes([str(name) for name in table.index], species="human" if dataset.startswith("h") else "mouse")
    row = {symbol: index for index, symbol in reversed(list(enumerate(match.symbols))) if symbol}
    genes = tuple(sorted(row))
    if not genes or not np.isfinite(values).all():
        what = "values that are missing or infinite" if genes else "no gene with a human symbol"
        message = f"{path} has {what}"
        raise DataError(message, needed="log2(TPM + 1) of known genes", todo="check the file")
    values = values[[row[gene] for gene in genes]].T
    return Cells(dataset, genes, values, np.log1p((np.exp2(values) - 1) / 100).mean(0))


def read_beeline_dataset(folder: Path, dataset: str) -> Dataset | None:
    """Read the cells of one of BEELINE's datasets as they are, None where there is no such file; errors as `read`."""
    path = Path(folder) / dataset / FILE
    return read(path, species="human" if dataset.startswith("h") else "mouse") if path.is_file() else None


def cells_of(data: Dataset, *, whole: bool = True) -> Cells:
    """Cells of a dataset; `whole` says that its genes are enough to count a gene against all others."""
    expression = np.asarray(log_cp10k(data.matrix, kind=data.value_kind).toarray(), dtype=np.float64)
    column = {symbol: index for index, symbol in reversed(list(enumerate(data.match.symbols))) if symbol}
    genes = tuple(sorted(column))
    values = expression[:, [column[gene] for gene in genes]]
    return Cells(data.ref, genes, values, values.mean(0) if whole and data.value_kind != "scaled" else None)


def simulated_cells(ref: str) -> Cells:
    """Cells of a curated Boolean model; its few genes are too few to count one against the others."""
    return cells_of(catalog.load(ref), whole=False)


def own_cells(path: Path) -> Cells:
    """Cells of a file that `grn_core.datasets.read` understands; errors as there."""
    return cells_of(read(path))
