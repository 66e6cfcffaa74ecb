"""The layout of a table of text: encoding, delimiter, way of writing numbers, header, and which columns hold text."""

from __future__ import annotations

import bz2
import csv
import gzip
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TextIO

from grn_core.datasets.checks import check_size
from grn_core.datasets.formats.refused import is_gene_list
from grn_core.errors import DataError, HoldsGenesError
from grn_core.settings import settings

DELIMITERS = {",": "commas", "\t": "tabs", ";": "semicolons", " ": "spaces", "|": "vertical bars"}
LONGEST_LINE = 64 * 1024**2
MOST_COMMENTS = 1000
NARROW = 16
LOOKED_AT, FIELDS_LOOKED_AT = 30, 500_000
"""Rows by which the layout is told; fewer where they are long."""
MOST_GENES, MOST_COLUMNS = 150_000, 200_000
"""Rows or columns of genes; columns of a table of text whatever they are, each of which costs in every line."""
GZIP, BZIP = b"\x1f\x8b", b"BZh"
BOMS = {b"\xff\xfe\0\0": "utf-32", b"\0\0\xfe\xff": "utf-32", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
NEEDED = "a header line and rows of numbers"
WHAT_TO_DO = "export the table as .csv or .tsv, with gene and cell names"
MISSING = frozenset({"", "na", "nan", "null", "none", "n/a", "-nan", "#n/a", "<na>"})
_GROUPED = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?")
_COMMA = re.compile(r"-?\d+,\d+(e[+-]?\d+)?", re.IGNORECASE)
_POINT_THOUSANDS = re.compile(r"-?\d{1,3}(\.\d{3})+")
_POINT_GROUPED = re.compile(r"-?\d{1,3}(\.\d{3})+,\d+")


@dataclass(frozen=True)
class Layout:
    """How a table of text is laid out.

    Attributes
    ----------
    encoding
        Of the characters.
    n_skipped
        Lines before the first row of values: comments and the header.
    delimiter, decimal, thousands
        What stands between fields, before decimals, and between thousands (None: nothing).
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
    """

    encoding: str
    n_skipped: int
    delimiter: str
    decimal: str
    thousands: str | None
    corner: str
    columns: tuple[str, ...]
    n_fields: int
    first: tuple[str, ...]
    text: tuple[int, ...]
    seen: tuple[tuple[str, ...], ...] = ()

    @property
    def notes(self) -> list[str]:
        """What is not usual, in sentences."""
        notes = [] if self.delimiter == "," else [f"Fields are separated by {DELIMITERS[self.delimiter]}."]
        if self.decimal == ",":
            notes.append("Numbers have a decimal comma.")
        if self.thousands is not None:
            notes.append(f"Thousands are set apart by {'commas' if self.thousands == ',' else 'points'}.")
        if self.encoding.startswith(("utf-16", "utf-32", "cp1252")):
            title = {"cp1252": "Latin-1 (Windows-1252)"}.get(self.encoding, self.encoding.upper())
            notes.append(f"The text is encoded as {title}.")
        return notes


@contextmanager
def opened(path: Path, encoding: str = "utf-8-sig") -> Iterator[TextIO]:
    """Open a table, plain, gzip or bzip2."""
    with path.open("rb") as raw:
        start = raw.read(4)
    opener = gzip.open if start.startswith(GZIP) else bz2.open if start.startswith(BZIP) else open
    with opener(path, "rt", encoding=encoding, newline="") as lines:
        yield lines


def encoding_of(path: Path) -> str:
    """Return the encoding that a byte order mark says; UTF-8 without one."""
    with path.open("rb") as raw:
        start = raw.read(4)
    opener = gzip.open if start.startswith(GZIP) else bz2.open if start.startswith(BZIP) else open
    with opener(path, "rb") as content:
        start = content.read(4)
    return next((name for mark, name in BOMS.items() if start.startswith(mark)), "utf-8-sig")


def layout_of(path: Path, *, encoding: str) -> Layout:
    """Tell the layout of a table from its header and its first rows; `DataError` where it is none."""
    with opened(path, encoding) as lines:
        before, head, first = _head(path, lines)
        rows = [first, *(line for line in _lines(lines, LOOKED_AT) if line.strip())]
    delimiter = delimiter_of(head, first)
    if not head.count(delimiter):
        message, todo = f"{path.name} has a single column: {head.strip()[:60]!r}", WHAT_TO_DO
        if is_gene_list([head, *rows]):
            message = f"{message}; it is a list of genes, without any measured cell"
            todo = "give it as a gene list: `infer --genes FILE`, or under *Only genes* on the page Dataset"
            raise HoldsGenesError(message, needed="measured cells", todo=todo)
        raise DataError(message, needed="fields separated by commas, tabs or semicolons", todo=todo)
    if not first.strip():
        message = f"{path.name} has a header and no rows"
        raise DataError(message, needed=NEEDED, todo=WHAT_TO_DO)
    names = fields_of(head, delimiter)
    if (n_columns := len(names) - 1) > max(min(settings().max_cells, MOST_COLUMNS), MOST_GENES):
        check_size(n_columns)
        message = f"{path.name} has {n_columns:,} columns; neither so many genes nor so many cells are read from text"
        raise DataError(message, needed=f"at most {MOST_COLUMNS:,} columns", todo="store it as .h5ad, which is smaller")
    fields = [fields_of(line, delimiter) for line in rows[: max(2, FIELDS_LOOKED_AT // len(names))]]
    row = fields[0]
    without_corner = len(row) == len(names) + 1 and names[0].strip() != ""
    if len(names) == len(row) + 1 and not names[-1].strip():
        names = names[:-1]  # a delimiter at the end of the header
    if len(row) != len(names) and not without_corner:
        message = f"the header of {path.name} has {len(names):,} fields and the first row {len(row):,}"
        raise DataError(message, needed="as many fields in each line", todo=WHAT_TO_DO)
    columns = tuple(name.strip() for name in (names if without_corner else names[1:]))
    whole = [one for one in fields if len(one) == len(row)]
    decimal, thousands = _numbers_of([field for one in whole for field in one[1:]], delimiter)
    plain = [[_plain(field, decimal, thousands) for field in one[1:]] for one in whole]
    return Layout(
        encoding=encoding,
        n_skipped=before + 1,
        delimiter=delimiter,
        decimal=decimal,
        thousands=thousands,
        corner="" if without_corner else names[0].strip().lstrip("#").strip(),
        columns=columns,
        n_fields=len(row),
        first=tuple(one[0].strip() for one in whole),
        text=tuple(
            place
            for place, name in enumerate(columns)
            if _is_text([one[place] for one in plain]) or _is_empty(name, [one[place] for one in plain])
        ),
        seen=tuple(map(tuple, whole)) if len(row) <= NARROW else (),
    )


def _lines(lines: TextIO, n: int) -> list[str]:
    return list(islice(iter(lambda: lines.readline(LONGEST_LINE), ""), n))


def _head(path: Path, lines: TextIO) -> tuple[int, str, str]:
    """Number of lines before the header, the header, and the first row."""
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


def delimiter_of(head: str, first: str) -> str:
    """Find the delimiter of a table from its header and its first row.

    The one that cuts both into as many fields (a header may lack the corner) and the row into numbers; of several the
    one with the most numbers, and where none fits the commonest in the header. Delimiters within quotes cut nothing.
    """

    def fit(delimiter: str) -> tuple[bool, bool, int, int]:
        names, row = fields_of(head, delimiter), fields_of(first, delimiter)
        numbers = sum(is_number(field) or is_grouped(field) for field in row[1:])
        alike = len(row) > 1 and len(row) - len(names) in (0, 1)
        fits = alike and numbers == len(row) - 1
        some = alike and numbers > 0
        return fits, some, numbers if some else 0, head.count(delimiter)

    return max(DELIMITERS, key=fit)


def fields_of(line: str, delimiter: str) -> list[str]:
    """Cut a line; a delimiter within quotes cuts nothing, nor does one that leaves a field of absurd length."""
    line = line.rstrip("\r\n")
    try:
        return next(csv.reader([line], delimiter=delimiter, skipinitialspace=delimiter != "\t"), [])
    except csv.Error:  # a field beyond the reader's limit: the whole of a wide line, seen with a delimiter it has not
        return [line]


def is_number(field: str) -> bool:
    """Whether a field is a number with a decimal point, or without decimals."""
    try:
        float(field)
    except ValueError:
        return False
    return "_" not in field


def is_grouped(field: str) -> bool:
    """Whether a field is a number with a decimal comma, or with commas between thousands."""
    field = field.strip()
    return "," in field and any(one.fullmatch(field) for one in (_GROUPED, _COMMA, _POINT_GROUPED))


def number_of(field: str, decimal: str, thousands: str | None) -> float | None:
    """Return the number that a field is in one way of writing numbers; None where it is none in this way."""
    if decimal == ",":
        grouped = thousands == "." and any(one.fullmatch(field) for one in (_POINT_GROUPED, _POINT_THOUSANDS))
        if "." in field and not grouped:
            return None
        plain = field.replace(".", "").replace(",", ".") if grouped or _COMMA.fullmatch(field) else field
    else:
        grouped = thousands == "," and _GROUPED.fullmatch(field) is not None
        plain = field.replace(",", "") if grouped else field
    return float(plain) if plain.isascii() and is_number(plain) else None


def _numbers_of(fields: Sequence[str], delimiter: str) -> tuple[str, str | None]:
    """What stands before decimals, and between thousands.

    A comma stands before decimals where what follows it is not always of three digits, or where a zero stands before
    it; else it stands between thousands, if numbers below a thousand stand beside it.
    """
    odd = [field.strip() for field in fields if "," in field and is_grouped(field)]
    if not odd:
        return ".", None
    if any(_POINT_GROUPED.fullmatch(field) for field in odd):
        return ",", "."
    grouped = all(_GROUPED.fullmatch(field) and not field.lstrip("-").startswith("0") for field in odd)
    if not grouped:
        return ",", None
    small = any(field.strip().isdigit() and 0 < int(field) < 1000 for field in fields if len(field) < 9)
    pointed = any("." in field and is_number(field) for field in fields)
    return (".", ",") if delimiter == "," or small or pointed else (",", None)


def _plain(field: str, decimal: str, thousands: str | None) -> str:
    field = field.strip()
    if not is_grouped(field):
        return field
    field = field.replace(thousands, "") if thousands else field
    return field.replace(",", ".") if decimal == "," else field


def _is_empty(name: str, fields: Sequence[str]) -> bool:
    """Whether a column without a name, or one of descriptions (GCT), holds nothing."""
    return name.lower() in ("", "description") and all(field.lower() in MISSING for field in fields)


def _is_text(fields: Sequence[str]) -> bool:
    """Whether a column holds no number at all, and something."""
    told = [field for field in fields if field.lower() not in MISSING]
    return bool(told) and not any(map(is_number, told))
