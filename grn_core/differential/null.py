"""The differences under other labellings, computed in parts that are on disk as soon as they are done."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from grn_core import in_words
from grn_core.differential.labellings import Labellings
from grn_core.differential.scorers import Scorer
from grn_core.differential.testing import Blocks
from grn_core.errors import RequestError
from grn_core.progress import Progress, silent
from grn_core.sums import keep_array, kept_array

STAGE = "permutations"
MOST_BYTES = 2 * 2**30
"""Of all differences under other labellings together; they are on disk until a run is done."""


def null_bytes(n: int, tested: int) -> int:
    """Return the bytes that the differences of `tested` pairs take under `n` labellings.

    Raises
    ------
    RequestError
        They are more than `MOST_BYTES`.
    """
    found = 4 * n * tested
    if found > MOST_BYTES:
        message = f"{n:,} permutations of {tested:,} edges take {in_words.size(found)}"
        needed = f"at most {in_words.size(MOST_BYTES)}, {MOST_BYTES // (4 * tested):,} permutations of so many edges"
        raise RequestError(message, needed=needed, todo="ask for fewer permutations, or fewer genes")
    return found


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
        Where parts are kept, and read from one at a time; those found there are not computed again, so it must be of
        the same question. None keeps them in memory. What is quick is kept nowhere.
    progress
        Listener: labellings done of all; may raise `Cancelled`.

    Raises
    ------
    RequestError
        There would be more than `MOST_BYTES` to keep.
    """
    at_once = scorer.at_once
    starts = range(0, labellings.n, at_once)

    def block(first: int) -> np.ndarray:
        labels = np.array(list(labellings.between(first, min(first + at_once, labellings.n))))
        return scorer.differences(labels)[:, tested].astype(np.float32)

    def kept(first: int) -> np.ndarray:
        """Read a part that is finished; one that is not there, or damaged, is computed and kept."""
        assert folder is not None
        path, shape = folder / f"labellings-{first:06d}.npy", (min(at_once, labellings.n - first), len(tested))
        found = kept_array(path, shape=shape, dtype=np.float32)
        if found is None:
            found = block(first)
            keep_array(path, found)
        return found

    progress(STAGE, 0, labellings.n)
    if scorer.quick:
        return lambda: map(block, starts)
    null_bytes(labellings.n, len(tested))
    parts: list[np.ndarray] = []
    for first in starts:
        if folder is None:
            parts.append(block(first))
        else:
            kept(first)
        progress(STAGE, min(first + at_once, labellings.n), labellings.n)
    return lambda: parts if folder is None else map(kept, starts)
