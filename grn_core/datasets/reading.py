"""What was guessed when a file was read, and what else there was to choose: shown to the user, who may overrule it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class MatrixOffer:
    """A matrix of a file, and what it would give.

    Attributes
    ----------
    name
        ``X``, ``raw`` or ``layers/NAME``, as `read(matrix=...)` takes it.
    n_tfs, n_genes
        Human TFs, and genes with a human symbol, among its features.
    kind
        Name of the kind of its values; ``""`` where they were not looked at, or are no expression.
    refused
        Why it cannot be used; ``""`` where nothing speaks against it.
    """

    name: str
    n_tfs: int
    n_genes: int
    kind: str = ""
    refused: str = ""


@dataclass(frozen=True)
class Reading:
    """How a file was read.

    Attributes
    ----------
    matrix, matrices
        The matrix that was taken, and all that were there; empty for a file that holds one alone.
    orientation
        A key of `grn_core.datasets.read_as.ORIENTATIONS`.
    name_column, name_columns
        The column that named the genes (``""``: the names themselves, the header or the first column), and the columns
        that might.
    doubts
        What could not be told for sure, in sentences; they stay on every result.
    """

    matrix: str = ""
    matrices: tuple[MatrixOffer, ...] = ()
    orientation: str = ""
    name_column: str = ""
    name_columns: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


NOTHING_GUESSED = Reading()
"""Of data that were not read from a file of a user."""
