"""The formats of measured cells that can be read: one module a format, each with its record."""

from __future__ import annotations

from pathlib import Path

from grn_core.datasets.formats.archive import ARCHIVE
from grn_core.datasets.formats.columns import PARQUET
from grn_core.datasets.formats.hdf5 import H5AD, H5MU, LOOM, TENX_H5
from grn_core.datasets.formats.matrix_folder import is_matrix, within
from grn_core.datasets.formats.record import START, Format
from grn_core.datasets.formats.refused import refuse_known
from grn_core.datasets.formats.text import TEXT
from grn_core.datasets.formats.unpacked import start_of
from grn_core.datasets.formats.xlsx import XLSX
from grn_core.datasets.formats.zarr_store import ZARR, holds_zarr
from grn_core.errors import DataError

FORMATS: list[Format] = [H5AD, TENX_H5, LOOM, H5MU, ARCHIVE, ZARR, XLSX, PARQUET, TEXT]
"""In the order in which a file's start is tried; the last takes what is no other."""


def format_of(path: Path) -> Format | None:
    """Return the format that the content of a file has, of several the one that its name says; None for none.

    Raises
    ------
    DataError
        The content is known to hold no cells that can be read: of Git LFS, of R, a matrix without names.
    """
    if path.is_dir():
        return _format_of_folder(path)
    start = start_of(path)
    refuse_known(path, start)
    able = [one for one in FORMATS if one.sniff(start)]
    named = named_format(path.name)
    return named if named in able and named is not None and named.binary else next(iter(able), None)


def _format_of_folder(path: Path) -> Format:
    """Return the format of a folder: of zarr, else of 10x Genomics; `DataError` where it is neither."""
    names = [place.name for place in path.iterdir()]
    if holds_zarr(names):
        return ZARR
    if any(map(is_matrix, names)):
        return ARCHIVE
    message = f"the folder {path.name} holds {', '.join(sorted(names)[:5]) or 'nothing'}"
    needed = "a file, a zarr store of AnnData, or matrix.mtx, barcodes.tsv and features.tsv (or genes.tsv)"
    inner = within(path)
    todo = f"name {' or '.join(inner[:3])} in it" if inner else "name the file, or the folder that holds the three"
    raise DataError(message, needed=needed, todo=todo)


def named_format(filename: str) -> Format | None:
    """Return the format that a file's name promises, None if it promises nothing."""
    name = filename.lower()
    fits = [(len(ending), one) for one in FORMATS for ending in one.endings if name.endswith(ending)]
    return max(fits, key=lambda fit: fit[0])[1] if fits else None


def endings() -> tuple[str, ...]:
    """Return what names of files that can be read may end in, without repeats, longest first."""
    return tuple(sorted({ending for one in FORMATS for ending in one.endings}, key=lambda one: (-len(one), one)))


def in_words() -> str:
    """Name the formats, for messages and help: ``an .h5ad file, or a .csv or .tsv table (also .gz)``."""
    *others, last = (one.title for one in FORMATS)
    return f"{', '.join(others)}, or {last}" if others else last


__all__ = ["FORMATS", "START", "Format", "endings", "format_of", "in_words", "named_format"]
