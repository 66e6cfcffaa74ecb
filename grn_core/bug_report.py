"""A report for a bug tracker: what runs here and what went wrong, without data, names of genes or cells, or paths.

Nothing is copied that a user has named or that comes from a user's file: of a folder or an address only that it is set,
of models and runs how many there are, of a failure its place in the source and the type of the error, never its words.
"""

from __future__ import annotations

import builtins
import re
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from grn_core import errors
from grn_core.assets import damaged
from grn_core.disk import ROOMS, disk_use
from grn_core.doctor import checks, facts, settings_in_force
from grn_core.models import registry as models
from grn_core.runs import RunStore
from grn_core.settings import settings

if TYPE_CHECKING:
    from pathlib import Path

LOG_BYTES, MOST_FAILURES = 200_000, 20
FRAME = re.compile(r'^ +File "(?:[^"]*/)?(grn_core/[\w/]+\.py)", line (\d+), in (\w+|<module>|<lambda>)$')
RAISED = re.compile(r"^(?:\w+\.)*([A-Z]\w*)(?::.*)?$")
BEGIN = "Traceback (most recent call last):"


def bug_report() -> dict[str, Any]:
    """Return the report in JSON types.

    Returns
    -------
    dict
        Versions and machine; settings in force; checks by title; files of the release that are damaged; bytes on disk
        by room; numbers of models; runs counted by kind and state; and the last failures, newest first.
    """
    known = models.records()
    return {
        "versions and machine": {name: value for name, value in facts(settings()).items() if name != "home"},
        "settings": {one.variable: one.told for one in settings_in_force()},
        "checks": {one.title: one.state for one in checks()},
        "damaged files of the release": damaged(),
        "bytes on disk": _bytes_on_disk(),
        "models": dict(Counter("bundled" if models.is_bundled(one.name) else "added" for one in known)),
        "runs": _runs(),
        "failures": _failures(),
    }


def _bytes_on_disk() -> dict[str, int]:
    """Return the bytes of each room that is known; folders of other names count together."""
    found: Counter[str] = Counter()
    for one in disk_use(settings()):
        found[ROOMS.get(one.folder.name, "other")] += one.bytes
    return dict(found)


def _runs() -> dict[str, dict[str, int]]:
    found: dict[str, Counter[str]] = {}
    for info in RunStore().list_runs():
        found.setdefault(info.request.kind, Counter())[info.status.state] += 1
    return {kind: dict(states) for kind, states in sorted(found.items())}


def _failures() -> list[dict[str, Any]]:
    """Return kind, attempts, error and place of the newest runs that did not end well."""
    store = RunStore()
    bad = [info for info in store.list_runs() if info.status.state in ("failed", "interrupted")]
    return [
        {
            "kind": info.request.kind,
            "state": info.status.state,
            "attempts": info.status.attempts,
            **_last_traceback(store.path(info.run_id) / "log.txt"),
        }
        for info in bad[:MOST_FAILURES]
    ]


def _last_traceback(log: Path) -> dict[str, Any]:
    """Return the type of the last error of a log and its places in our source, outermost first."""
    text = ""
    with suppress(OSError), log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - LOG_BYTES))
        text = file.read().decode("utf-8", errors="replace")
    if BEGIN not in text:
        return {}
    lines = text.rpartition(BEGIN)[2].splitlines()
    places = [f"{found[1]}:{found[2]} {found[3]}" for line in lines if (found := FRAME.match(line))]
    raised = [found[1] for line in lines if (found := RAISED.match(line)) and _is_error(found[1])]
    return {"error": raised[0] if raised else "of another library", "places": places}


def _is_error(name: str) -> bool:
    """Whether a name is that of an error of ours or of Python, and not a word of somebody's data."""
    found = getattr(errors, name, None) or getattr(builtins, name, None)
    return isinstance(found, type) and issubclass(found, BaseException)
