"""Spearman correlation of TF and target over the cells."""

from __future__ import annotations

import numpy as np

from grn_core.coexpression.pearson import pearson
from grn_core.coexpression.records import CoexpressionMethod
from grn_core.progress import Progress, silent


def spearman(expression: np.ndarray, sources: np.ndarray, *, progress: Progress = silent) -> np.ndarray:
    """Correlate the ranks of each source with those of each gene; equal values share their mean rank.

    Parameters
    ----------
    expression
        (cells, genes), every gene varies.
    sources
        (S,) positions of the sources.
    progress
        Listener.

    Returns
    -------
    ndarray
        (S, genes), row = source, column = target, -1 to 1.
    """
    from scipy.stats import rankdata

    return pearson(rankdata(expression, axis=0), sources, progress=progress)


RECORD = CoexpressionMethod(
    name="spearman",
    title="Spearman correlation",
    description="Correlation of ranks: any monotone relation counts in full, and outliers count little.",
    limits="Symmetric, as Pearson is; the many cells at zero share one rank.",
    reference="Spearman 1904, American Journal of Psychology 15:72",
    signed=True,
    directed=False,
    seeded=False,
    function=spearman,
)
