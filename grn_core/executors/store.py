"""A folder or bucket that the process of a run and the workers of its cluster share: what is large is left there.

A ticket tells who takes it where it lies and what it must be: its name, and a blake2b of its bytes.
"""

from __future__ import annotations

import re
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from grn_core.errors import RunError
from grn_core.refusals import refusal
from grn_core.settings import variable

if TYPE_CHECKING:
    from collections.abc import Callable

SMALL = 64 << 10
"""Bytes up to which something is sent as it is."""
TRIES, PAUSE_S = 3, 0.5
"""How often a store is asked before it is called unreachable, and seconds after the first time; then twice as many."""
FORGOTTEN = timedelta(days=7)
"""Age at which what an ended process left in a store is removed by another."""
NAME = re.compile(r"grn-(?P<day>\d{8})-[0-9a-f]{16}-[0-9a-f]{32}")
BY_ARROW = ("s3", "gs")
"""Kinds of buckets that pyarrow speaks to, which is here anyway; others are left to what fsspec finds installed."""
DENIED = re.compile(
    r"AWS Error (ACCESS_DENIED|INVALID_ACCESS_KEY_ID|SIGNATURE_DOES_NOT_MATCH|EXPIRED_TOKEN)|HTTP .*403"
)
"""How a bucket's library says what is no `PermissionError` and means one."""


class Unreachable(Exception):
    """The store does not answer, or has lost what was left there: it may go well another time."""


class Store:
    """A folder or bucket.

    Parameters
    ----------
    address
        As of the setting ``dask_store``.
    who
        Who uses it, in words, for errors.
    run
        Sixteen hexadecimal digits that are the run's alone; none for a new one.
    """

    def __init__(self, address: str, *, who: str, run: str = "") -> None:
        self.address, self.run, self._who = address, run or uuid4().hex[:16], who

    def put(self, content: bytes) -> str:
        """Leave something there, and return its ticket.

        Raises
        ------
        Unreachable
            It could not be left, and may be another time.
        RunError
            It may not be left.
        """
        name = f"grn-{datetime.now(UTC):%Y%m%d}-{self.run}-{uuid4().hex}"
        self._tried(lambda files, root: files.pipe_file(f"{root}/{name}", content), lasting=(FileNotFoundError,))
        return f"{name} {blake2b(content).hexdigest()}"

    def get(self, ticket: str) -> bytes:
        """Return what was left there.

        Raises
        ------
        Unreachable
            The store does not answer, it is not there, or it is not what was left.
        RunError
            It may not be read.
        """
        name, _, own = ticket.partition(" ")
        content: bytes = self._tried(lambda files, root: files.cat_file(f"{root}/{name}"))
        if blake2b(content).hexdigest() != own:
            message = "what was left there came back damaged"
            raise Unreachable(message)
        return content

    def remove(self, ticket: str) -> None:
        """Remove something; what cannot be removed now is removed by `clear`."""
        self._removed([ticket.partition(" ")[0]])

    def clear(self) -> None:
        """Remove what is left of this run, and what others have forgotten."""
        last = f"{datetime.now(UTC) - FORGOTTEN:%Y%m%d}"
        found = [(name, NAME.fullmatch(name)) for name in self._names()]
        self._removed([name for name, own in found if own and (f"-{self.run}-" in name or own["day"] < last)])

    def _names(self) -> list[str]:
        with suppress(Exception):  # none there, or nobody who says; only room is lost by it
            files, root = _opened(self.address)
            return [path.rpartition("/")[2] for path in files.ls(root, detail=False, refresh=True)]
        return []

    def _removed(self, names: list[str]) -> None:
        for name in names:
            with suppress(Exception):  # as above
                files, root = _opened(self.address)
                files.rm_file(f"{root}/{name}")

    def _tried(self, ask: Callable[[Any, str], Any], *, lasting: tuple[type[Exception], ...] = ()) -> Any:
        """Ask the store, again where it does not answer; errors of the kinds `lasting` will not pass."""
        for number in range(TRIES):
            try:
                return ask(*_opened(self.address))
            except Exception as error:  # each library of a store has errors of its own
                if final := self._lasting(error, lasting):
                    raise final from error
                if number == TRIES - 1:
                    raise Unreachable(type(error).__name__) from error
            time.sleep(PAUSE_S * 2**number)
        return None

    def _lasting(self, error: Exception, kinds: tuple[type[Exception], ...]) -> RunError | None:
        """Return what is to be said where asking again is in vain; never in the words of the library, nor the place."""
        store = f"the store of {variable('dask_store')}"
        if isinstance(error, ImportError | ValueError):
            message = f"{self._who} cannot speak to {store}"
            needed = "file://, s3:// or gs://, or another that fsspec knows and whose package is installed"
            return RunError(message, needed=needed, todo="correct it, or install the package, then resume the run")
        if isinstance(error, PermissionError) or DENIED.search(str(error)):
            message = f"{self._who} may not use {store}"
            needed = "rights, or credentials of the machine, to read, write, list and delete there"
            return RunError(message, needed=needed, todo="give them, then resume the run")
        if isinstance(error, kinds):
            message = f"{self._who} finds no such folder or bucket as {store}"
            return RunError(message, needed="one that is there on every machine", todo="make it, then resume the run")
        if known := refusal(error):
            return RunError(f"{self._who}, at {store}: {known.found}", todo="mend it, then resume the run")
        return None


@lru_cache(maxsize=1)
def _opened(address: str) -> tuple[Any, str]:
    """Return what speaks to the store at an address, as fsspec has it, and the path of the address there."""
    kind = address.partition("://")[0]
    if kind not in BY_ARROW:
        from fsspec.core import url_to_fs

        files, root = url_to_fs(address)
    else:
        from fsspec.implementations.arrow import ArrowFSWrapper
        from pyarrow.fs import FileSystem

        own, root = FileSystem.from_uri(address)
        files = ArrowFSWrapper(own)
    return files, root.rstrip("/")
