"""Whether what was read of a file, and kept as plain arrays and JSON, is as it was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grn_core.sums import differing, read_summed, sums_below, write_summed

if TYPE_CHECKING:
    from pathlib import Path

SUMS = "sums.json"
MATRIX = "-matrix-"
"""Part of the names of the arrays of a matrix."""


def write_sums(folder: Path) -> None:
    """Write the sums of what lies in a folder."""
    write_summed(folder / SUMS, {"files": sums_below(folder, leave=(SUMS,))})


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
