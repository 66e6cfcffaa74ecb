"""Tables in which a network may stand: text with any delimiter, Parquet, a sheet of Excel, or one in memory."""

from __future__ import annotations

import io
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from grn_core.datasets.checks import check_size
from grn_core.datasets.formats.layout import fields_of, is_number, opened
from grn_core.errors import DataError
from grn_core.genes import match_genes
from grn_core.networks.imports.words import KNOWN, MISSING, plain

ROWS_A_TIME = 500_000
VALUES_A_TIME = 4_000_000
SEEN = 100
MOST_FIELDS_OF_A_SHEET = 5_000_000
DELIMITERS = "\t,;| "
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
    asked
        The column of the scores, where the user names it.
    """

    header: tuple[str, ...]
    named: bool
    seen: tuple[tuple[str, ...], ...]
    guarded = False
    asked: str | None = None

    @abstractmethod
    def frames(self, columns: Sequence[int], *, rows: int) -> Iterator[pd.DataFrame]:
        """Yield some columns, called by their places, `rows` at a time; text, or numbers where the file has types."""

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Names of the columns in small letters and digits alone."""
        return tuple(plain(name) for name in self.header) if self.named else ("",) * len(self.header)

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
        message = f"{'several columns are' if places else 'no column is'} called {self.asked!r}"
        there = ", ".join(filter(None, self.header))[:300]
        raise DataError(message, needed=f"one of {there}", todo="name another column of scores, or leave it out")

    def column(self, place: int) -> tuple[str, ...]:
        """Return the first fields of a column."""
        return tuple(row[place].strip() for row in self.seen if place < len(row))

    def numbers(self, place: int) -> list[float]:
        """Return the numbers among the first fields of a column."""
        fields = (one.replace(",", ".") for one in self.column(place) if one.lower() not in MISSING)
        return [float(one) for one in fields if is_number(one)]

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
        self.seen = tuple(tuple(_text(one) for one in row) for row in head.itertuples(index=False))

    def frames(self, columns: Sequence[int], *, rows: int) -> Iterator[pd.DataFrame]:
        """Yield what is there."""
        del rows
        yield self._frame[list(columns)]


class Parquet(Table):
    """A table of Apache Parquet."""

    def __init__(self, path: Path) -> None:
        import pyarrow.parquet

        self._file: Any = pyarrow.parquet.ParquetFile(path)
        names = [one for one in self._file.schema_arrow.names if not one.startswith("__index_level_")]
        self._names, self.header, self.named = names, tuple(names), True
        first: Any = next(self._file.iter_batches(batch_size=SEEN, columns=names), None)
        rows = [] if first is None else first.to_pandas().itertuples(index=False)
        self.seen = tuple(tuple(_text(one) for one in row) for row in rows)

    def frames(self, columns: Sequence[int], *, rows: int) -> Iterator[pd.DataFrame]:
        """Yield batches."""
        wanted = [self._names[place] for place in columns]
        check_size(0, 8 * self._file.metadata.num_rows * len(set(wanted)))
        for batch in self._file.iter_batches(batch_size=rows, columns=list(dict.fromkeys(wanted))):
            yield batch.to_pandas()[wanted].reset_index(drop=True).set_axis(list(columns), axis=1)


class Sheet(InMemory):
    """The first sheet of an Excel workbook."""

    guarded = True

    def __init__(self, path: Path) -> None:
        import openpyxl

        book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()), read_only=True, data_only=True)
        rows: list[tuple[Any, ...]] = []
        for row in book.worksheets[0].iter_rows(values_only=True):
            if any(field is not None for field in row):
                rows.append(row)
            if len(rows) * len(row) > MOST_FIELDS_OF_A_SHEET:
                message = f"the sheet has more than {MOST_FIELDS_OF_A_SHEET:,} fields"
                raise DataError(message, needed="a smaller table", todo="export the sheet as .csv")
        if len(rows) < 2:
            message = "the first sheet of the workbook has no rows"
            raise DataError(message, needed="a header and edges", todo="put the edges on the first sheet")
        super().__init__(pd.DataFrame(rows[1:]).set_axis([_text(name) for name in rows[0]], axis=1))


class Delimited(Table):
    """A table of text.

    Parameters
    ----------
    path, encoding
        The file.
    delimiter
        Between fields; a blank stands for any white space.
    n_skipped
        Lines before the first row.
    header
        Names of the columns; numbers where the file names none.
    named
        Whether it does.
    seen
        The first rows.
    """

    guarded = True

    def __init__(
        self,
        path: Path,
        *,
        encoding: str,
        delimiter: str,
        n_skipped: int,
        header: Sequence[str],
        named: bool,
        seen: Sequence[Sequence[str]],
    ) -> None:
        self._path, self._encoding, self._delimiter, self._n_skipped = path, encoding, delimiter, n_skipped
        self.header, self.named, self.seen = tuple(header), named, tuple(map(tuple, seen))

    @classmethod
    def told(cls, path: Path, lines: Sequence[str], encoding: str) -> Delimited | None:
        """Tell delimiter, comments and header from the first lines; None where there are no two columns."""
        if not lines:
            return None
        delimiter = delimiter_of(lines)
        if delimiter is None:
            return None
        cut = [fields_of(line, delimiter) for line in lines]
        usual = max(map(len, cut[len(cut) // 2 :]))
        first = next((i for i, line in enumerate(lines) if not _is_comment(line, cut[i], usual)), 0)
        head, rows = [one.strip().lstrip("#").strip() for one in cut[first]], cut[first + 1 :]
        without_corner = bool(rows) and len(rows[0]) == len(head) + 1
        if without_corner:
            head = ["", *head]
        named = without_corner or not rows or _is_header(head, rows)
        if not named:
            rows, head = cut[first:], [str(place + 1) for place in range(usual)]
        return cls(
            path,
            encoding=encoding,
            delimiter=delimiter,
            n_skipped=first + named,
            header=head,
            named=named,
            seen=rows[:SEEN],
        )

    def frames(self, columns: Sequence[int], *, rows: int) -> Iterator[pd.DataFrame]:
        """Yield text, missing fields as ``""``."""
        places = sorted(set(columns))
        skipped = 0
        with opened(self._path, self._encoding) as lines:
            while skipped < self._n_skipped and (line := lines.readline()):
                skipped += bool(line.strip())  # empty lines were not counted
            try:
                chunks = pd.read_csv(
                    lines,
                    sep=r"\s+" if self._delimiter == " " else self._delimiter,
                    header=None,
                    names=range(len(self.header)),
                    usecols=places,
                    dtype=str,
                    keep_default_na=False,
                    chunksize=max(1, min(rows, VALUES_A_TIME // len(places))),
                    index_col=False,
                    skipinitialspace=self._delimiter != "\t",
                    on_bad_lines="error",
                )
                for frame in chunks:
                    yield frame.fillna("")[list(columns)]
            except pd.errors.EmptyDataError:
                return
            except pd.errors.ParserError as error:
                message = f"{self._path.name} has lines of different length ({str(error).strip()[-80:]})"
                raise DataError(message, needed="as many fields in each line", todo="export the edges again") from error


def delimiter_of(lines: Sequence[str]) -> str | None:
    """Return what stands between the fields of lines: what cuts most of them into as many fields, two or more."""

    def share(delimiter: str) -> float:
        counts = [len(fields_of(line, delimiter)) for line in lines]
        usual = max(set(counts[-20:]), key=counts[-20:].count)
        return sum(count == usual for count in counts) / len(counts) if usual > 1 else 0.0

    found = {delimiter: share(delimiter) for delimiter in DELIMITERS}
    best = max(found, key=lambda one: found[one])  # of several the first
    return best if found[best] else None


def _is_comment(line: str, fields: Sequence[str], usual: int) -> bool:
    return line.startswith(("#", "%")) and len(fields) not in (usual, usual - 1)


def _is_header(head: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether a line names columns: by known names, by a word above numbers, or as the line without genes."""
    if sum(plain(name) in KNOWN for name in head) >= 2:
        return True
    first = match_genes(head)
    if len(first.names) - first.n_unknown >= 2:
        return False
    columns = [[row[place].strip() for row in rows if place < len(row)] for place in range(len(head))]
    for name, fields in zip(head, columns, strict=True):
        if fields and all(map(is_number, fields)) and not is_number(name):
            return True
    return first.n_unknown == len(first.names) and not any(map(is_number, head))


def _text(value: object) -> str:
    """Return a value of a typed table as text; nothing for one that is missing."""
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return re.sub(r"\s+", " ", str(value)).strip() if isinstance(value, str) else str(value)
