"""What the first page needs is loaded while the server comes up and the first visitor's browser loads its own part."""

from __future__ import annotations

from importlib import import_module
from threading import Thread

FIRST = ("pages.components.data.choices", "pages.components.runs.list")
"""Modules of the page Home that bring tables and graphs; what models need stays out until it is asked for."""

_thread: list[Thread] = []


def warm_up() -> None:
    """Begin to load them, once in a process; a mistake in them is left for the page to meet and to tell."""
    if not _thread:
        _thread.append(Thread(target=_load, name="warm-up", daemon=True))
        _thread[0].start()


def wait_until_warm() -> None:
    """Wait for what `warm_up` began: no two threads may load modules that need each other."""
    for thread in _thread:
        thread.join()


def _load() -> None:
    for module in FIRST:
        import_module(module)
