"""Python's collector of garbage: Streamlit lets it go through all objects after every run of a page."""

from __future__ import annotations

import gc
import sys

_known = 0


def spare_modules() -> None:
    """Take what modules have made out of the collector's way, where some were loaded since the last time.

    They stay as long as the server runs, and are most of its objects: going through them after every click would take
    longer than the page itself. What lives meanwhile is freed when nothing refers to it any more, as all else.
    """
    global _known  # noqa: PLW0603 - one process has one collector
    loaded = len(sys.modules)
    if loaded != _known:
        _known = loaded
        gc.collect()
        gc.freeze()
