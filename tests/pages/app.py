"""Open a page of the app as a visitor does, by its address."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.testing.v1 import AppTest, app_test, local_script_runner

from tests.conftest import ROOT

if TYPE_CHECKING:
    import pandas as pd

SECONDS = 60
"""How long a page may take: other work may share the cores, and Streamlit's own 3 seconds are few."""

# Streamlit looks through all installed packages for components whenever an app begins: once will do.
manifest_scanner.scan_component_manifests = lru_cache(manifest_scanner.scan_component_manifests)
# It compiles every script anew for every run, and looks a thousand times a second whether the script is done.
app_test.ScriptCache = local_script_runner.ScriptCache = lru_cache(ScriptCache)
still_running = local_script_runner.require_widgets_deltas


def until_done(runner: local_script_runner.LocalScriptRunner, timeout: float) -> None:
    """Wait for the end of a script; after `timeout` seconds fail as Streamlit's client does."""
    runner._script_thread.join(timeout)
    if runner._script_thread.is_alive():
        still_running(runner, 0)


local_script_runner.require_widgets_deltas = until_done

HOME = "pages/start/home.py"
LETTERS, WIDE = 110, 150
"""Of a line of small text on a wide screen: with room to spare, and as many as stand there at 1440 pixels."""


def open_page(path: str | None = None, /, **parameters: str) -> AppTest:
    """Follow a link to one page of the app (Home without a path) with URL parameters; no exception may be on it."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=SECONDS)
    if path not in (None, HOME):
        app.switch_page(path)
    for name, value in parameters.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def part_of_page(script: Callable[..., object], *args: Any) -> AppTest:
    """Return a page that holds what a function draws; it has not run yet."""
    return AppTest.from_function(script, default_timeout=SECONDS, args=args)


def lines_of(caption: str, *, share: float = 1.0) -> int:
    """Return how many lines a caption takes on a wide screen, as far as its number of letters tells.

    Parameters
    ----------
    caption
        Its Markdown.
    share
        Of the width of the page that the column has in which it stands.
    """
    letters = min(LETTERS, WIDE * share)
    shown = re.sub(r"\\(.)|\*\*|\u2060|\]\([^)]*\)", r"\1", caption)
    lines = [line for line in re.split(r"  \n|\n+", shown) if line.strip()]
    return sum(math.ceil(len(line) / letters) for line in lines)


def captions(node: Any, *, share: float = 1.0) -> Iterator[tuple[str, float]]:
    """Yield each caption of a tree of elements with the share of the page's width that it has."""
    for child in getattr(node, "children", {}).values():
        if child.type == "caption":
            yield child.value, share
        own = child.weight if child.type == "column" else 1.0
        yield from captions(child, share=share * own)


def text_of(app: AppTest) -> str:
    """Return all running text of the page."""
    kinds = (app.title, app.header, app.subheader, app.markdown, app.caption, app.text)
    notices = (app.info, app.warning, app.error, app.success)
    return "\n".join(str(part.value) for kind in (*kinds, *notices) for part in kind)


def facts_of_cells(app: AppTest) -> pd.DataFrame:
    """Return the table of Dataset that says what was read: species, cells, values."""
    found: pd.DataFrame = next(one.value for one in app.table if "Species" in one.value.index)
    return found
