"""The measured cells of a panel: one column for each of its genes, in its order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import sparse

from grn_core.datasets.dataset import Dataset
from grn_core.datasets.large import blocks, rows_of
from grn_core.datasets.panel import GenePanel, examples
from grn_core.datasets.values import grouped, groups_of
from grn_core.errors import GeneError

UNITS = "log1p of counts per 10,000"


def expression(dataset: Dataset, panel: GenePanel, cells: np.ndarray | None = None) -> sparse.csr_matrix:
    """Return the expression of a panel's genes in a dataset's cells.

    Parameters
    ----------
    dataset
        Measured cells. Scaling to 10,000 counts a cell is by all genes of the file, not by those of the panel alone.
    panel
        Genes by canonical symbol; every one must be in the dataset.
    cells
        (n_cells,) bool, which cells; None takes all.

    Returns
    -------
    csr_matrix
        (chosen cells, genes) float32, log1p(CP10k) (values as given where they are scaled), columns in the order of
        ``panel.genes``; names that share a symbol are summed, as they are for the panel's means.

    Raises
    ------
    DataError
        If the mask does not fit the cells.
    GeneError
        If a gene of the panel is not in the dataset.
    """
    mask = dataset.mask_of(cells)
    absent = sorted(set(panel.genes) - set(dataset.match.symbols))
    if absent:
        message = f"{len(absent)} genes of the panel are not in the data, e.g. {examples(absent)}"
        raise GeneError(message, needed="a panel of this dataset", todo="choose the panel from these data")
    group, n_genes = groups_of(dataset.match.symbols, panel.genes), len(panel.genes)
    chosen = blocks(dataset.matrix, None if mask.all() else mask)
    parts = [grouped(block, group, kind=dataset.value_kind, n_groups=n_genes) for block in chosen]
    return parts[0] if len(parts) == 1 else sparse.vstack(parts, format="csr")


def genes_in_cells(dataset: Dataset, symbols: Sequence[str], cells: np.ndarray) -> np.ndarray:
    """Return a few genes in some cells, dense.

    Parameters
    ----------
    dataset
        Measured cells.
    symbols
        Canonical symbols; every one must be in the dataset.
    cells
        (n,) numbers of the cells, in the order that is wanted.

    Returns
    -------
    numpy.ndarray
        float32 (genes, n), as of `expression`.

    Raises
    ------
    GeneError
        A gene is not in the dataset.
    """
    absent = sorted(set(symbols) - set(dataset.match.symbols))
    if absent:
        message = f"{examples(absent)} is not in the data"
        raise GeneError(message, needed="genes of this dataset", todo="choose others")
    group = groups_of(dataset.match.symbols, symbols)
    found = grouped(rows_of(dataset.matrix, cells), group, kind=dataset.value_kind, n_groups=len(symbols))
    return np.ascontiguousarray(found.toarray().T, dtype=np.float32)


def units(dataset: Dataset) -> str:
    """Return in words what the values of `expression` are."""
    if dataset.truth is not None:
        return "log1p of simulated mRNA levels"
    return {"lognorm": "log-normalised, as in the file", "scaled": "scaled, as in the file"}.get(
        dataset.value_kind, UNITS
    )
