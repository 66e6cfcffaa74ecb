"""How long work reports itself: one callable, with a null object for those who do not listen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Progress(Protocol):
    """Receives progress; may raise `grn_core.errors.Cancelled` to stop the work between two steps."""

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Report that `done` of `total` steps of `stage` are finished.

        Parameters
        ----------
        stage
            Short name in the user's words, e.g. ``"extract"``.
        done, total
            Finished and planned steps; ``done == total`` closes the stage.
        """


def silent(stage: str, done: int, total: int) -> None:
    """Listen to nothing: the default of every long function."""


def further(progress: Progress, stage: str, before: int, *, total: int) -> Callable[[int], None]:
    """Return a listener to the steps of one part of a stage, of which `before` steps were finished already."""
    return lambda done: progress(stage, before + done, total)


BYTES = ("download", "verify", "unpack")
"""Stages whose steps are bytes."""
