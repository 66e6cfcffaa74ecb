"""The differences under other labellings, computed in parts that are on disk as soon as they are done."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from grn_core.differential.labellings import Labellings
from grn_core.differential.scorers import Scorer
from grn_core.differential.testing import Blocks
from grn_core.progress import Progress, silent
from grn_core.sums import keep_array, kept_array

STAGE = "permutations"


def null_of(
    scorer: Scorer,
    labellings: Labellings,
    tested: np.ndarray,
    *,
    folder: Path | None = None,
    progress: Progress = silent,
) -> Blocks:
    """Return the differences of the tested pairs under other labellings, as `grn_core.differential.testing` takes them.

    Parameters
    ----------
    scorer, labellings
        What is computed, and how often; a part is what is computed at once.
    tested
        (tested,) numbers of the pairs that are tested.
    folder
        Where parts are kept; those found there are not computed again, so it must be of the same question. None keeps
        them in memory. What is quick is kept nowhere.
    progress
        Listener: labellings done of all; may raise `Cancelled`.
    """
    at_once = scorer.at_once
    starts = range(0, labellings.n, at_once)

    def block(first: int) -> np.ndarray:
        labels = np.array(list(labellings.between(first, min(first + at_once, labellings.n))))
        return scorer.differences(labels)[:, tested].astype(np.float32)

    progress(STAGE, 0, labellings.n)
    if scorer.quick:
        return lambda: map(block, starts)
    parts: list[np.ndarray] = []
    for first in starts:
        part = _part(folder, first, (min(at_once, labellings.n - first), len(tested)))
        if part is None:
            part = block(first)
            if folder is not None:
                keep_array(_path(folder, first), part)
        parts.append(part)
        progress(STAGE, min(first + at_once, labellings.n), labellings.n)
    return lambda: parts


def _path(folder: Path, first: int) -> Path:
    return folder / f"labellings-{first:06d}.npy"


def _part(folder: Path | None, first: int, shape: tuple[int, int]) -> np.ndarray | None:
    """Return a part that an earlier attempt has finished, on disk; None where there is none, or it is damaged."""
    return None if folder is None else kept_array(_path(folder, first), shape=shape, dtype=np.float32, mapped=True)
