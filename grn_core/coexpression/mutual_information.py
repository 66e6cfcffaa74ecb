"""Mutual information of TF and target over the cells, on ranks in bins."""

from __future__ import annotations

import math

import numpy as np
from scipy import sparse

from grn_core.coexpression.records import STAGE, CoexpressionMethod
from grn_core.progress import Progress, silent


def rank_bins(expression: np.ndarray, *, n_bins: int) -> np.ndarray:
    """Put each gene's cells into bins of equal size by rank.

    Equal values always share a bin, that of the lowest of their ranks: the cells at zero are never torn apart.

    Parameters
    ----------
    expression
        (cells, genes).
    n_bins
        Number of bins; fewer are filled where values are tied.

    Returns
    -------
    ndarray
        (cells, genes) int, 0 to n_bins - 1.
    """
    from scipy.stats import rankdata

    below: np.ndarray = rankdata(expression, method="min", axis=0) - 1
    bins: np.ndarray = np.floor(n_bins * below / len(expression)).astype(np.int64)
    return bins


def mutual_information(expression: np.ndarray, sources: np.ndarray, *, progress: Progress = silent) -> np.ndarray:
    """Measure what knowing the source's bin tells about each gene's bin.

    Parameters
    ----------
    expression
        (cells, genes), every gene varies.
    sources
        (S,) positions of the sources.
    progress
        Listener, called after each target; may raise to stop.

    Returns
    -------
    ndarray
        (S, genes), row = source, column = target, in nats, from 0; the plug-in estimate with ``cells ** (1/3)`` bins.
    """
    n_cells, n_genes = expression.shape
    n_bins = max(2, round(n_cells ** (1 / 3)))
    bins = rank_bins(expression, n_bins=n_bins)
    indicator = _indicator(bins[:, sources], n_bins=n_bins)
    result = np.empty((len(sources), n_genes))
    for target in range(n_genes):
        progress(STAGE, target, n_genes)
        counts = indicator @ np.eye(n_bins)[bins[:, target]]
        result[:, target] = _information(counts.reshape(len(sources), n_bins, n_bins) / n_cells)
    progress(STAGE, n_genes, n_genes)
    return result


def _indicator(bins: np.ndarray, *, n_bins: int) -> sparse.csr_matrix:
    """Return (S * n_bins, cells): 1 where a source of `bins` (cells, S) has that bin in that cell."""
    n_cells, n_sources = bins.shape
    row = bins + n_bins * np.arange(n_sources)
    cell = np.broadcast_to(np.arange(n_cells)[:, None], bins.shape)
    return sparse.csr_matrix((np.ones(bins.size), (row.ravel(), cell.ravel())), shape=(n_sources * n_bins, n_cells))


def _information(joint: np.ndarray) -> np.ndarray:
    """Return (S,) the mutual information of joint distributions (S, source bin, target bin)."""
    alone = joint.sum(axis=2, keepdims=True) * joint.sum(axis=1, keepdims=True)
    ratio = np.divide(joint, alone, out=np.ones_like(joint), where=joint > 0)
    found: np.ndarray = np.maximum((joint * np.log(ratio)).sum(axis=(1, 2)), 0.0)
    return found


def _seconds(n_cells: int, n_sources: int, n_genes: int) -> float:
    """Foretell the wall time on two cores, from measurements of up to 10,000 cells and 3,000 genes."""
    return n_genes * n_sources * 4e-10 * math.pow(n_cells, 4 / 3) + 1.7e-7 * n_cells * n_genes


RECORD = CoexpressionMethod(
    name="mutual-information",
    title="Mutual information",
    description="How much the level of the TF tells about the level of the target, by any relation, in bins of ranks.",
    limits="Symmetric and without sign; the plug-in estimate is never quite 0 and too high when cells are few.",
    reference="Butte and Kohane 2000, Pacific Symposium on Biocomputing 5:418",
    unit="nats, from 0",
    signed=False,
    directed=False,
    seeded=False,
    function=mutual_information,
    seconds=_seconds,
)
