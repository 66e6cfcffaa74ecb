"""Long work in parts of a few targets, each on disk as soon as it is done: a cancel or a crash loses at most one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from grn_core.coexpression import remote
from grn_core.coexpression.records import STAGE
from grn_core.executors import HERE, Executor, Parcel, Work
from grn_core.progress import Progress
from grn_core.sums import keep_array, kept_array


def in_parts(
    compute: Callable[..., np.ndarray],
    shape: tuple[int, int],
    *,
    at_once: int,
    given: Callable[[], Parcel],
    folder: Path,
    key: str,
    progress: Progress,
    executor: Executor = HERE,
) -> np.ndarray:
    """Compute the columns of a matrix part by part, and keep finished parts.

    Parameters
    ----------
    compute
        ``compute(targets=..., progress=...)`` returns the columns of some targets, (S, T).
    shape
        (S, genes) of the whole.
    at_once
        Targets of a part.
    given
        Makes what a worker elsewhere is given to compute the same, see `grn_core.coexpression.remote`.
    folder
        Where parts go; those found there under the same `key` are not computed again.
    key
        Hash of everything that decides the matrix.
    progress
        Listener: finished targets of all.
    executor
        What computes the parts.
    """
    n_sources, n_genes = shape
    parts = [np.arange(first, min(first + at_once, n_genes)) for first in range(0, n_genes, at_once)]
    paths = [folder / f"{key[:16]}-{targets[0]:05d}.npy" for targets in parts]
    found: dict[int, np.ndarray] = {}
    for number, (path, targets) in enumerate(zip(paths, parts, strict=True)):
        kept = kept_array(path, shape=(n_sources, len(targets)), dtype=np.float64)
        if kept is not None:
            found[number] = kept

    def finished() -> int:
        return sum(len(parts[number]) for number in found)

    def here(number: int) -> dict[str, np.ndarray]:
        before = finished()
        return {
            "scores": compute(
                targets=parts[number], progress=lambda stage, done, _total: progress(stage, before + done, n_genes)
            )
        }

    work = Work(
        here=here,
        module=remote.__name__,
        given=given,
        part=lambda number: Parcel(arrays={"targets": parts[number]}),
    )
    left = [number for number in range(len(parts)) if number not in found]
    for number, arrays in executor.results(work, left, listen=lambda: progress(STAGE, finished(), n_genes)):
        found[number] = arrays["scores"]
        keep_array(paths[number], found[number])
    progress(STAGE, n_genes, n_genes)
    return np.hstack([found[number] for number in range(len(parts))])
