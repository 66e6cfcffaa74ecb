"""The layout of a table of text: encoding, delimiter, way of writing numbers, header, and which columns hold text."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NoReturn, TextIO

from grn_core.datasets.checks import check_size
from grn_core.datasets.features import reason_of_column, reason_of_name
from grn_core.datasets.formats.decimals import Writing, settled, writing_of
from grn_core.datasets.formats.header_names import names_over
from grn_core.datasets.formats.leading import label_of, leading_of, title_notes
from grn_core.datasets.formats.plain_text import LONGEST_LINE, opened
from grn_core.datasets.formats.refused import is_gene_list
from grn_core.datasets.formats.written_numbers import MARKS, MISSING, is_grouped, is_number, plain_number
from grn_core.errors import DataError, HoldsGenesError
from grn_core.settings import settings

DELIMITERS = {",": "commas", "\t": "tabs", ";": "semicolons", " ": "spaces", "|": "vertical bars"}
MOST_COMMENTS = 1000
NARROW = 16
LOOKED_AT, FIELDS_LOOKED_AT, FEWEST = 30, 500_000, 4
"""Lines by which the layout is told; where they are long fewer, but at least so many."""
MOST_GENES, MOST_COLUMNS = 150_000, 200_000
"""Rows or columns of genes; columns of a table of text whatever they are, each of which costs in every line."""
NEEDED = "a header line and rows of numbers"
WHAT_TO_DO = "export the table as .csv or .tsv, with gene and cell names"


@dataclass(frozen=True)
class Layout:
    """How a table of text is laid out.

    Attributes
    ----------
    encoding
        Of the characters.
    n_skipped
        Lines before the first row of values: comments and the header.
    delimiter, writing
        What stands between fields, and how numbers are written.
    corner, columns
        Header of the first column (``""`` where it has none) and of every other.
    n_fields
        Fields of a row, the first one included.
    first
        The first field of the first rows.
    text
        Places among `columns` of those that hold no number at all.
    seen
        The fields of the first rows, of narrow tables alone.
    titles
        What stands above the header.
    labels
        Lines beside the header that say more of each column: a name, and a field for each of `columns`.
    """

    encoding: str
    n_skipped: int
    delimiter: str
    writing: Writing
    corner: str
    columns: tuple[str, ...]
    n_fields: int
    first: tuple[str, ...]
    text: tuple[int, ...]
    seen: tuple[tuple[str, ...], ...] = ()
    titles: tuple[str, ...] = ()
    labels: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def decimal(self) -> str:
        """What stands before decimals."""
        return self.writing.decimal

    @property
    def thousands(self) -> str | None:
        """What stands between thousands, None for nothing."""
        return self.writing.thousands

    @property
    def notes(self) -> list[str]:
        """What is not usual, in sentences."""
        notes = [] if self.delimiter == "," else [f"Fields are separated by {DELIMITERS[self.delimiter]}."]
        if self.decimal == ",":
            notes.append("Numbers have a decimal comma.")
        if self.thousands is not None:
            what = {",": "commas", ".": "points", **MARKS}[self.thousands]
            notes.append(f"Thousands are set apart by {what}.")
        if self.encoding.startswith(("utf-16", "utf-32", "cp1252")):
            title = {"cp1252": "Latin-1 (Windows-1252)"}.get(self.encoding, self.encoding.upper())
            notes.append(f"The text is encoded as {title}.")
        return [*notes, *title_notes(self.titles)]


def layout_of(path: Path, *, encoding: str, decimal: str | None = None) -> Layout:
    """Tell the layout of a table from its first lines; `DataError` where it is none.

    `decimal` is the user's word on how numbers are written.
    """
    with opened(path, encoding) as stream:
        before, *lines = _head(path, stream)
        lines += _lines(stream, LOOKED_AT)
    delimiter = _delimiter_of(lines)
    n_columns = max(line.count(delimiter) for line in lines)
    if n_columns > max(min(settings().max_cells, MOST_COLUMNS), MOST_GENES):
        check_size(n_columns)
        message = f"{path.name} has {n_columns:,} columns; neither so many genes nor so many cells are read from text"
        raise DataError(message, needed=f"at most {MOST_COLUMNS:,} columns", todo="store it as .h5ad, which is smaller")
    rows = [fields_of(line, delimiter) for line in lines[: max(FEWEST, FIELDS_LOOKED_AT // (n_columns + 1))]]
    above = leading_of([row if any(field.strip() for field in row) else [] for row in rows])
    if not lines[above.header].count(delimiter) or max(map(len, rows[1:])) == 1:
        _refuse_single_column(path, lines)
    if not lines[above.first].strip():
        message = f"{path.name} has a header and no rows"
        raise DataError(message, needed=NEEDED, todo=WHAT_TO_DO)
    names = rows[above.header]
    # Not strict: only the first lines were taken apart.
    fields = [row for row, line in zip(rows[above.first :], lines[above.first :], strict=False) if line.strip()]
    row = fields[0]
    whole = [one for one in fields if len(one) == len(row)]
    numbers = f"lines {before + above.header + 1:,} and {before + above.first + 1:,}"
    over = names_over(names, whole, called=path.name, where=numbers)
    columns = over[1:]
    open_end = len(over) > len(names) and over[0] != ""
    figures = [bool(reason_of_name(name) or reason_of_column(name)) for name in columns]
    fields_below = [list(column) for column in zip(*(one[1:] for one in whole), strict=True)]
    writing = writing_of(fields_below, delimiter, figures=figures, said=decimal)
    if writing.doubt:
        with opened(path, encoding) as stream:
            writing = settled(writing, islice(_all_lines(stream), before + above.first, None))
    plain = [[plain_number(field, writing.decimal, writing.thousands) for field in one[1:]] for one in whole]
    return Layout(
        encoding=encoding,
        n_skipped=before + above.first,
        delimiter=delimiter,
        writing=writing,
        corner=over[0].lstrip("#").strip(),
        columns=columns,
        n_fields=len(row),
        first=tuple(one[0].strip() for one in whole),
        text=tuple(
            place
            for place, name in enumerate(columns)
            if _is_text([one[place] for one in plain]) or _is_empty(name, [one[place] for one in plain])
        ),
        seen=tuple(map(tuple, whole)) if len(row) <= NARROW else (),
        titles=tuple(" ".join(filter(None, map(str.strip, rows[at]))) for at in above.titles),
        labels=tuple(label_of(rows[at], len(row) - open_end, number=before + at + 1) for at in above.labels),
    )


def _refuse_single_column(path: Path, lines: Sequence[str]) -> NoReturn:
    message, todo = f"{path.name} has a single column: {lines[0].strip()[:60]!r}", WHAT_TO_DO
    if is_gene_list(lines):
        message = f"{message}; it is a list of genes, without any measured cell"
        todo = "give it as a gene list: `infer --genes FILE`, or under 'Only genes' on the page Dataset"
        raise HoldsGenesError(message, needed="measured cells", todo=todo)
    raise DataError(message, needed="fields separated by commas, tabs or semicolons", todo=todo)


def _lines(lines: TextIO, n: int) -> list[str]:
    return list(islice(_all_lines(lines), n))


def _all_lines(lines: TextIO) -> Iterator[str]:
    return iter(lambda: lines.readline(LONGEST_LINE), "")


def _head(path: Path, lines: TextIO) -> tuple[int, str, str]:
    """Number of comments, and the two lines below them: as a rule the header and the first row."""
    before, head, first = 0, lines.readline(LONGEST_LINE), lines.readline(LONGEST_LINE)
    while first and before < MOST_COMMENTS and (not head.strip() or head.lower().startswith(("sep=", '"sep='))):
        before, head, first = before + 1, first, lines.readline(LONGEST_LINE)  # what Excel writes for itself
    if not head.strip():
        message = f"{path.name} {'holds empty lines alone' if before else 'is empty'}"
        raise DataError(message, needed=NEEDED, todo=WHAT_TO_DO)
    if head.startswith(("#1.2", "#1.3")):  # GCT: the size stands between this line and the header
        before, head, first = before + 2, lines.readline(LONGEST_LINE), lines.readline(LONGEST_LINE)
    while first and before < MOST_COMMENTS and _is_comment(head, first):
        before, head, first = before + 1, first, lines.readline(LONGEST_LINE)
    if max(len(head), len(first)) >= LONGEST_LINE:
        message = f"{path.name} has a line of more than {LONGEST_LINE // 1024**2} MB"
        raise DataError(message, needed=NEEDED, todo=WHAT_TO_DO)
    if "\0" in head + first:
        message = f"{path.name} is not text"
        raise DataError(message, needed="a file of cells or a table of text", todo=WHAT_TO_DO)
    return before, head, first


def _is_comment(line: str, following: str) -> bool:
    """Whether a line that begins with # is a comment, and not the header of the line that follows."""
    if not line.startswith(("#", "%")):
        return False
    delimiter = delimiter_of(line, following)
    names, row = fields_of(line, delimiter), fields_of(following, delimiter)
    return not (len(row) > 1 and len(row) - len(names) in (0, 1) and any(map(is_number, row[1:])))


def _delimiter_of(lines: Sequence[str]) -> str:
    """Return the delimiter by header and first row; where a title stands above them by the lines below."""
    told = [line for line in lines if line.strip()]
    above = delimiter_of(lines[0], lines[1])
    if len(told) < FEWEST or _fit(above, lines[0], lines[1])[1]:
        return above
    below = delimiter_of(told[-2], told[-1])
    if _fit(below, told[-2], told[-1])[1]:
        return below
    return delimiter_of_lines(told[1:]) or above


def delimiter_of_lines(lines: Sequence[str]) -> str | None:
    """Return what cuts most lines into as many fields, two or more; None where nothing does."""

    def share(delimiter: str) -> float:
        counts = [len(fields_of(line, delimiter)) for line in lines]
        usual = max(set(counts[-20:]), key=counts[-20:].count)
        return sum(count == usual for count in counts) / len(counts) if usual > 1 else 0.0

    found = {delimiter: share(delimiter) for delimiter in "\t,;| "}
    best = max(found, key=lambda one: found[one])  # of several the first
    return best if found[best] else None


def delimiter_of(head: str, first: str) -> str:
    """Find the delimiter of a table from its header and its first row.

    The one that cuts both into as many fields (a header may lack the corner) and the row into numbers; of several the
    one with the most numbers, and where none fits the commonest in the header. Delimiters within quotes cut nothing.
    """
    return max(DELIMITERS, key=lambda delimiter: _fit(delimiter, head, first))


def _fit(delimiter: str, head: str, first: str) -> tuple[bool, bool, int, int]:
    """Whether all or some fields of a row are numbers, how many, and how many fields the header has."""
    names, row = fields_of(head, delimiter), fields_of(first, delimiter)
    numbers = sum(is_number(field) or is_grouped(field) for field in row[1:])
    alike = len(row) > 1 and len(row) - len(names) in (0, 1)
    fits = alike and numbers == len(row) - 1
    some = alike and numbers > 0
    return fits, some, numbers if some else 0, head.count(delimiter)


def fields_of(line: str, delimiter: str) -> list[str]:
    """Cut a line; a delimiter within quotes cuts nothing, nor does one that leaves a field of absurd length."""
    line = line.rstrip("\r\n")
    try:
        return next(csv.reader([line], delimiter=delimiter, skipinitialspace=delimiter != "\t"), [])
    except csv.Error:  # a field beyond the reader's limit: the whole of a wide line, seen with a delimiter it has not
        return [line]


def _is_empty(name: str, fields: Sequence[str]) -> bool:
    """Whether a column without a name, or one of descriptions (GCT), holds nothing."""
    return name.lower() in ("", "description") and all(field.lower() in MISSING for field in fields)


def _is_text(fields: Sequence[str]) -> bool:
    """Whether a column holds no number at all, and something."""
    told = [field for field in fields if field.lower() not in MISSING]
    return bool(told) and not any(map(is_number, told))
