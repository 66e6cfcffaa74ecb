"""Partial correlation of TF and target given all other genes, from a shrunk covariance."""

from __future__ import annotations

import numpy as np

from grn_core.coexpression.pearson import standardise
from grn_core.coexpression.records import STAGE, CoexpressionMethod
from grn_core.progress import Progress, silent

LEAST_SHRINKAGE = 1e-6  # so that genes that are copies of each other leave a matrix that can be inverted


def partial_correlation(
    expression: np.ndarray, sources: np.ndarray, *, shrinkage: float | None = None, progress: Progress = silent
) -> np.ndarray:
    """Correlate each source with each gene, with every other gene held fixed.

    The correlation matrix C is shrunk towards the identity by the share that Ledoit and Wolf estimate; with
    P = inverse of C, the partial correlation is ``-P_ij / sqrt(P_ii P_jj)``.

    Parameters
    ----------
    expression
        (cells, genes), every gene varies.
    sources
        (S,) positions of the sources.
    shrinkage
        The share, 0 to 1, where it is not estimated from these cells.
    progress
        Listener.

    Returns
    -------
    ndarray
        (S, genes), row = source, column = target, -1 to 1.
    """
    n_genes = expression.shape[1]
    progress(STAGE, 0, n_genes)
    values = standardise(expression)
    shrinkage = shrinkage_of(values) if shrinkage is None else max(LEAST_SHRINKAGE, shrinkage)
    covariance = (1.0 - shrinkage) * (values.T @ values / len(values)) + shrinkage * np.eye(n_genes)
    precision = np.linalg.inv(covariance)
    scale = np.sqrt(np.diag(precision))
    found: np.ndarray = np.clip(-precision[sources] / np.outer(scale[sources], scale), -1.0, 1.0)
    progress(STAGE, n_genes, n_genes)
    return found


def shrinkage_of(values: np.ndarray) -> float:
    """Return the share that Ledoit and Wolf estimate for standardised genes (cells, genes)."""
    from sklearn.covariance import ledoit_wolf_shrinkage

    return max(LEAST_SHRINKAGE, float(ledoit_wolf_shrinkage(values, assume_centered=True)))


def _seconds(n_cells: int, _n_sources: int, n_genes: int) -> float:
    """Foretell the wall time on two cores, from measurements of up to 10,000 cells and 3,000 genes."""
    return n_cells * n_genes * (3e-8 + 6e-11 * n_genes) + 1.2e-10 * n_genes**3


RECORD = CoexpressionMethod(
    name="partial",
    title="Partial correlation",
    description="Correlation of TF and target that is left when all other genes are held fixed; Ledoit-Wolf shrinkage.",
    limits="Linear and symmetric; depends on which genes are in the list; weak where cells are fewer than genes.",
    reference=(
        "Ledoit and Wolf 2004, Journal of Multivariate Analysis 88:365; "
        "Schäfer and Strimmer 2005, Statistical Applications in Genetics and Molecular Biology 4:32"
    ),
    unit="size of the partial correlation, 0 to 1",
    signed=True,
    directed=False,
    seeded=False,
    function=partial_correlation,
    seconds=_seconds,
)
