"""Long work in parts of a few targets, each on disk as soon as it is done: a cancel or a crash loses at most one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from grn_core.coexpression.records import STAGE
from grn_core.progress import Progress
from grn_core.sums import keep_array, kept_array

TARGETS_AT_ONCE = 20


def in_parts(
    compute: Callable[..., np.ndarray], shape: tuple[int, int], *, folder: Path, key: str, progress: Progress
) -> np.ndarray:
    """Compute the columns of a matrix part by part, and keep finished parts.

    Parameters
    ----------
    compute
        ``compute(targets=..., progress=...)`` returns the columns of some targets, (S, T).
    shape
        (S, genes) of the whole.
    folder
        Where parts go; those found there under the same `key` are not computed again.
    key
        Hash of everything that decides the matrix.
    progress
        Listener: finished targets of all.
    """
    n_sources, n_genes = shape
    found = []
    for first in range(0, n_genes, TARGETS_AT_ONCE):
        targets = np.arange(first, min(first + TARGETS_AT_ONCE, n_genes))
        path = folder / f"{key[:16]}-{first:05d}.npy"
        part = kept_array(path, shape=(n_sources, len(targets)), dtype=np.float64)
        if part is None:
            part = compute(targets=targets, progress=_moved(progress, first, n_genes))
            keep_array(path, part)
        else:
            progress(STAGE, int(targets[-1]) + 1, n_genes)
        found.append(part)
    return np.hstack(found)


def _moved(progress: Progress, first: int, total: int) -> Progress:
    """Return a listener for one part that reports to the listener of the whole."""
    return lambda stage, done, _total: progress(stage, first + done, total)
