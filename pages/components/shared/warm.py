"""What a server does at its start, while the first visitor's browser loads its own part.

What the first page needs is loaded, and what is left of a server and of workers that were killed is swept.
"""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module
from threading import Thread
from typing import TYPE_CHECKING

from grn_core.errors import GrnError

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST = ("pages.components.start.doors",)
"""Modules of what Home shows at once: they bring no tables, so that it can be used after a moment."""
REST = ("pages.components.runs.list", "pages.components.visitor.stored")
"""Modules of the rest of Home, with tables and graphs; what models need stays out until it is asked for."""

ASKING = ("", "infer")
"""Addresses of the pages from which most runs are started."""

_threads: list[Thread] = []
"""Loads `FIRST`, and then the one after it, which it begins itself, loads `REST`."""


def warm_up(*, demo: bool) -> None:
    """Begin to load them, once in a process; a mistake in them is left for the page to meet and to tell.

    Parameters
    ----------
    demo
        Whether the demo's cells are read too, behind the first page's back: where there is one home. Who asks for them
        in the meantime waits for the end of that.
    """
    if not _threads:
        _begin(_load_first, demo)


def wait_for_first() -> None:
    """Wait for what `warm_up` loads first, which is all that the top of Home needs."""
    for thread in _threads[:1]:
        thread.join()


def wait_until_warm() -> None:
    """Wait for all that `warm_up` loads: no two threads may load modules that need each other."""
    for thread in _threads:  # grows by one before the first of them ends
        thread.join()


def _begin(load: Callable[[bool], None], demo: bool) -> None:  # noqa: FBT001 - of a thread
    _threads.append(Thread(target=load, args=(demo,), name="warm-up", daemon=True))
    _threads[-1].start()


def _load_first(demo: bool) -> None:  # noqa: FBT001 - of a thread
    try:
        for module in FIRST:
            import_module(module)
    finally:
        _begin(_load_rest, demo)


def _load_rest(demo: bool) -> None:  # noqa: FBT001 - of a thread
    for module in REST:
        import_module(module)
    Thread(target=_sweep, name="sweep", daemon=True).start()
    if demo:
        Thread(target=read_demo, name="read-ahead", daemon=True).start()


def _sweep() -> None:
    from grn_core.runs.left_over import sweep

    with suppress(GrnError, OSError):  # a data folder that cannot be read is said on every page
        sweep()


def read_demo() -> None:
    """Have the demo's cells read and described, so that a click on the demo finds them so."""
    from grn_core import datasets
    from pages.components.data.choices import DEMO

    with suppress(GrnError, OSError):  # the page meets it again, and tells
        datasets.describe(DEMO)


def worker_ready(path: str) -> None:
    """Have a worker ready while a page is looked at from which runs are started; by a server, not by a script alone."""
    if _threads and path in ASKING:
        from grn_core.runs import manager

        with suppress(GrnError, OSError):  # without one a run is started as well
            manager.stand_by()
