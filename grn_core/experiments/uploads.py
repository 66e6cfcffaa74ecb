"""Tables of measured changes of the user's own, kept by content."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from grn_core.benchmark.references.uploads import files_of, kept
from grn_core.errors import DataError
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
    """Return the file of a table that is kept; `DataError` where there is none of that name."""
    if name not in stored_measured():
        message = f"there is no table of measured changes {name!r} here"
        raise DataError(message, needed="one that was uploaded or given to what-if", todo="give it again")
    note_use(_root() / name)
    return _root() / name
