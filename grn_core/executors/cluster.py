"""Parts of runs on the workers of a Dask cluster: sent, gathered, and sent again where the scheduler was lost."""

from __future__ import annotations

import logging
import time
import warnings
from collections import Counter, deque
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, NamedTuple, Self

import xxhash
from distributed import Client, Future, KilledWorker

from grn_core.errors import RunError
from grn_core.executors.alike import versions_here
from grn_core.executors.connection import LOST, TICK_S, Connection, Lost
from grn_core.executors.handing import Content, Handing
from grn_core.executors.parcels import Parcel, packed, unpacked
from grn_core.executors.remote import AGAIN, ERROR, VERSIONS, computed
from grn_core.progress import beside
from grn_core.settings import variable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import TracebackType

    from grn_core.executors.work import Arrays, Work
    from grn_core.progress import Progress

LOOK_S = 3.0
"""Seconds without a result after which it is asked whether there are workers at all."""
AT_ONCE = 256
"""Parts that are sent before the first of them is back, unless they are large."""
AT_ONCE_BYTES = 256 << 20
"""Size of the parts under way after which no other is sent before one is back."""
VAIN = 5
"""Times that parts are sent again, one after the other, to a scheduler that stands and gives none of them back, or that
one is sent again which the store did not hand over."""
logger = logging.getLogger(__name__)


class _Sent(NamedTuple):
    """A part under way: its future, its size, and what was sent of it and of what all parts share."""

    future: Future
    size: int
    part: Content
    shared: Future | str


class OnCluster:
    """Computes parts on the workers of a Dask cluster; a context manager.

    A worker that is lost costs the part that it was at: Dask gives that to another. Where the scheduler is lost, the
    parts that are not back are sent again to the one that comes after it at the same address.

    Parameters
    ----------
    address
        As of the setting ``dask_scheduler``.
    progress
        Of the run: told of waiting; may cancel.
    store
        As of the setting ``dask_store``: what is large is handed over there.
    """

    def __init__(self, address: str, *, progress: Progress, store: str = "") -> None:
        self._connection = Connection(address, progress=progress)
        self._handing = Handing(store, wait=self._connection.wait)
        self._devices: set[str] = set()

    def __enter__(self) -> Self:
        logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what it means for the run is said here
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._connection.close()
        self._handing.close()

    def device(self, own: str) -> str:
        """Return what computed the parts: the devices of the workers, or `own` where none was asked."""
        return f"{', '.join(sorted(self._devices))} (workers of a Dask cluster)" if self._devices else own

    def results(
        self, work: Work, numbers: Sequence[int], *, listen: Callable[[], object]
    ) -> Iterator[tuple[int, Arrays]]:
        """Compute parts as `Executor.results` says.

        Raises
        ------
        RunError
            No scheduler answers, versions differ, or a worker failed in a way that would come again.
        """
        left = dict.fromkeys(numbers)
        if not left:
            return
        given = work.given()
        content = packed(Parcel({**given.told, VERSIONS: versions_here()}, given.arrays))
        vain = 0
        while left:
            before = len(left)
            try:
                for number, found in self._gathered(work, content, tuple(left), listen=listen):
                    del left[number]
                    yield number, self._told(found, work)
            except Lost as lost:
                vain = vain + 1 if self._connection.stands and len(left) == before else 0
                if vain == VAIN:
                    raise _in_vain(lost) from lost
                logger.warning("the scheduler was lost (%s): %d parts are sent again", lost, len(left))
                self._connection.leave()

    def _gathered(
        self, work: Work, content: bytes, numbers: Sequence[int], *, listen: Callable[[], object]
    ) -> Iterator[tuple[int, Parcel]]:
        """Send parts and hand out what comes back; `Lost` where nothing comes any more."""
        client = self._connection.client()
        back: SimpleQueue[int] = SimpleQueue()
        key = xxhash.xxh3_128(content).hexdigest()
        waiting, again = deque(numbers), Counter[int]()
        sent: dict[int, _Sent] = {}
        last, idle = time.monotonic(), False

        def hear() -> None:
            (self._connection.wait if idle else listen)()
            if not self._connection.stands:
                message = "no connection"
                raise Lost(message)

        def send(number: int) -> _Sent:
            part = packed(work.part(number))
            given = self._handing.given(part, hear)
            asked = (work.module, key, shared, given, self._handing.there)
            future = _sent(client, computed, *asked, priority=again[number])
            # All clients of a process share one thread for this: it must never wait in it.
            future.add_done_callback(lambda _: back.put(number))
            return _Sent(future, len(part), given, shared)

        shared = self._shared(client, content, hear)
        try:
            while waiting or sent:
                while waiting and len(sent) < AT_ONCE and sum(one.size for one in sent.values()) < AT_ONCE_BYTES:
                    hear()
                    number = waiting.popleft()
                    sent[number] = send(number)
                hear()
                try:
                    number = back.get(timeout=TICK_S)
                except Empty:
                    if time.monotonic() - last > LOOK_S:
                        idle, last = not self._connection.workers(), time.monotonic()
                    continue
                last, idle = time.monotonic(), False
                one = sent.pop(number)
                found = self._opened(_result(one.future, hear), hear)
                self._handing.done(one.part)
                if AGAIN not in found.told:
                    yield number, found
                    continue
                again[number] += 1
                if again[number] == VAIN:
                    raise _not_handed(found.told[AGAIN])
                self._handing.answered(hear)
                if one.shared is shared:  # it may be what is not there
                    self._handing.done(shared)
                    shared = self._shared(client, content, hear)
                waiting.appendleft(number)
        finally:
            self._handing.done(shared)

    def _shared(self, client: Client, content: bytes, listen: Callable[[], object]) -> Future | str:
        """Return what all parts are given in the place of what they share."""
        given = self._handing.given(content, listen)
        return given if isinstance(given, str) else _sent(client, bytes, given)

    def _opened(self, answer: Content, listen: Callable[[], object]) -> Parcel:
        """Return what came back."""
        content = self._handing.taken(answer, listen)
        return Parcel({AGAIN: "a part that was done is not in the store"}) if content is None else unpacked(content)

    def _told(self, found: Parcel, work: Work) -> Arrays:
        """Return the arrays of a result, and hand on what it tells."""
        if error := found.told.get(ERROR):
            raise RunError(error["found"], needed=error["needed"], todo=error["todo"])
        for note in found.told.get("notes", ()):
            work.note(note)
        if device := found.told.get("device"):
            self._devices.add(device)
        return found.arrays


def _sent(client: Client, function: Callable[..., Content], *given: object, priority: int = 0) -> Future:
    """Ask a cluster for what a function returns; it is kept there until nobody holds the future."""
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Sending large graph")  # once for all parts
            return client.submit(function, *given, pure=False, priority=priority)
    except LOST as error:
        raise Lost(type(error).__name__) from error


def _result(future: Future, hear: Callable[[], object]) -> Content:
    """Return the result of a part that is done; it is fetched from the worker."""

    def fetched() -> Content | BaseException:
        try:
            found: Content = future.result()
        except BaseException as error:  # noqa: BLE001 - whatever it is, the run has to learn of it
            return error
        return found

    found = beside(fetched, hear)
    if isinstance(found, BaseException):
        raise _error_of(found) from found
    return found


def _in_vain(lost: Lost) -> RunError:
    """Return the error of parts that were lost again and again while the scheduler stood."""
    message = f"parts were sent {VAIN} times to a scheduler that answers, and none came back ({lost})"
    needed = "a way from here to the scheduler and the workers that stays open"
    return RunError(message, needed=needed, todo="see the logs of scheduler and workers, then resume the run")


def _not_handed(why: str) -> RunError:
    """Return the error of a part that the store did not hand over, though it answers here."""
    message = f"the store of {variable('dask_store')} did not hand over a part of the run, {VAIN} times ({why})"
    needed = "one folder or bucket, at the same address, that the app and all workers read and write"
    return RunError(message, needed=needed, todo="see the logs of the workers, then resume the run")


def _error_of(error: BaseException) -> Exception:
    """Return what the failure of a part means for the run; what the work itself raised comes in a parcel instead."""
    if isinstance(error, LOST):
        return Lost(type(error).__name__)
    if isinstance(error, KilledWorker):
        message = "one part of the run has ended every worker that was given it"
        needed = "workers with enough memory, whose limit is not below what the part takes"
        return RunError(message, needed=needed, todo="see the logs of the workers, give them more, then resume the run")
    return RunError(f"a worker failed: {type(error).__name__}: {error}", todo="see the log of the run")
