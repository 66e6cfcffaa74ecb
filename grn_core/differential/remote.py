"""Groups and labellings scored on a worker elsewhere: what is done there with what is sent."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext

import numpy as np

from grn_core.differential.asking import scores_as_told
from grn_core.differential.of_cells import scores_of_cells
from grn_core.differential.pairs import Pairs
from grn_core.differential.scorers import differences_of, mean_of
from grn_core.executors import Parcel


def prepared(given: Parcel) -> Callable[[Parcel], Parcel]:
    """Return what scores a part.

    Parameters
    ----------
    given
        Tells what scores a group (`grn_core.differential.scorers.told_of_cells` or
        `grn_core.differential.asking.told_of_model`). Of labellings also ``samples`` (samples, genes), and ``tested``,
        the pairs that are asked.

    Returns
    -------
    function
        Of a part with ``labels``, (labellings, samples) bool: ``differences`` (labellings, tested) float32. Of one with
        ``group``, cells (cells, genes) or a mean (genes,): ``scores`` (pairs,).
    """
    from threadpoolctl import threadpool_limits

    told, of_model = given.told, "model" in given.told
    if of_model:
        score = scores_as_told(told)
    else:
        pairs = Pairs(tuple(told["genes"]), tuple(told["sources"]))
        score = scores_of_cells(pairs, told["method"], seed=told["seed"], shrinkage=told["shrinkage"])
    samples, tested = given.arrays.get("samples"), given.arrays.get("tested")

    def of(members: np.ndarray) -> np.ndarray:
        assert samples is not None
        return score(mean_of(samples, members) if of_model else samples[members])

    def compute(part: Parcel) -> Parcel:
        with nullcontext() if of_model else threadpool_limits(limits=1):  # torch sets its own
            if "group" in part.arrays:
                return Parcel(arrays={"scores": score(part.arrays["group"])})
            found = differences_of(of, part.arrays["labels"])[:, tested]
            return Parcel(arrays={"differences": found.astype(np.float32)})

    return compute
