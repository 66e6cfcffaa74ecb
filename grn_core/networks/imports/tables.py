"""A table in which a network may stand, whatever kind of file it is in, and the one that is in memory already."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np
import pandas as pd

from grn_core.datasets.formats.header_names import without_copies
from grn_core.datasets.formats.refused import say_the_same
from grn_core.datasets.formats.written_numbers import MISSING
from grn_core.errors import DataError
from grn_core.genes import match_genes
from grn_core.in_words import names, short
from grn_core.networks.imports.fields import numbers_in
from grn_core.networks.imports.words import KNOWN, plain

ROWS_A_TIME = 500_000
SEEN = 100
MOST_NAMED = 12
"""Columns that a refusal names."""
GENES = 0.6
"""Share of known names from which on a column is one of genes."""


class Table(ABC):
    """Columns with names.

    Attributes
    ----------
    header
        Names of the columns as they stand; ``""`` for one without a name.
    named
        Whether the file names them; else they are numbered from 1.
    seen
        The first rows as text.
    guarded
        Whether names that a spreadsheet would take for a formula stand behind an apostrophe.
    delimiter
        Between the fields of a table of text; else ``""``.
    asked
        The column of the scores, where the user names it.
    """

    header: tuple[str, ...]
    named: bool
    seen: tuple[tuple[str, ...], ...]
    guarded = False
    delimiter = ""
    asked: str | None = None

    @abstractmethod
    def frames(self, columns: Sequence[int], *, rows: int) -> Iterator[pd.DataFrame]:
        """Yield some columns, called by their places, `rows` at a time; text, or numbers where the file has types."""

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Names of the columns in small letters and digits alone."""
        return tuple(plain(name) for name in self.header) if self.named else ("",) * len(self.header)

    def refuse_repeated(self) -> None:
        """Refuse columns that are read by their names where several have one: nobody knows which is meant.

        Those that say the same are none: of ids beside symbols, both called ``gene``, either may be read.
        """
        words = [plain(name) for name in without_copies(self.header)] if self.named else []
        for word in dict.fromkeys(words):
            places = [place for place, one in enumerate(words) if one == word]
            first, *others = (self.column(place) for place in places)
            if word in KNOWN and not all(one == first or say_the_same(first, one) for one in others):
                called = ", ".join(repr(short(self.header[place])) for place in places)
                message = f"{len(places)} columns are called alike: {called}"
                todo = "take out those that are not meant, or give them other names"
                raise DataError(message, needed="one column for the sources, the targets, the scores", todo=todo)

    def has(self, *words: str) -> bool:
        """Whether there are columns of all these names (`words`)."""
        return set(words) <= set(self.words)

    def place(self, *words: str) -> int | None:
        """Return the place of the first of some columns that is there."""
        return next((self.words.index(word) for word in words if word in self.words), None)

    def place_asked(self) -> int | None:
        """Return the place of the column that the user takes for scores, None where no column is named.

        Raises
        ------
        DataError
            There is none of that name, or several are.
        """
        if self.asked is None:
            return None
        places = [place for place, name in enumerate(self.header) if name == self.asked]
        places = places or [place for place, word in enumerate(self.words) if word and word == plain(self.asked)]
        if len(places) == 1:
            return places[0]
        message = f"{'several columns are' if places else 'no column is'} called {short(self.asked)!r}"
        there = names(list(filter(None, self.header))[:MOST_NAMED])
        raise DataError(message, needed=f"one of {there}", todo="name another column of scores, or leave it out")

    def column(self, place: int) -> tuple[str, ...]:
        """Return the first fields of a column."""
        return tuple(row[place].strip() for row in self.seen if place < len(row))

    def numbers(self, place: int) -> list[float]:
        """Return the numbers among the first fields of a column."""
        return numbers_in(self.column(place), self.delimiter)

    def is_numeric(self, place: int) -> bool:
        """Whether the first fields of a column are numbers, or missing."""
        told = [one for one in self.column(place) if one.lower() not in MISSING]
        return bool(told) and len(self.numbers(place)) == len(told)

    def are_genes(self, place: int) -> bool:
        """Whether the first fields of a column are names of genes."""
        told = sorted({one for one in self.column(place) if one})
        if not told or self.is_numeric(place):
            return False
        match = match_genes(told)
        return match.n_unknown <= (1 - GENES) * len(told)

    def load(self, columns: Sequence[int]) -> pd.DataFrame:
        """Return whole columns, called by their places."""
        parts = list(self.frames(columns, rows=ROWS_A_TIME))
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(columns), dtype=object)


class InMemory(Table):
    """A table that is there already."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.header, self.named = tuple(map(str, frame.columns)), True
        self._frame = frame.set_axis(range(frame.shape[1]), axis=1)
        head = self._frame.head(SEEN)
        self.seen = tuple(tuple(text_of(one) for one in row) for row in head.itertuples(index=False))

    def frames(self, columns: Sequence[int], *, rows: int) -> Iterator[pd.DataFrame]:
        """Yield what is there."""
        del rows
        yield self._frame[list(columns)]


def text_of(value: object) -> str:
    """Return a value of a typed table as text; nothing for one that is missing."""
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return re.sub(r"\s+", " ", str(value)).strip() if isinstance(value, str) else str(value)
