"""Python's collector of garbage: it goes through all objects from time to time, not after every run of a page."""

from __future__ import annotations

import gc
import sys
import time

EVERY_S = 10.0
"""Seconds between two collections: with twenty visitors one takes as long as a page, and all of them wait for it."""

_known = 0
_last = 0.0


def collect() -> None:
    """Free what refers to itself alone, if that was not done lately; call it after a run of a page.

    Streamlit's own way, a collection after every run, is turned off in its settings. What modules have made is taken
    out of the collector's way where some were loaded since the last time: it stays as long as the server runs, and is
    most of its objects. What lives meanwhile is freed when nothing refers to it any more, as all else.
    """
    global _known, _last  # noqa: PLW0603 - one process has one collector
    loaded, now = len(sys.modules), time.monotonic()
    if loaded == _known and now - _last < EVERY_S:
        return
    _last = now
    gc.collect()
    if loaded != _known:
        _known = loaded
        gc.freeze()
