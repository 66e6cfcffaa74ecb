"""Work that is done in parts, and who does it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from grn_core.executors.parcels import Parcel
from grn_core.progress import unheard

Arrays = Mapping[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class Work:
    """Work in numbered parts of which none depends on another.

    Attributes
    ----------
    here
        Computes a part in this process.
    module
        Module that computes parts elsewhere. Its ``prepared(given)`` makes ready what all parts share, and returns
        ``compute(part)``: parcels all three. `here` returns the same arrays, to the last bit.
    given
        Makes what `prepared` is given.
    part
        Makes what ``compute`` is given of one part.
    note
        Called with sentences that a worker has for the user: ``notes`` of what it told.
    """

    here: Callable[[int], Arrays]
    module: str
    given: Callable[[], Parcel]
    part: Callable[[int], Parcel]
    note: Callable[[str], object] = unheard


class Executor(Protocol):
    """Computes the parts of work."""

    def results(
        self, work: Work, numbers: Sequence[int], *, listen: Callable[[], object]
    ) -> Iterator[tuple[int, Arrays]]:
        """Compute parts, and hand each out when it is done: in any order, each once.

        Parameters
        ----------
        work, numbers
            The work, and which of its parts.
        listen
            Called before every part and several times a second while others compute; may raise `Cancelled`.

        Yields
        ------
        number, arrays
            A part that is done.
        """

    def device(self, own: str) -> str:
        """Return what computed the parts, in words; `own` is what computes in this process."""


class InThisProcess:
    """Computes one part after the other, in their order, in this process."""

    def results(
        self, work: Work, numbers: Sequence[int], *, listen: Callable[[], object]
    ) -> Iterator[tuple[int, Arrays]]:
        """Compute parts as `Executor.results` says."""
        for number in numbers:
            listen()
            yield number, work.here(number)

    def device(self, own: str) -> str:
        """Return what computes in this process."""
        return own


HERE = InThisProcess()
"""The default of all work."""
