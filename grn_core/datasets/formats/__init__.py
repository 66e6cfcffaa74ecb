"""The formats of measured cells that can be read: one module a format, each with its record."""

from __future__ import annotations

from pathlib import Path

from grn_core.datasets.formats.h5ad import H5AD
from grn_core.datasets.formats.record import START, Format
from grn_core.datasets.formats.text import TEXT

FORMATS: list[Format] = [H5AD, TEXT]
"""In the order in which a file's start is tried; the last takes what is no other."""


def format_of(path: Path) -> Format | None:
    """Return the format that the content of a file has, None if it is none of `FORMATS`."""
    with path.open("rb") as file:
        start = file.read(START)
    return next((one for one in FORMATS if one.sniff(start)), None)


def named_format(filename: str) -> Format | None:
    """Return the format that a file's name promises, None if it promises nothing."""
    name = filename.lower()
    return next((one for one in FORMATS if name.endswith(one.endings)), None)


def endings() -> tuple[str, ...]:
    """Return what names of files that can be read may end in, without repeats, longest first."""
    return tuple(sorted({ending for one in FORMATS for ending in one.endings}, key=lambda one: (-len(one), one)))


def in_words() -> str:
    """Name the formats, for messages and help: ``an .h5ad file, or a .csv or .tsv table (also .gz)``."""
    *others, last = (one.title for one in FORMATS)
    return f"{', '.join(others)}, or {last}" if others else last


__all__ = ["FORMATS", "START", "Format", "endings", "format_of", "in_words", "named_format"]
