"""What a file format is to the program."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from grn_core.datasets.dataset import Dataset
from grn_core.datasets.read_as import ReadAs

START = 512
"""Bytes of a file's start by which its format is told."""


class Reader(Protocol):
    """Reads a file of one format."""

    def __call__(self, path: Path, *, title: str, read_as: ReadAs) -> Dataset:
        """Return the dataset; `read_as` is the user's word on the file."""


@dataclass(frozen=True)
class Format:
    """A format of measured cells.

    Attributes
    ----------
    name, title
        Short name, and what menus and messages call such a file, e.g. ``an .h5ad file``.
    endings
        What names of such files may end in, the first being the usual one.
    content
        What its bytes are, e.g. ``HDF5``.
    sniff
        Whether the first `START` bytes of a file are of this format.
    read
        Makes it a `Dataset`; raises `GrnError` alone. Runs in the isolated reader (`grn_core.datasets.isolation`); may
        write files, and no folders, to `tempfile`'s folder only.
    binary
        Whether a file so named must have that content: one that has another is refused, not read as what it is.
    by_anndata
        Whether anndata reads it: the reader's process loads it once, before the first such file, and for no other.
    """

    name: str
    title: str
    endings: tuple[str, ...]
    content: str
    sniff: Callable[[bytes], bool]
    read: Reader
    binary: bool = True
    by_anndata: bool = False
