"""Tables of measured changes of the user's own, kept by content."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from grn_core.benchmark.references.uploads import files_of, kept
from grn_core.experiments.tables import read_measured
from grn_core.settings import settings


def _root() -> Path:
    return settings().home / "measured"


def store_measured(name: str, content: BinaryIO) -> str:
    """Keep a table and return its path here; `DataError` as of `read_measured`."""
    return str(kept(_root(), name, content, check=read_measured))


def stored_measured() -> dict[str, str]:
    """Return the tables that are kept: path here -> name of the file as it was uploaded, newest first."""
    return {str(_root() / name): title for name, title in files_of(_root()).items()}
