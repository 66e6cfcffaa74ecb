"""A long table, a line for each cell and gene with its value, as the table of cells and genes that it means."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import sparse

from grn_core.datasets.formats.table import Table, are_numbers
from grn_core.genes import match_genes
from grn_core.in_words import counted

HALF = 0.5
"""Share of the names that must stand in several lines."""


def widened(table: Table) -> tuple[Table, list[str]]:
    """Return what a long table means, and a sentence on it; any other table as it is.

    Long is a table with a single column of numbers and two of names, genes and cells, of which most genes stand beside
    several cells and most cells beside several genes: a gene's chromosome is no cell. A column that numbers the lines
    is no name.
    """
    sides: list[Sequence[str]] = [*([] if are_numbers(table.rows) else [table.rows]), *table.text.values()]
    if table.matrix.shape[1] != 1 or table.labels or len(sides) != 2:
        return table, []
    codes, names = zip(*(pd.factorize(np.asarray(side, dtype=object)) for side in sides), strict=True)
    pair = codes[0].astype(np.int64) * len(names[1]) + codes[1]
    pairs = np.unique(pair)
    n_pairs, sides_of_pairs = len(pairs), divmod(pairs, len(names[1]))
    if any(np.mean(np.bincount(side) > 1) <= HALF for side in sides_of_pairs):
        return table, []
    are_genes = [match_genes(side.tolist()).recognised for side in names]
    if sum(are_genes) != 1:
        return table, []
    gene, cell = (0, 1) if are_genes[0] else (1, 0)
    values = table.matrix.toarray().ravel()
    shape = len(names[cell]), len(names[gene])
    matrix = sparse.csr_matrix((values, (codes[cell], codes[gene])), shape=shape, dtype=np.float32)
    held = f"{shape[0]:,} cells and {shape[1]:,} genes"
    note = f"The table is long, a line for each cell and gene: {held} were put together."
    again = counted(len(pair) - n_pairs, "line names", "lines name")
    wide = Table(names[cell].tolist(), names[gene].tolist(), matrix, {}, below=table.below)
    summed = [f"{again} a cell and a gene that are there already: summed."] if n_pairs < len(pair) else []
    return wide, [note, *summed]
