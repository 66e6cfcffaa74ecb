"""Spearman correlation of TF and target over the cells."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from grn_core.coexpression.metacells import OPTION, averaged, averaging_bytes, averaging_seconds
from grn_core.coexpression.pearson import pearson
from grn_core.coexpression.records import STAGE, CoexpressionMethod
from grn_core.progress import Progress, silent


def spearman(
    expression: np.ndarray,
    sources: np.ndarray,
    *,
    pooled: int = 1,
    folder: Path | None = None,
    progress: Progress = silent,
) -> np.ndarray:
    """Correlate the ranks of each source with those of each gene; equal values share their mean rank.

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
    from scipy.stats import rankdata

    n_genes = expression.shape[1]
    progress(STAGE, 0, n_genes)
    cells = averaged(expression, pooled, listen=lambda: progress(STAGE, 0, n_genes), folder=folder)
    return pearson(rankdata(cells, axis=0), sources, progress=progress)


def _seconds(n_cells: int, n_sources: int, n_genes: int, *, pooled: int = 1) -> float:
    """Foretell the wall time on two cores, from measurements of up to 10,000 cells and 3,000 genes."""
    return n_cells * n_genes * (1.7e-7 + 1.2e-10 * n_sources) + averaging_seconds(n_cells, n_genes, pooled)


RECORD = CoexpressionMethod(
    name="spearman",
    title="Spearman correlation",
    description="Correlation of ranks: any monotone relation counts in full, and outliers count little.",
    limits="Symmetric, as Pearson is; the many cells at zero share one rank.",
    reference="Spearman 1904, American Journal of Psychology 15:72",
    unit="size of the rank correlation, 0 to 1",
    signed=True,
    directed=False,
    seeded=False,
    function=spearman,
    seconds=_seconds,
    options=(OPTION,),
    keeps=True,
    held=averaging_bytes,
)
