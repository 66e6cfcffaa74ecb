"""How long work reports itself: one callable, with a null object for those who do not listen."""

from __future__ import annotations

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


BYTES = ("download", "verify", "unpack")
"""Stages whose steps are bytes."""


def in_words(n_bytes: float) -> str:
    """Return a size in words (``565 B``, ``418 MB``, ``1.3 GB``)."""
    for limit, unit in ((1e3, "B"), (1e6, "kB"), (1e9, "MB")):
        if n_bytes < limit:
            return f"{n_bytes / limit * 1000:.0f} {unit}"
    return f"{n_bytes / 1e9:.1f} GB"
