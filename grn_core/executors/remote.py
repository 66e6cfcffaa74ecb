"""What a worker of a cluster does: make ready once what all parts share, then compute part after part.

The function that is sent is `computed`, by its name; what it is given and returns are strings and bytes. With a store,
a string stands for what lies there.
"""

from __future__ import annotations

import logging
from functools import partial
from importlib import import_module
from threading import Lock
from typing import TYPE_CHECKING

from grn_core.errors import GrnError, RunError
from grn_core.executors.alike import unlike, versions_here
from grn_core.executors.parcels import Parcel, packed, unpacked
from grn_core.executors.store import SMALL, Store, Unreachable
from grn_core.refusals import plain, refusal

if TYPE_CHECKING:
    from collections.abc import Callable

VERSIONS, ERROR, AGAIN = "versions", "error", "again"
"""What is told beside the work itself: versions of who asks, what a user is to know of a failure, and why a part that
could not be handed over has to be asked again."""
_READY: dict[str, Callable[[Parcel], Parcel]] = {}
"""Sum of what the parts of one piece of work share -> what computes them. The last one alone is kept."""
_ALONE = Lock()
logger = logging.getLogger(__name__)


def computed(
    module: str, key: str, given: bytes | str, part: bytes | str, there: tuple[str, str] | None = None
) -> bytes | str:
    """Compute a part; one at a time in this process, on as many threads as it has.

    Parameters
    ----------
    module
        As of `grn_core.executors.work.Work`.
    key
        Sum of `given`.
    given
        Parcel of what all parts share, and the ``versions`` of who asks.
    part
        Parcel of the part.
    there
        Address of a store and mark of the run in it, see `grn_core.executors.store`: `given`, `part` and what is
        returned may then be tickets.

    Returns
    -------
    bytes
        Parcel of the result; one that tells an ``error`` where the part failed, in whatever way.
    """
    with _ALONE:
        try:
            store = Store(there[0], run=there[1], who="a worker") if there else None
            compute = _ready(module, key, partial(_content, given, store))
            found = packed(compute(unpacked(_content(part, store))))
            return store.put(found) if store and len(found) > SMALL else found
        except Unreachable as error:
            logger.warning("the store was not reached: %s", error)
            return packed(Parcel({AGAIN: str(error)}))
        except Exception as error:  # an error that left here could not be told from one of Dask's own
            logger.warning("a part failed", exc_info=True)
            told = said(error)
        return packed(Parcel({ERROR: {"found": told.found, "needed": told.needed, "todo": told.todo}}))


def said(error: Exception) -> GrnError:
    """Return what a user is to know of a failure here: what would be said of one in the app, without a path."""
    if isinstance(error, GrnError):
        return error
    if known := refusal(error):
        return GrnError(f"on a worker: {known.found}", needed=known.needed, todo=known.todo)
    return RunError(f"a worker failed: {type(error).__name__}: {plain(error)}", todo="see the log of the worker")


def _content(sent: bytes | str, store: Store | None) -> bytes:
    if isinstance(sent, bytes):
        return sent
    assert store is not None
    return store.get(sent)


def _ready(module: str, key: str, given: Callable[[], bytes]) -> Callable[[Parcel], Parcel]:
    """Return what computes the parts of one piece of work."""
    if key not in _READY:
        _READY.clear()
        asked = unpacked(given())
        if differing := unlike(asked.told[VERSIONS], versions_here()):
            raise other_versions(differing)
        _READY[key] = import_module(module).prepared(asked)
    return _READY[key]


def other_versions(differing: str) -> RunError:
    """Return the error of a worker that would compute something else."""
    message = f"a part of the cluster has other versions: {differing}"
    needed = "the same versions in the app, the scheduler and every worker"
    return RunError(message, needed=needed, todo="install the same there, start it again, then resume the run")
