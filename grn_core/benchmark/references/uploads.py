"""Reference networks of the user's own, kept by content, for comparisons and the suite ``own``."""

from __future__ import annotations

import hashlib
import re
import shutil
from functools import partial
from pathlib import Path
from typing import BinaryIO

from grn_core.benchmark.references.reference import Reference, read_reference
from grn_core.errors import DataError
from grn_core.files import write_atomic
from grn_core.settings import settings

ENDINGS = (".tsv.gz", ".csv.gz", ".txt.gz", ".tsv", ".csv", ".txt")
DIGITS = 12
BLOCK = 1 << 20  # bytes that are hashed at once


def _root() -> Path:
    return settings().home / "references"


def store_reference(name: str, content: BinaryIO) -> str:
    """Keep an edge list and return its name here; the same content is kept once.

    Parameters
    ----------
    name
        Name of the file, whose ending says what it is.
    content
        The open file.

    Raises
    ------
    DataError
        The ending is not known, or the file is no table of edges, or no gene of it is known.
    """
    ending = next((ending for ending in ENDINGS if name.lower().endswith(ending)), None)
    if ending is None:
        message = f"{name} is not a table"
        raise DataError(message, needed=f"a file ending in {', '.join(ENDINGS)}", todo="save the edges as TSV or CSV")
    content.seek(0)
    whole = hashlib.sha256()
    for block in iter(partial(content.read, BLOCK), b""):
        whole.update(block)
    digest = whole.hexdigest()[:DIGITS]
    stem = re.sub(r"[^A-Za-z0-9_.+-]+", "-", Path(name).name[: -len(ending)])[:60] or "reference"
    path = _root() / f"{stem}.{digest}{ending.replace('.txt', '.tsv')}"

    def write(draft: Path) -> None:
        content.seek(0)
        with draft.open("wb") as file:
            shutil.copyfileobj(content, file)

    fresh = not path.exists()
    if fresh:
        write_atomic(path, write)
    try:
        reference = read_reference(str(path))
        if not len(reference.edges):
            message = f"no edge of {name} has two genes that are known"
            raise DataError(message, needed="human or mouse symbols, or Ensembl ids", todo="check the names")
    except DataError as error:
        if fresh:
            path.unlink()
        error.found = error.found.replace(str(path), name).replace(path.name, name)  # the name that the user knows
        raise
    return path.name


def uploaded() -> dict[str, str]:
    """Return the user's references: name here -> name of the file as it was uploaded, newest first."""
    pattern = re.compile(rf"\.[0-9a-f]{{{DIGITS}}}\.")

    def is_ours(path: Path) -> bool:
        return not path.name.startswith(".") and pattern.search(path.name) is not None

    paths = sorted(filter(is_ours, _root().glob("*")), key=lambda path: path.stat().st_mtime, reverse=True)
    return {path.name: pattern.sub(".", path.name) for path in paths}


def reference_path(name: str) -> Path:
    """Return the file of a user's reference.

    Raises
    ------
    DataError
        There is none of that name.
    """
    if name not in uploaded():
        message = f"there is no reference {name!r} here"
        raise DataError(message, needed="one that was uploaded", todo="upload it again")
    return _root() / name


def read_upload(name: str) -> Reference:
    """Read a user's reference, in human symbols."""
    return read_reference(str(reference_path(name)))
