"""How long work reports itself: one callable, with a null object for those who do not listen."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, wait
from threading import Thread
from typing import Protocol, TypeVar

Found = TypeVar("Found")
LISTEN_EVERY_S = 0.2


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


def unheard(_told: object) -> None:
    """Hear nothing: the default where there is but one thing to tell, a count or a sentence."""


def further(progress: Progress, stage: str, before: int, *, total: int) -> Callable[[int], None]:
    """Return a listener to the steps of one part of a stage, of which `before` steps were finished already."""
    return lambda done: progress(stage, before + done, total)


def beside(work: Callable[[], Found], listen: Callable[[], object]) -> Found:
    """Do `work` that cannot be stopped in another thread, and listen meanwhile, five times a second.

    When `listen` raises, the thread is left to itself. It is a daemon, so it does not keep a cancelled worker alive.
    """
    result: Future[Found] = Future()

    def run() -> None:
        try:
            result.set_result(work())
        except BaseException as error:  # noqa: BLE001 - whatever it is, the waiting thread has to learn of it
            result.set_exception(error)

    Thread(target=run, daemon=True).start()
    while not wait([result], timeout=LISTEN_EVERY_S).done:
        listen()
    return result.result()


BYTES = ("download", "verify", "unpack")
"""Stages whose steps are bytes."""
