"""The rows of a table of text: names, text and numbers, in time that grows with the characters alone.

Lines are cut into names and numbers one by one, and the numbers of many lines are told from their characters at once.
A line that is written in any other way than numbers between delimiters is looked at field by field.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TextIO

import numpy as np
from scipy import sparse

from grn_core.datasets.checks import check_size
from grn_core.datasets.formats.layout import MOST_GENES, WHAT_TO_DO, Layout
from grn_core.datasets.formats.leading import is_remark
from grn_core.datasets.formats.plain_text import LONGEST_LINE, opened
from grn_core.datasets.formats.table import Table, numbered, told_apart
from grn_core.datasets.formats.written_numbers import MISSING, number_of, numbers_at_once
from grn_core.errors import DataError
from grn_core.in_words import short
from grn_core.settings import settings

MOST_NAMES, LINES_OF_LONG = 3, 20
"""Columns of text beside the names of a table that may be long, and its lines for each cell that may be."""
CHARACTERS_A_TIME = 2_000_000
"""Of the numbers that are told at once."""


def read_rows(path: Path, layout: Layout) -> Table:
    """Read names and values of a table; values become sparse a part at a time.

    Raises
    ------
    DataError
        A field holds no number, or none at all, or a line has more fields than the header.
    """
    rows = _Rows(layout)
    with opened(path, layout.encoding) as lines:
        for _ in range(layout.n_skipped):
            lines.readline(LONGEST_LINE)
        for number, line in enumerate(_whole_lines(path, lines), start=layout.n_skipped + 1):
            if line.strip(f'\r\n "{layout.delimiter}'):  # rows of delimiters alone stand below what Excel exports
                rows.add(line, number, lines)
    return rows.table()


def _whole_lines(path: Path, lines: TextIO) -> Iterator[str]:
    while line := lines.readline(LONGEST_LINE):
        if len(line) >= LONGEST_LINE:
            message = f"{path.name} has a line of more than {LONGEST_LINE // 1024**2} MB"
            raise DataError(message, needed="a header line and rows of numbers", todo=WHAT_TO_DO)
        yield line


class _Rows:
    """What was read so far.

    Attributes
    ----------
    before, behind
        Number of fields at the start of a line (the name among them) and at its end that are no numbers; where text
        stands between numbers, a line is cut whole.
    """

    def __init__(self, layout: Layout) -> None:
        self.layout, self.delimiter = layout, layout.delimiter
        text = set(layout.text)
        n = len(layout.columns)
        self.places = [place for place in range(n) if place not in text]
        self.columns = [layout.columns[place] for place in self.places]
        if not self.columns:
            place = layout.text[0]
            message = f"column {short(layout.columns[place])!r} and every other hold text and no number"
            todo = "supply the table of expression; names of genes alone are a gene list"
            raise DataError(message, needed="columns of numbers", todo=todo)
        self.cut_whole = self.delimiter == " " or self.places != list(range(self.places[0], self.places[-1] + 1))
        self.before, self.behind = self.places[0] + 1, n - 1 - self.places[-1]
        self.quoted = re.compile(f'"((?:[^"]|"")*)" *(?:{re.escape(self.delimiter)}|$)')
        self.most = max(settings().max_cells, MOST_GENES)
        self.is_long = n - len(text) == 1 and 1 <= len(text) <= MOST_NAMES
        self.same: dict[str, str] = {}
        self.names: list[str] = []
        self.below: list[tuple[int, str]] = []
        self.text: list[list[str]] = [[] for _ in layout.text]
        self.waiting: list[tuple[int, str]] = []
        self.n_waiting = self.n_bytes = 0
        self.parts: list[sparse.csr_matrix] = []

    def add(self, line: str, number: int, following: TextIO) -> None:
        """Take a line; one with a quoted field that goes on takes those that follow."""
        cut = None if self.cut_whole else self._cut(line.rstrip("\r\n"))
        if cut is None:
            line = line.strip() if self.delimiter == " " else line.rstrip("\r\n")
            rows = csv.reader(chain([line], following), delimiter=self.delimiter, skipinitialspace=True)
            fields = next(rows, [])
            if is_remark(fields) and len(self.columns) > 1:
                self.below.append((number, fields[0].strip()))
                return
            self._check_length(fields, number)
            fields += [""] * (self.layout.n_fields - len(fields))
            name, texts = fields[0], [fields[place + 1] for place in self.layout.text]
            values = [fields[place + 1] for place in self.places]
            if any(self.delimiter in field for field in values):
                self._flush()
                self._keep(self._one_by_one(values, number)[None, :])
            else:
                self._wait(number, self.delimiter.join(values))
        else:
            name, texts, numbers = cut
            self._wait(number, numbers)
        if self.below:
            number, remark = self.below[0]
            message = f"line {number} has words alone, in the middle of the values: {short(remark)!r}"
            raise DataError(message, needed="a single table", todo="remove the line, or what stands below it")
        self.names.append(self._kept(name))
        for kept, field in zip(self.text, texts, strict=True):
            kept.append(self._kept(field))
        if len(self.names) > self.most:
            self._check_number()

    def _kept(self, field: str) -> str:
        """Return a field without what stands for nothing; of a long table the same text is kept once."""
        field = _without_missing(field)
        return self.same.setdefault(field, field) if self.is_long else field

    def _check_number(self) -> None:
        """Refuse more rows than there may be cells, and of a table with a line for each cell and gene, more lines."""
        if not self.is_long:
            check_size(len(self.names))
        elif len(self.names) > LINES_OF_LONG * self.most or len(self.same) > 2 * self.most:
            message = f"the table has a line for each cell and gene, and more than {len(self.names) - 1:,} of them"
            todo = "write it as .h5ad, or as a table with a column for each gene; or draw fewer cells"
            raise DataError(message, needed=f"at most {LINES_OF_LONG * self.most:,} lines", todo=todo)

    def table(self) -> Table:
        """Return all that was read."""
        self._flush()
        matrix = sparse.vstack(self.parts, format="csr", dtype=np.float32) if self.parts else None
        if matrix is None:
            matrix = sparse.csr_matrix((0, len(self.columns)), dtype=np.float32)
        given = [(self.layout.columns[place], kept) for place, kept in zip(self.layout.text, self.text, strict=True)]
        given = [(title, kept) for title, kept in given if title or any(kept)]
        titles, notes = told_apart([title for title, _ in given])
        named = numbered([name for name, _ in self.layout.labels])
        labels = [tuple(fields[place] for place in self.places) for _, fields in self.layout.labels]
        text = {title: kept for title, (_, kept) in zip(titles, given, strict=True)}
        return Table(
            self.names,
            self.columns,
            matrix,
            text,
            labels=tuple(zip(named, labels, strict=True)),
            corner=self.layout.corner,
            below=tuple(remark for _, remark in self.below),
            notes=notes,
        )

    def _cut(self, line: str) -> tuple[str, list[str], str] | None:
        """Cut a line into its name, its fields of text, and its numbers; None where that takes a look at all of it."""
        found, start = [], 0
        for _ in range(self.before):
            if line.startswith('"', start):
                quoted = self.quoted.match(line, start)
                if quoted is None:
                    return None
                found.append(quoted[1].replace('""', '"'))
                start = quoted.end()
            else:
                end = line.find(self.delimiter, start)
                if end < 0:
                    return None
                found.append(line[start:end])
                start = end + 1
        numbers = line[start:]
        if self.behind:
            numbers, *last = numbers.rsplit(self.delimiter, self.behind)
            if len(last) < self.behind or any('"' in field for field in last):
                return None
            found += last
        n, between = len(self.columns), f'"{self.delimiter}"'
        if '"' in numbers:
            if not (numbers[0] == numbers[-1] == '"' and numbers.count('"') == 2 * n):
                return None
            if numbers.count(between) != n - 1:
                return None
            numbers = numbers[1:-1].replace(between, self.delimiter)
        return (found[0], found[1:], numbers) if numbers.count(self.delimiter) == n - 1 else None

    def _wait(self, number: int, numbers: str) -> None:
        self.waiting.append((number, numbers))
        self.n_waiting += len(numbers)
        if self.n_waiting >= CHARACTERS_A_TIME:
            self._flush()

    def _flush(self) -> None:
        if not self.waiting:
            return
        joined = self.delimiter.join(numbers for _, numbers in self.waiting)
        n, decimal = len(self.waiting) * len(self.columns), self.layout.decimal
        values = None
        if self.layout.thousands is None:
            values = numbers_at_once(joined, n, delimiter=self.delimiter, decimal=decimal)
        if values is None:
            lines = (self._one_by_one(numbers.split(self.delimiter), number) for number, numbers in self.waiting)
            values = np.concatenate(list(lines))
        self._keep(values.reshape(len(self.waiting), -1))
        self.waiting, self.n_waiting = [], 0

    def _keep(self, values: np.ndarray) -> None:
        with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite, and is refused as such
            part = sparse.csr_matrix(values.astype(np.float32))
        self.parts.append(part)
        self.n_bytes += part.data.nbytes + part.indices.nbytes
        check_size(0, self.n_bytes)

    def _one_by_one(self, fields: Sequence[str], number: int) -> np.ndarray:
        """Return the numbers of a line, float64; `DataError` for what is none."""
        values = np.zeros(len(fields))
        for place, field in enumerate(map(str.strip, fields)):
            if field.lower() in MISSING:
                message = f"column {short(self.columns[place])!r} has no value (NaN) in line {number}"
                todo = "fill or remove what is missing; if it is the last line, the file is truncated"
                raise DataError(message, needed="a number for every gene in every cell", todo=todo)
            value = number_of(field, self.layout.decimal, self.layout.thousands)
            if value is None:
                column = short(self.columns[place])
                message = f"column {column!r} holds {short(field)!r} in line {number}, which is no number"
                todo = "correct what is no number, or remove the columns and rows that hold no expression"
                raise DataError(message, needed="numbers written alike in the whole table", todo=todo)
            values[place] = value
        return values

    def _check_length(self, fields: Sequence[str], number: int) -> None:
        if len(fields) > self.layout.n_fields:
            message = f"line {number} has more fields than the header"
            raise DataError(message, needed="as many fields in each line", todo="export the table again")


def _without_missing(field: str) -> str:
    field = field.strip()
    return "" if field.lower() in MISSING else field
