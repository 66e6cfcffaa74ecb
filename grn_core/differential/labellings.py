"""Other ways to say which samples are of group A: all of them where they are few, else drawn by a seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, islice, product
from typing import Any

import numpy as np

from grn_core.datasets.replicates import CELLS, PAIRS, Replicates, labellings
from grn_core.errors import RequestError


@dataclass(frozen=True, eq=False)
class Labellings:
    """Labellings of samples, each with as many of A and of B as the true one.

    Attributes
    ----------
    true
        (samples,) bool, the samples of A. Of pairs the first half is of A, and the second half the same donors in B.
    paired
        Whether labels change places within pairs only.
    n
        How many labellings there are here, without the true one.
    distinct
        How many there could be, without the true one and those that only change the names of the groups; counted to
        `grn_core.datasets.replicates.MANY`.
    seed
        Of the draws.
    """

    true: np.ndarray
    paired: bool
    n: int
    distinct: int
    seed: int

    @classmethod
    def of(cls, true: np.ndarray, *, unit: str, n: int, seed: int = 0) -> Labellings:
        """Return every other labelling where there are at most `n`, else `n` drawn ones.

        Parameters
        ----------
        true
            (samples,) bool, the samples of A.
        unit
            Out of `grn_core.datasets.replicates`.
        n
            At most so many.
        seed
            Of the draws.

        Raises
        ------
        RequestError
            Fewer than one labelling was asked for, the seed is below 0, or there is no other labelling.
        """
        if n < 1:
            message = f"{n} permutations were asked for"
            raise RequestError(message, needed="one or more", todo="ask for 100 or more")
        if seed < 0:
            message = f"the seed is {seed}"
            raise RequestError(message, needed="0 or more", todo="change the seed")
        samples, of_a = len(true), int(true.sum())
        distinct = labellings(of_a, samples - of_a, paired=unit == PAIRS) - 1
        if distinct < 1:
            message = f"{of_a} samples of A and {samples - of_a} of B can be labelled in no other way"
            raise RequestError(message, needed="two donors or more in each group", todo="name no donors, or more cells")
        return cls(true, unit == PAIRS, min(n, distinct), distinct, seed)

    @property
    def exhaustive(self) -> bool:
        """Whether these are all that there are."""
        return self.n == self.distinct

    @property
    def facts(self) -> dict[str, Any]:
        """What `Differential.facts` says of them: known before anything is computed."""
        own = {"labellings": self.n, "distinct": self.distinct}
        return {**own, "exhaustive": self.exhaustive, "smallest_p": self.smallest_p}

    @property
    def smallest_p(self) -> float:
        """The smallest p that an edge can have on its own null."""
        return 1.0 / (1 + self.n)

    def between(self, first: int, last: int) -> Iterator[np.ndarray]:
        """Yield the labellings from number `first` up to `last`, each (samples,) bool; which they are is fixed."""
        if self.exhaustive:
            yield from self._all[first:last]
            return
        for number in range(first, last):
            draw = np.random.default_rng([self.seed, number])
            if self.paired:
                yield self._swapped(draw.random(len(self.true) // 2) < 0.5)
            else:
                yield self.true[draw.permutation(len(self.true))]

    @cached_property
    def _all(self) -> np.ndarray:
        return np.array(list(self._every()))

    def _every(self) -> Iterator[np.ndarray]:
        """Yield each labelling that is not the true one, and of two that only change the names of the groups one."""
        samples = len(self.true)
        if self.paired:
            for rest in islice(product((False, True), repeat=samples // 2 - 1), 1, None):
                yield self._swapped(np.array([False, *rest]))
            return
        of_a = int(self.true.sum())
        for chosen in combinations(range(samples), of_a):
            labels = np.isin(np.arange(samples), chosen)
            half = 2 * of_a == samples and labels[0] != self.true[0]
            if not half and not np.array_equal(labels, self.true):
                yield labels

    def _swapped(self, swap: np.ndarray) -> np.ndarray:
        labels: np.ndarray = self.true ^ np.concatenate([swap, swap])
        return labels


def facts_before(found: Replicates, a: np.ndarray, b: np.ndarray, *, n: int) -> dict[str, Any]:
    """Return what is known of a comparison before it is computed, by the names that `Differential.facts` has for it.

    Parameters
    ----------
    found
        What is compared.
    a, b
        (cells,) bool, the groups.
    n
        Labellings at most.

    Raises
    ------
    RequestError
        As of `Labellings.of`.
    """
    samples = [int(a.sum()), int(b.sum())] if found.unit == CELLS else [len(found.of_a), len(found.of_b)]
    others = Labellings.of(np.arange(sum(samples)) < samples[0], unit=found.unit, n=n)
    return {"unit": found.unit, "samples": samples, **others.facts}
