"""Folders that hold cells, as they lie on the disk: what they are, their size, their hash."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from grn_core.errors import DataError
from grn_core.files import sha256_known

MOST_FILES = 200_000


def files_of(path: Path) -> Iterator[Path]:
    """Yield a file, or the files below a folder in the order of their names, without links.

    Raises
    ------
    DataError
        There are too many.
    """
    if not path.is_dir():
        yield path
        return
    n = 0
    for place in sorted(path.rglob("*")):
        if place.is_file() and not place.is_symlink():
            n += 1
            if n > MOST_FILES:
                message = f"the folder {path} holds more than {MOST_FILES:,} files"
                raise DataError(message, needed="a folder of cells", todo="name the folder that holds the cells alone")
            yield place


def size_of(path: Path) -> int:
    """Bytes of a file, or of all files below a folder."""
    return sum(place.stat().st_size for place in files_of(path))


def changed(path: Path) -> int:
    """Time of the last change, in nanoseconds: of a file, or of the newest below a folder."""
    return max((place.stat().st_mtime_ns for place in files_of(path)), default=0)


def content_sha(path: Path) -> str:
    """SHA-256 of a file, or of the names and contents of all files below a folder."""
    if not path.is_dir():
        return sha256_known(path)
    digest = hashlib.sha256()
    for place in files_of(path):
        digest.update(f"{place.relative_to(path).as_posix()}\0{sha256_known(place)}\n".encode())
    return digest.hexdigest()
