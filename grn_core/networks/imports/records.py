"""What reading a network gives, and the record of a format in which one is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from grn_core.networks.imports.content import Content


@dataclass(frozen=True)
class ScoreOffer:
    """A column of numbers that may hold the scores of edges, by the first rows of its table.

    Attributes
    ----------
    name
        Of the column, or its number from 1 where the file names none.
    lowest, highest, n_different
        Of its numbers, and how many different ones there are.
    best
        The edge that it puts first, as ``SPI1 to CD14``; ``""`` where some numbers are missing.
    is_taken
        Whether its numbers are the scores.
    """

    name: str
    lowest: float
    highest: float
    n_different: int
    best: str = ""
    is_taken: bool = False

    @property
    def gives(self) -> str:
        """What it would give, in words."""
        first = f", first {self.best}" if self.best else ""
        return f"{self.lowest:z.4g} to {self.highest:z.4g}{first}"


@dataclass(frozen=True, eq=False)
class EdgeList:
    """Edges as a file has them: nothing is matched, ranked or made up.

    Attributes
    ----------
    names
        Every gene by its name in the file, each once.
    source, target
        Positions of the ends of each edge in `names`, shape (edges,); a pair may be there several times.
    score
        The higher, the better, shape (edges,); NaN where the file has none; None without any.
    sign
        +1, -1, or 0 where the file says none, shape (edges,); None without any.
    unit
        What the scores are, in words.
    probability, sign_agreement, uncertainty
        Of a table of this program alone, shape (edges,).
    ids, symbols
        Of `names`, where the file is of this program and has them; else empty.
    directed
        Whether the edges have a direction.
    ends
        Names of the columns that were taken for the ends because they hold genes, or their numbers from 1 where the
        file names none; empty where the file or its format says which end is which.
    asked
        Whether the scores are those of the column that the user named.
    notes
        What was read how, in sentences.
    doubts
        What was guessed or not read because it can mean several things; each is also among the notes.
    offers
        Columns of numbers that may be the scores.
    """

    names: tuple[str, ...]
    source: np.ndarray
    target: np.ndarray
    score: np.ndarray | None = None
    sign: np.ndarray | None = None
    unit: str = ""
    probability: np.ndarray | None = None
    sign_agreement: np.ndarray | None = None
    uncertainty: np.ndarray | None = None
    ids: tuple[str, ...] = ()
    symbols: tuple[str, ...] = ()
    directed: bool = True
    ends: tuple[str, ...] = ()
    asked: bool = False
    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    offers: tuple[ScoreOffer, ...] = ()

    def __len__(self) -> int:
        return len(self.source)


ARRAYS = ("source", "target", "score", "sign", "probability", "sign_agreement", "uncertainty")
"""Attributes of an `EdgeList` that are one value an edge."""


def taken(edges: EdgeList, rows: Sequence[int] | np.ndarray) -> EdgeList:
    """Return some of the edges."""

    def some(values: np.ndarray | None) -> np.ndarray | None:
        return None if values is None else values[rows]

    return replace(
        edges,
        source=edges.source[rows],
        target=edges.target[rows],
        score=some(edges.score),
        sign=some(edges.sign),
        probability=some(edges.probability),
        sign_agreement=some(edges.sign_agreement),
        uncertainty=some(edges.uncertainty),
    )


@dataclass(frozen=True)
class NetworkFormat:
    """A format in which a network is written.

    Attributes
    ----------
    name
        Short name.
    title
        For menus and docs: what it is, and what writes it.
    columns
        What it holds, for docs: the columns of a table, or the shape of a line.
    endings
        What names of such files usually end in; empty where that says nothing.
    fits
        Whether a file's content is of this format.
    read
        Makes it an `EdgeList`; raises `GrnError` alone. Runs in the isolated reader.
    """

    name: str
    title: str
    columns: str
    endings: tuple[str, ...]
    fits: Callable[[Content], bool] = field(repr=False)
    read: Callable[[Content], EdgeList] = field(repr=False)
