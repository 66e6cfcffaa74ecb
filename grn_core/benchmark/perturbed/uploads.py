"""Tables of changes of the user's own, kept by content."""

from __future__ import annotations

import re
from pathlib import Path
from typing import BinaryIO

from grn_core.benchmark.perturbed.tables import read_table
from grn_core.benchmark.references.uploads import files_of, kept
from grn_core.files import DIGITS
from grn_core.settings import settings

STORED = re.compile(rf"(?P<title>.*)\.(?P<digest>[0-9a-f]{{{DIGITS}}})(?:\..*)?")
"""Name of a table that is kept: its file's, the digest of its content, its ending."""


def _root() -> Path:
    return settings().home / "changes"


def store_table(name: str, content: BinaryIO) -> str:
    """Keep a table and return its name here; `DataError` as of `read_table`."""
    return kept(_root(), name, content, check=read_table).name


def stored_tables() -> dict[str, str]:
    """Return the user's tables: name here -> name of the file as it was uploaded, newest first."""
    return files_of(_root())


def table_option(name: str) -> str:
    """Return a stored table as `BenchmarkOptions.tables` has it, called by its file; two alike by content too."""
    title, digest = _parts(name)
    alike = [other for other in stored_tables() if _parts(other)[0] == title]
    return f"{title} {digest}={_root() / name}" if len(alike) > 1 else f"{title}={_root() / name}"


def _parts(name: str) -> tuple[str, str]:
    """Return the file's name without its endings, and the digest of its content, of the name here."""
    found = STORED.fullmatch(name)
    return (found["title"], found["digest"]) if found else (name, "")
