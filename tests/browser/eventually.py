"""A page changes while it is looked at: what it must show is waited for, never asserted of one moment."""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.parse import parse_qs

SECONDS = 90  # generous: other work may share the cores


def eventually(check: Callable[[], object], *, seconds: float = SECONDS) -> None:
    """Call `check` until it no longer fails.

    Parameters
    ----------
    check
        Asserts what must come to hold, or raises as Playwright does when what it looks at is drawn anew just then.
    seconds
        How long it may take.

    Raises
    ------
    Exception
        What `check` raised last.
    """
    end = time.monotonic() + seconds
    while True:
        try:
            check()
        except Exception:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
        else:
            return


def in_url(page, name: str) -> str | None:
    """Return the value that the address bar gives a name now.

    The page is asked: `page.url` is what Playwright heard last, and it hears nothing while a test only waits.
    """
    return parse_qs(page.evaluate("location.search").removeprefix("?")).get(name, [None])[0]


def await_in_url(page, name: str, value: str | None = None) -> str:
    """Wait until the address bar gives a name a value, the given one or any; return it."""

    def given() -> None:
        found = in_url(page, name)
        assert found if value is None else found == value, f"{name}={value} wanted, {found} found"

    eventually(given)
    return in_url(page, name) or ""
