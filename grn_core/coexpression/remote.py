"""Targets scored on a worker elsewhere: what is sent there, and what is done with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np

from grn_core.coexpression.registry import find_method
from grn_core.executors import Parcel


def asked(
    cells: np.ndarray,
    sources: np.ndarray,
    names: Sequence[str],
    *,
    method: str,
    seed: int,
    options: Mapping[str, int],
) -> Callable[..., np.ndarray]:
    """Return a method's function, given all but what `CoexpressionMethod.function` takes of a part and ``progress``."""
    record = find_method(method)
    compute = partial(record.function, cells, sources, **options)
    return partial(compute, names=names, seed=seed) if record.seeded else compute


def given_of(
    cells: np.ndarray,
    sources: np.ndarray,
    names: Sequence[str],
    *,
    method: str,
    seed: int,
    options: Mapping[str, int],
) -> Parcel:
    """Return what the parts of `asked` share."""
    told = {"method": method, "names": list(names), "seed": seed, "options": dict(options)}
    return Parcel(told, {"cells": cells, "sources": sources})


def prepared(given: Parcel) -> Callable[[Parcel], Parcel]:
    """Return what scores the ``targets`` of a part, on one thread where threads could change the sums."""
    from threadpoolctl import threadpool_limits

    told = given.told
    score = asked(
        given.arrays["cells"],
        given.arrays["sources"],
        told["names"],
        method=told["method"],
        seed=told["seed"],
        options=told["options"],
    )

    def compute(part: Parcel) -> Parcel:
        with threadpool_limits(limits=1):
            return Parcel(arrays={"scores": score(targets=part.arrays["targets"])})

    return compute
