"""Tables of changes of the user's own, kept by content."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from grn_core.benchmark.perturbed.tables import read_table
from grn_core.benchmark.references.uploads import files_of, kept
from grn_core.settings import settings


def _root() -> Path:
    return settings().home / "changes"


def store_table(name: str, content: BinaryIO) -> str:
    """Keep a table and return its name here; `DataError` as of `read_table`."""
    return kept(_root(), name, content, check=read_table).name


def stored_tables() -> dict[str, str]:
    """Return the user's tables: name here -> name of the file as it was uploaded, newest first."""
    return files_of(_root())


def table_option(name: str) -> str:
    """Return a stored table as `BenchmarkOptions.tables` has it, called by the beginning of its file's name."""
    return f"{name.split('.', maxsplit=1)[0]}={_root() / name}"
