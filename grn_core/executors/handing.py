"""How content gets from the process of a run to its workers and back: in messages, or by a store that all share."""

from __future__ import annotations

import logging
import time
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING

from grn_core.errors import RunError
from grn_core.executors.store import SMALL, Store, Unreachable
from grn_core.progress import beside
from grn_core.settings import variable

if TYPE_CHECKING:
    from collections.abc import Callable

Content = bytes | str
"""What is sent: content itself, or the ticket of what lies in a store."""
AGAIN_S, CLEAR_S = 1.0, 5.0
"""Seconds until a store that was lost is asked again; that a run waits at its end until its store is cleared."""
logger = logging.getLogger(__name__)


class Handing:
    """Hands content over for one run.

    Parameters
    ----------
    address
        As of the setting ``dask_store``; empty where everything goes in messages.
    wait
        Called several times a second while the store is waited for; may raise `Cancelled`.
    """

    def __init__(self, address: str, *, wait: Callable[[], object]) -> None:
        self._store = Store(address, who="the app") if address else None
        self._wait, self._met = wait, False

    @property
    def there(self) -> tuple[str, str] | None:
        """What a worker opens the store with: its address, and the mark of this run; None without a store."""
        return None if self._store is None else (self._store.address, self._store.run)

    def given(self, content: bytes, listen: Callable[[], object]) -> Content:
        """Return what is to be sent in the place of what a worker is to have.

        Parameters
        ----------
        content
            What a worker is to have.
        listen
            Called several times a second; may raise `Cancelled`.

        Raises
        ------
        RunError
            The store may not be used, or has never answered.
        """
        if self._store is None or len(content) <= SMALL:
            return content
        return self._put(self._store, content, listen)

    def taken(self, found: Content, listen: Callable[[], object]) -> bytes | None:
        """Return what came back, and remove it from the store; None where it was lost there."""
        if isinstance(found, bytes):
            return found
        assert self._store is not None
        for last in (False, True):
            try:
                content = beside(partial(self._store.get, found), listen)
            except Unreachable as error:
                logger.warning("the store does not give back a part: %s", error)
                if not last:
                    self.answered(listen)
            else:
                self.done(found)
                return content
        return None

    def answered(self, listen: Callable[[], object]) -> None:
        """Return when the store answers the app."""
        if self._store is not None:
            self.done(self._put(self._store, b"", listen))

    def done(self, sent: object) -> None:
        """Remove what nobody will take any more, if it is a ticket; the run does not wait for that."""
        if self._store is not None and isinstance(sent, str):
            Thread(target=partial(self._store.remove, sent), daemon=True).start()

    def close(self) -> None:
        """Remove what is left of the run."""
        if self._store is not None and self._met:
            clearing = Thread(target=self._store.clear, daemon=True)
            clearing.start()
            clearing.join(CLEAR_S)

    def _put(self, store: Store, content: bytes, listen: Callable[[], object]) -> str:
        """Leave content in the store, and wait for one that has answered before."""
        while True:
            try:
                ticket = beside(partial(store.put, content), listen)
            except Unreachable as error:
                if not self._met:
                    message = f"the store of {variable('dask_store')} does not answer ({error})"
                    needed = "one that the app and all workers reach"
                    raise RunError(message, needed=needed, todo="look after it, then resume the run") from error
                logger.warning("the store does not answer: %s", error)
                self._wait()
                beside(partial(time.sleep, AGAIN_S), self._wait)
            else:
                self._met = True
                return ticket
