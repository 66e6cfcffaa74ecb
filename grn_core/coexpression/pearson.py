"""Pearson correlation of TF and target over the cells."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from grn_core.coexpression.metacells import OPTION, averaged, averaging_bytes, averaging_seconds
from grn_core.coexpression.records import STAGE, CoexpressionMethod
from grn_core.progress import Progress, silent


def standardise(expression: np.ndarray) -> np.ndarray:
    """Bring every column to mean 0 and variance 1 (divisor: number of cells); no column may be constant."""
    centred = expression - expression.mean(axis=0)
    standardised: np.ndarray = centred / np.sqrt(np.square(centred).mean(axis=0))
    return standardised


def pearson(
    expression: np.ndarray,
    sources: np.ndarray,
    *,
    pooled: int = 1,
    folder: Path | None = None,
    progress: Progress = silent,
) -> np.ndarray:
    """Correlate each source with each gene.

    Parameters
    ----------
    expression
        (cells, genes), every gene varies.
    sources
        (S,) positions of the sources.
    pooled
        About how many similar cells are averaged; 1 takes every cell for itself.
    folder
        Where it is kept which cells are similar; None keeps nothing.
    progress
        Listener, called several times a second while similar cells are looked for.

    Returns
    -------
    ndarray
        (S, genes), row = source, column = target, -1 to 1.
    """
    n_genes = expression.shape[1]
    progress(STAGE, 0, n_genes)
    with np.errstate(invalid="ignore", divide="ignore"):  # averages of a gene may be all alike
        cells = averaged(expression, pooled, listen=lambda: progress(STAGE, 0, n_genes), folder=folder)
        values = np.nan_to_num(standardise(cells))
    correlation: np.ndarray = np.clip(values[:, sources].T @ values / len(values), -1.0, 1.0)
    progress(STAGE, n_genes, n_genes)
    return correlation


def _seconds(n_cells: int, n_sources: int, n_genes: int, *, pooled: int = 1) -> float:
    """Foretell the wall time on two cores, from measurements of up to 10,000 cells and 3,000 genes."""
    return n_cells * n_genes * (3e-8 + 1.2e-10 * n_sources) + averaging_seconds(n_cells, n_genes, pooled)


RECORD = CoexpressionMethod(
    name="pearson",
    title="Pearson correlation",
    description="Linear correlation of TF and target over the cells.",
    limits="Symmetric: cannot tell a TF from its target, nor a direct edge from a common cause.",
    reference="Pearson 1895, Proceedings of the Royal Society of London 58:240",
    unit="size of the correlation, 0 to 1",
    signed=True,
    directed=False,
    seeded=False,
    function=pearson,
    seconds=_seconds,
    options=(OPTION,),
    keeps=True,
    held=averaging_bytes,
)
