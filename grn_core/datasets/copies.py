"""Cells that stand in a file more than once, as two exports that were put together leave them."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from grn_core.datasets.large import blocks

FEWEST_GENES = 50
"""Genes that a cell must show to be taken for a copy: cells with few counts are alike by chance."""
MOST_COPIES = 0.02
"""Share of the cells above which it is said."""


def n_copies(matrix: sparse.csr_matrix) -> int:
    """Count the cells whose values are exactly those of a cell before.

    Each row is multiplied by one vector of chance, so that rows are the same if their products are.

    Parameters
    ----------
    matrix
        (cells, genes), columns in order, without stored zeros.
    """
    chance = np.random.default_rng(0).standard_normal(matrix.shape[1])
    marks = np.concatenate([block @ chance for block in blocks(matrix)])
    marks = marks[np.diff(matrix.indptr) >= FEWEST_GENES]
    return len(marks) - len(np.unique(marks))


def doubt_of(matrix: sparse.csr_matrix) -> str:
    """Say that cells are copies of others; "" where few are."""
    found, n_cells = n_copies(matrix), matrix.shape[0]
    if found <= MOST_COPIES * n_cells:
        return ""
    return f"{found:,} of the {n_cells:,} cells are exact copies of others: whatever is counted over cells is too sure."
