"""A matrix that stays where it lies: what a process that opens no matrix knows of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, eq=False)
class Unopened:
    """Stands for the matrix of a dataset in a process that only shows it, such as the web server.

    Attributes
    ----------
    shape
        (n_cells, n_genes).
    nnz
        Number of stored values.
    sha256
        Hash of the dataset's content, as the reader found it.
    folder
        Where the dataset lies as plain arrays.
    """

    shape: tuple[int, int]
    nnz: int
    sha256: str
    folder: Path
