"""The scores of the pairs in each of several groups, kept one by one as they are done."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from grn_core.differential import remote
from grn_core.executors import Executor, Parcel, Work
from grn_core.progress import Progress
from grn_core.sums import keep_array, kept_array


def scores_of_each(
    n: int,
    group: Callable[[int], np.ndarray],
    score: Callable[[np.ndarray], np.ndarray],
    *,
    told: Callable[[], dict[str, Any]],
    called: str,
    stage: str,
    folder: Path | None,
    progress: Progress,
    executor: Executor,
) -> list[np.ndarray]:
    """Score all pairs in each group.

    Parameters
    ----------
    n
        Number of groups.
    group
        Returns what is scored of a group: its cells (cells, genes), or their mean (genes,).
    score
        Returns the scores of that, (pairs,).
    told
        Makes what tells `score` to a worker elsewhere, see `grn_core.differential.remote.prepared`.
    called
        How the files of the scores begin.
    stage
        Of the progress: groups done.
    folder
        Where scores are kept; those found there are not computed again. None keeps nothing.
    progress, executor
        Listener, and what computes.
    """
    found: dict[int, np.ndarray] = {}

    def path(place: int) -> Path | None:
        return None if folder is None else folder / f"{called}-{place:04d}.npy"

    for place in range(n):
        kept = None if (file := path(place)) is None else kept_array(file)
        if kept is not None:
            found[place] = kept
    work = Work(
        here=lambda place: {"scores": score(group(place))},
        module=remote.__name__,
        given=lambda: Parcel(told()),
        part=lambda place: Parcel(arrays={"group": group(place)}),
    )
    left = [place for place in range(n) if place not in found]
    for place, arrays in executor.results(work, left, listen=lambda: progress(stage, len(found), n)):
        found[place] = arrays["scores"]
        if (file := path(place)) is not None:
            keep_array(file, found[place])
    progress(stage, n, n)
    return [found[place] for place in range(n)]
