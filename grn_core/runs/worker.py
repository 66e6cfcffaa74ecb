"""The process that computes one run: ``python -m grn_core.runs.worker RUN_ID --home HOME``, in the folder of the run.

It outlives the app that started it. Whoever starts a second one for the same run does no harm: it finds the lock taken
and leaves. So does one that comes up when the run was removed meanwhile, or removed and asked for again.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import time
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from grn_core.errors import Cancelled, RunError
from grn_core.homes import keep_private
from grn_core.runs import queue, spare
from grn_core.runs.jobs import job_kind
from grn_core.runs.left_over import sweep
from grn_core.runs.locks import hold
from grn_core.runs.own_status import OwnStatus
from grn_core.runs.peak import peak_bytes
from grn_core.runs.state import describe_error
from grn_core.runs.store import RunStore
from grn_core.runs.tracker import Tracker

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grn_core.runs.request import Request

LOCK_WAIT_S = 2.0
"""Long enough to outlast those who only ask whether the lock is taken, and a worker that is just leaving."""
QUEUE_POLL_S, LONGEST_POLL_S = 0.1, 1.0
"""Seconds between two looks at the queue: of who is next, and of who stands far behind."""
NICE = 5
CANCEL_POLL_S, CANCEL_PATIENCE_S = 0.2, 1.2
"""Seconds between two looks whether to stop, and for how long work may go on after it was asked to."""
logger = logging.getLogger(__name__)


def main(argv: Sequence[str] | None = None, *, began_in: os.stat_result | None = None) -> int:
    """Compute one run.

    Parameters
    ----------
    argv
        Its id, and its home.
    began_in
        The folder that the run had when its worker was started; None where any will do.

    Returns
    -------
    0, or 1 when it failed.
    """
    arguments = _parser().parse_args(argv)
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(name)s %(message)s")
    os.environ["GRN_HOME"] = str(arguments.home)
    keep_private()
    store = RunStore(arguments.home / "runs")
    folder = store.path(arguments.run_id)
    try:
        if _is_gone(folder, began_in):
            return 0
        with hold(folder / "lock", wait_s=LOCK_WAIT_S) as mine:
            if not mine:
                logger.info("another worker has this run")
                return 0
            if _is_gone(folder, began_in):
                return 0
            sweep(arguments.home)
            return _work(store, arguments.run_id, began_in=began_in)
    except (FileNotFoundError, RunError):
        if _is_gone(folder, began_in):
            return 0
        raise


def _is_gone(folder: Path, began_in: os.stat_result | None) -> bool:
    """Whether a run was removed since its worker was started; one in its place has another worker."""
    with suppress(FileNotFoundError):
        if began_in is None or os.path.samestat(folder.stat(), began_in):
            return False
    logger.info("nothing to do: the run was removed")
    return True


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="grn_core.runs.worker", description="Compute one run.")
    parser.add_argument("run_id")
    parser.add_argument("--home", type=Path, required=True, help="the installation's data folder (GRN_HOME)")
    return parser


def _work(store: RunStore, run_id: str, *, began_in: os.stat_result | None) -> int:
    with store.gate(run_id):
        if _is_gone(store.path(run_id), began_in):  # it was cancelled and removed while there was sweeping
            return 0
        own = OwnStatus(store, run_id)
        if not own.status.active:
            logger.info("nothing to do: the run is %s", own.status.state)
            return 0
        own.say(state="queued", stage="waiting")
    request = store.request(run_id)  # once, as the status: the record may be damaged while this waits or works
    while True:
        try:
            with _turn(own) if job_kind(request.kind).uses_device else nullcontext():
                return _compute(own, request)
        except Cancelled:
            with store.gate(run_id):
                if store.cancel_asked(run_id):  # else the user has changed his mind: go on from the finished parts
                    logger.info("run %s is cancelled", run_id)
                    own.end("cancelled", message="cancelled")
                    return 0


@contextmanager
def _turn(own: OwnStatus) -> Iterator[None]:
    """Wait in the queue for the device, then hold it.

    By the status in the file the queue knows that the run waits: where that was damaged it is written again.
    """
    store, run_id = own.store, own.run_id
    if own.status.state != "queued":  # a cancel was taken back while it was at work
        own.say(state="queued", stage="waiting")
    ticket = queue.enter(store, run_id, queued=own.status.queued)
    try:
        while True:
            if store.cancel_asked(run_id):
                message = "cancelled while waiting"
                raise Cancelled(message)
            if ticket not in (ahead := queue.line(store)):
                own.say()
                queue.enter(store, run_id, queued=own.status.queued)
                time.sleep(QUEUE_POLL_S)
                continue
            place = ahead.index(ticket)
            if place == 0:
                with hold(store.device_lock) as free:
                    if free:
                        queue.leave(store, ticket, served=True)
                        yield
                        return
            if own.status.position != place + 1:
                message = f"waiting for another run to finish; place {place + 1} in the queue"
                own.say(position=place + 1, message=message)
            time.sleep(min(QUEUE_POLL_S * (place + 1), LONGEST_POLL_S))
    finally:
        queue.leave(store, ticket)


def _compute(own: OwnStatus, request: Request) -> int:
    store, run_id = own.store, own.run_id
    folder, kind = store.path(run_id), job_kind(request.kind)
    logger.info("run %s begins", run_id)
    try:
        own.begin()
        if request.run_id() != run_id:
            message = "what this run was asked of, or what computes it, has changed since"
            needed = "model, translator, data and versions of that time"
            raise RunError(message, needed=needed, todo="start a new run with them as they are now")
        summary = kind.run(request, folder, Tracker(own, weights=kind.stages_of(request)))
        wall_s, peak = round(own.seconds, 3), peak_bytes()
        store.write_request(request)  # again, where it cannot be read any more
        store.write_result(run_id, {**summary, "wall_s": wall_s, "peak_bytes": peak}, whole=True)
        kind.deliver(request, folder)
    except Cancelled:
        raise
    except Exception as error:
        logger.exception("run %s failed", run_id)
        described = describe_error(error, log=f"the log.txt of run {run_id}")
        own.end("failed", message=described["found"], error=described)
        return 1
    logger.info("run %s is done", run_id)  # who hears of the end finds it in the log
    own.end("done", message="done", fraction=1.0, wall_s=wall_s, peak_bytes=peak)
    return 0


def alone(argv: Sequence[str] | None = None) -> int:
    """Be the process of a worker: let pages and their readers have the processor first, then compute one run.

    Linux shares the processor among sessions where it groups processes by them, and heeds niceness within one alone; a
    worker has a session of its own, which is therefore made nice as a whole. A spare worker waits for its run first.
    """
    given = sys.argv[1:] if argv is None else list(argv)
    with suppress(AttributeError, OSError):
        os.nice(NICE)
    with suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(NICE), encoding="ascii")
    if given[:1] == [spare.FLAG]:
        run_id = spare.wait_for_run(given[1])
        if run_id is None:
            return 0
        given = [run_id, *given[2:]]
    Thread(target=_leave_when_cancelled, args=(given,), name="cancel", daemon=True).start()
    return main(given, began_in=os.stat("."))  # noqa: PTH116 - itself, by whatever name it has by now


def _leave_when_cancelled(given: Sequence[str]) -> None:
    """End the process where its run is to stop and the work says nothing for a while, as libraries do for minutes.

    It is then as if the process had been killed: finished parts stay, and a run without a worker that was asked to stop
    is a cancelled one. Where its folder was deleted, by whomever, there is nobody left to compute for.
    """
    arguments = _parser().parse_args(given)
    store, asked = RunStore(arguments.home / "runs"), float("inf")
    folder = store.path(arguments.run_id)
    while time.monotonic() - asked < CANCEL_PATIENCE_S and not _is_deleted(folder):
        time.sleep(CANCEL_POLL_S)
        asked = min(asked, time.monotonic()) if store.cancel_asked(arguments.run_id) else float("inf")
    logger.info("run %s is left where it is: it was cancelled, or deleted", arguments.run_id)
    os._exit(0)


def _is_deleted(folder: Path) -> bool:
    with suppress(OSError):  # a disk that does not answer just now says nothing
        try:
            folder.lstat()
        except FileNotFoundError:
            return True
    return False


if __name__ == "__main__":
    sys.exit(alone())
