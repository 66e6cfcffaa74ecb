"""The progress listener of a worker: writes the status, estimates the time left, and stops on a cancel."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from grn_core.errors import Cancelled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from grn_core.runs.own_status import OwnStatus

WRITE_EVERY_S = 0.2
logger = logging.getLogger(__name__)


class Tracker:
    """A `grn_core.progress.Progress` that keeps the status of a run up to date, at most five times a second.

    Parameters
    ----------
    own
        The status of the run that is computed.
    weights
        Stage name -> share of the time, in the order of work; stages outside of it do not move the overall bar.
    """

    def __init__(self, own: OwnStatus, *, weights: Mapping[str, float]) -> None:
        self._own, self._weights = own, dict(weights)
        self._written = float("-inf")
        self._stage = ""
        self._stage_began = time.monotonic()
        self._anchor = (self._stage_began, 0)

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Report progress; raise `Cancelled` when the user asked to stop."""
        if self._own.store.cancel_asked(self._own.run_id):
            message = "the run was cancelled"
            raise Cancelled(message, todo="resume it: finished parts are kept")
        now = time.monotonic()
        if stage != self._stage:
            logger.info("%s: %d steps", stage, total)
            self._stage, self._stage_began = stage, now
            self._written = float("-inf")
        if now - self._stage_began < WRITE_EVERY_S:
            self._anchor = (now, done)  # steps that are there from an earlier attempt pass in no time: not our rate
        if now - self._written < WRITE_EVERY_S and done < total:
            return
        self._written = now
        self._own.say(
            stage=stage,
            done=int(done),
            total=int(total),
            fraction=max(self._own.status.fraction, self._fraction(done, total)),
            elapsed_s=self._own.seconds,
            eta_s=self._seconds_left(now, done, total),
        )

    def _fraction(self, done: int, total: int) -> float:
        if self._stage not in self._weights:
            return 0.0
        before, own, after = self._shares()
        return (before + own * (done / total if total else 1.0)) / (before + own + after)

    def _seconds_left(self, now: float, done: int, total: int) -> float | None:
        """Estimate from the rate within the stage; later stages are scaled by their weights."""
        since, first = self._anchor
        if done <= first or now <= since:
            return None
        per_step = (now - since) / (done - first)
        left = per_step * (total - done)
        if self._stage in self._weights:
            _, own, after = self._shares()
            left += per_step * total * after / own if own else 0.0
        return left

    def _shares(self) -> tuple[float, float, float]:
        names = list(self._weights)
        place = names.index(self._stage)
        shares = [self._weights[name] for name in names]
        return sum(shares[:place]), shares[place], sum(shares[place + 1 :])
