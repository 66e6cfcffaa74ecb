"""The differences under other labellings, computed in parts that are on disk as soon as they are done."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from grn_core import in_words
from grn_core.differential import remote
from grn_core.differential.labellings import Labellings
from grn_core.differential.scorers import Scorer
from grn_core.differential.testing import Blocks
from grn_core.errors import RequestError
from grn_core.executors import HERE, Executor, Parcel, Work
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
    executor: Executor = HERE,
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
    executor
        What computes the parts that are kept in a folder.

    Raises
    ------
    RequestError
        There would be more than `MOST_BYTES` to keep.
    """
    at_once = scorer.at_once
    starts = range(0, labellings.n, at_once)

    def labels(first: int) -> np.ndarray:
        return np.array(list(labellings.between(first, min(first + at_once, labellings.n))))

    def block(first: int) -> np.ndarray:
        return scorer.differences(labels(first))[:, tested].astype(np.float32)

    def path(first: int) -> Path:
        assert folder is not None
        return folder / f"labellings-{first:06d}.npy"

    def whole(first: int) -> np.ndarray | None:
        shape = (min(at_once, labellings.n - first), len(tested))
        return kept_array(path(first), shape=shape, dtype=np.float32)

    def kept(first: int) -> np.ndarray:
        """Read a part that is finished; one that is not there any more, or damaged, is computed and kept."""
        found = whole(first)
        if found is None:
            found = block(first)
            keep_array(path(first), found)
        return found

    progress(STAGE, 0, labellings.n)
    if scorer.quick:
        return lambda: map(block, starts)
    null_bytes(labellings.n, len(tested))
    if folder is None:
        parts = []
        for first in starts:
            parts.append(block(first))
            progress(STAGE, min(first + at_once, labellings.n), labellings.n)
        return lambda: parts
    work = Work(
        here=lambda first: {"differences": block(first)},
        module=remote.__name__,
        given=lambda: _with_tested(scorer, tested),
        part=lambda first: Parcel(arrays={"labels": labels(first)}),
    )
    left = dict.fromkeys(first for first in starts if whole(first) is None)

    def listen() -> None:
        done = labellings.n - sum(min(at_once, labellings.n - first) for first in left)
        progress(STAGE, done, labellings.n)

    for first, arrays in (executor if scorer.given else HERE).results(work, tuple(left), listen=listen):
        keep_array(path(first), arrays["differences"])
        del left[first]
    progress(STAGE, labellings.n, labellings.n)
    return lambda: map(kept, starts)


def _with_tested(scorer: Scorer, tested: np.ndarray) -> Parcel:
    assert scorer.given is not None
    given = scorer.given()
    return Parcel(given.told, {**given.arrays, "tested": tested})
