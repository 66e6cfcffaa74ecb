"""The cell that extractors of a whole cell are read at, in a benchmark: the mean of the dataset's measured cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from grn_core.benchmark.features.expression import Cells

if TYPE_CHECKING:
    from grn_core.models.interface import FoundationModel


def mean_cell(model: FoundationModel, genes: Sequence[str], cells: Cells | None) -> np.ndarray:
    """Values of genes in the mean measured cell.

    Parameters
    ----------
    model
        Foundation model.
    genes
        L genes of its vocabulary.
    cells
        Measured cells; None where there are none.

    Returns
    -------
    ndarray
        (L,) float32 in the model's units: the mean over the cells where a gene was measured, the model's background
        elsewhere.
    """
    values = np.full(len(genes), model.record.background, dtype=np.float32)
    if cells is not None and cells.mean is not None:
        column = cells.columns(tuple(genes))
        found = column >= 0
        own = np.where(found, cells.mean[column], 0.0)
        values[found] = np.asarray(model.to_units(genes, own), dtype=np.float32)[found]
    return values
