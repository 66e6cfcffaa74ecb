"""Tables of measured changes by a name: those that come with the software, and a user's own, kept by content."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from grn_core.benchmark.references.uploads import files_of, kept
from grn_core.errors import DataError
from grn_core.experiments.bundled import bundled
from grn_core.experiments.tables import read_measured
from grn_core.files import note_use
from grn_core.settings import settings


def _root() -> Path:
    return settings().home / "measured"


def store_measured(name: str, content: BinaryIO) -> str:
    """Keep a table and return its name here; `DataError` as of `read_measured`."""
    return kept(_root(), name, content, check=read_measured).name


def stored_measured() -> dict[str, str]:
    """Return the tables that are kept: name here -> name of the file as it was given, newest first."""
    return files_of(_root())


def measured_path(name: str) -> Path:
    """Return the file of a table that is bundled or kept; `DataError` where there is none of that name."""
    if name in bundled():
        return bundled()[name].path
    if name not in stored_measured():
        message = f"there is no table of measured changes {name!r} here"
        raise DataError(
            message,
            needed=f"one that was uploaded or given to what-if, or one of {', '.join(bundled())}",
            todo="give it again",
        )
    note_use(_root() / name)
    return _root() / name
