"""Whether what was read of a file, and kept as plain arrays and JSON, is as it was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grn_core.datasets.formats.folders import content_sha
from grn_core.errors import DataError
from grn_core.files import DIGITS, KEPT
from grn_core.settings import settings
from grn_core.sums import differing, read_summed, sums_below, write_summed

if TYPE_CHECKING:
    from pathlib import Path

SUMS = "sums.json"
CONTENT = "content"
"""Key of a request under which a reader finds the hash of what it reads; ``""`` where it takes it as it is."""
KEPT_IN = ("references", "changes", "measured", "gene-sets")
"""Folders of the home whose files are kept by their content."""
MATRIX = "-matrix-"
"""Part of the names of the arrays of a matrix."""


def write_sums(folder: Path) -> None:
    """Write the sums of what lies in a folder."""
    write_summed(folder / SUMS, {"files": sums_below(folder, leave=(SUMS,))})


def check_named(path: Path, sha: str) -> None:
    """Refuse a file of the user's that is kept by its content, and whose hash is not the one in its name any more.

    Parameters
    ----------
    path
        Any file.
    sha
        Its SHA-256.

    Raises
    ------
    DataError
        It is damaged.
    """
    rooms = [(settings().home / room).resolve() for room in KEPT_IN]
    told = KEPT.search(path.name) if path.parent.resolve() in rooms else None
    if told is not None and f".{sha[:DIGITS]}" not in path.name:
        message = f"the file {KEPT.sub('', path.name)} that was uploaded is damaged on the disk"
        raise DataError(message, needed="the file as it came", todo="upload it again")


def check_same(path: Path, sha: str) -> None:
    """Refuse, `DataError`, a file or folder that is about to be read and has another hash than it was asked for by."""
    if content_sha(path) != sha:
        message = f"{path.name} is not what it was when it was looked at"
        raise DataError(message, needed="the file as it was", todo="open it again; upload it again if it was uploaded")


def check_whole(folder: Path, *, matrix: bool = True) -> None:
    """Raise `ValueError` unless a folder of `write_sums` is as it was.

    Parameters
    ----------
    folder
        The folder.
    matrix
        Whether the values of a matrix of cells are looked at too, which may be many.
    """
    told = read_summed(folder / SUMS)
    files = {} if told is None else {name: sha for name, sha in told["files"].items() if matrix or MATRIX not in name}
    wrong = [SUMS] if told is None else differing(folder, files)
    if wrong:
        message = f"{wrong[0]} is not as it was written"
        raise ValueError(message)
