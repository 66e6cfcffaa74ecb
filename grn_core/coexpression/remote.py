"""What a co-expression method is asked, here or on a worker elsewhere, and what is sent for it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from grn_core.coexpression.registry import find_method
from grn_core.executors import Parcel


@dataclass(frozen=True, kw_only=True, eq=False)
class Question:
    """All that a method is given but the targets.

    Attributes
    ----------
    cells
        (cells, genes) values, in canonical order.
    sources
        (S,) positions of the sources among the genes.
    names
        Name of each gene.
    method, seed, options
        As of `grn_core.coexpression.engine.score_pairs`, options filled in.
    """

    cells: np.ndarray
    sources: np.ndarray
    names: Sequence[str]
    method: str
    seed: int
    options: Mapping[str, int]

    def function(self) -> Callable[..., np.ndarray]:
        """Return the method's function, given all but what `CoexpressionMethod.function` takes of a part."""
        record = find_method(self.method)
        compute = partial(record.function, self.cells, self.sources, **self.options)
        return partial(compute, names=self.names, seed=self.seed) if record.seeded else compute

    def digest(self) -> str:
        """SHA-256 of everything that decides the scores."""
        rest = [self.method, list(self.names), self.sources.tolist(), self.seed, dict(self.options)]
        return hashlib.sha256(json.dumps([self.cells.shape, *rest]).encode() + self.cells.tobytes()).hexdigest()

    def parcel(self) -> Parcel:
        """Return what all parts share."""
        told = {"method": self.method, "names": list(self.names), "seed": self.seed, "options": dict(self.options)}
        return Parcel(told, {"cells": self.cells, "sources": self.sources})

    @classmethod
    def of(cls, given: Parcel) -> Question:
        """Read what `parcel` returned."""
        told, arrays = given.told, given.arrays
        return cls(
            cells=arrays["cells"],
            sources=arrays["sources"],
            names=told["names"],
            method=told["method"],
            seed=told["seed"],
            options=told["options"],
        )


def prepared(given: Parcel) -> Callable[[Parcel], Parcel]:
    """Return what scores the ``targets`` of a part, on one thread where threads could change the sums."""
    from threadpoolctl import threadpool_limits

    score = Question.of(given).function()

    def compute(part: Parcel) -> Parcel:
        with threadpool_limits(limits=1):
            return Parcel(arrays={"scores": score(targets=part.arrays["targets"])})

    return compute
