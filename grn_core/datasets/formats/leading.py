"""What stands around the values of a table: titles, the header, lines that say more of each column, remarks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grn_core.datasets.formats.written_numbers import MISSING, is_grouped, is_number
from grn_core.genes import match_genes

MOST_LEADING = 12
"""Lines above the values, blank ones among them."""
TAIL = 10
"""Rows by which the columns of numbers are told."""


@dataclass(frozen=True)
class Leading:
    """The lines above the values, by their places.

    Attributes
    ----------
    header
        Of the line that names the columns.
    first
        Of the first row of values.
    titles
        Of lines that say something of the whole table.
    labels
        Of lines that say something of each column, such as a condition below the names of the cells.
    """

    header: int = 0
    first: int = 1
    titles: tuple[int, ...] = ()
    labels: tuple[int, ...] = ()


def leading_of(rows: Sequence[Sequence[str]]) -> Leading:
    """Tell the lines above the values from the first rows of a table.

    A row of values has numbers where most rows below have them; a title leaves most columns empty; what is left has
    words there, and of several such lines the header is the one that tells the most columns apart.

    Parameters
    ----------
    rows
        Fields of each line from the top; a line without any is ``[]``.

    Returns
    -------
    Leading
        The first line as the header and the second as values, where nothing else can be told.
    """
    width, places = _columns_of_numbers(rows)
    if not places:
        return _above_words(rows, width)
    kinds = [_kind(row, width, places) for row in rows]
    top = next((at for at, kind in enumerate(kinds[:MOST_LEADING]) if kind != "title"), None)
    if top is None or "values" not in kinds[top + 1 :]:
        return Leading()
    end = top + 1
    for at in range(top + 1, min(len(rows), MOST_LEADING)):
        if kinds[at] != "title" and _is_gene(rows[at][0]):
            break
        if kinds[at] == "words":
            end = at + 1
    whole = [at for at in range(top, end) if kinds[at] != "title"]
    header = _header([aligned(rows[at], width) for at in whole])
    while end < len(rows) - 1 and _names_nothing(rows[end], width):
        end += 1
    return Leading(
        header=whole[header],
        first=end,
        titles=tuple(at for at in range(top) if any(field.strip() for field in rows[at])),
        labels=tuple(at for at in whole if at != whole[header]),
    )


def _above_words(rows: Sequence[Sequence[str]], width: int) -> Leading:
    """Tell titles of a table without numbers by fields that they lack."""
    filled = [sum(bool(field.strip()) for field in row) for row in rows[:MOST_LEADING]]
    header = next((at for at, n in enumerate(filled) if n > 1), 0) if width > 1 else 0
    if header + 1 >= len(rows):
        return Leading()
    return Leading(header=header, first=header + 1, titles=tuple(at for at in range(header) if filled[at]))


def aligned(row: Sequence[str], width: int) -> list[str]:
    """Return the fields of a line above the values, one a column; a line without a corner is shorter by one."""
    shifted = ["", *row] if len(row) == width - 1 and row[0].strip() else list(row)
    return [*shifted, *[""] * (width - len(shifted))][:width]


def label_of(row: Sequence[str], width: int, *, number: int) -> tuple[str, tuple[str, ...]]:
    """Return what a line of labels is called, the `number` of its line where it has no name, and its fields."""
    name, *fields = (field.strip() for field in aligned(row, width))
    return name or f"line {number}", tuple(fields)


def is_remark(fields: Sequence[str]) -> bool:
    """Whether a line below the values is a remark on the table: words in its first field alone, and blanks in them."""
    return " " in fields[0].strip() and not any(field.strip() for field in fields[1:])


def title_notes(titles: Sequence[str]) -> list[str]:
    """Say in a sentence what stands above the header."""
    if not titles:
        return []
    which = "The line" if len(titles) == 1 else f"{len(titles)} lines"
    return [f"{which} above the header {'is' if len(titles) == 1 else 'are'} no part of the table: {titles[0][:80]!r}."]


def _columns_of_numbers(rows: Sequence[Sequence[str]]) -> tuple[int, list[int]]:
    """Return the usual number of fields, and the places at which most of the last rows have numbers."""
    lengths = [len(row) for row in rows if row]
    below = lengths[len(lengths) // 2 :]
    if not below:
        return 0, []
    width = max(set(below), key=below.count)
    tail = [row for row in rows[1:] if len(row) == width][-TAIL:]
    return width, [
        place for place in range(1, width) if 2 * sum(_is_value(row[place]) for row in tail) > max(1, len(tail))
    ]


def _kind(row: Sequence[str], width: int, places: Sequence[int]) -> str:
    """Say what a line is: ``values``, ``words`` where most others have numbers, or a ``title``, which has neither."""
    if len(row) < width - 1 or len(row) > width + 1:
        return "title"
    fields = [field for field in map(aligned(row, width).__getitem__, places) if field.strip().lower() not in MISSING]
    n_values = sum(map(_is_value, fields))
    if 2 * len(fields) < len(places):
        return "title"
    return "values" if 2 * n_values > len(fields) else "words"


def _header(lines: Sequence[Sequence[str]]) -> int:
    """Return which line names the columns: the one of most different names; of several that of genes, or the first."""
    different = [len(set(line[1:])) for line in lines]
    able = [at for at, n in enumerate(different) if n == max(different)]
    if len(able) == 1:
        return able[0]
    known = [match.n_matched if match.recognised else 0 for match in (match_genes(lines[at][1:]) for at in able)]
    return able[known.index(max(known))]


def _names_nothing(row: Sequence[str], width: int) -> bool:
    """Whether a line below the header is empty, or names the column of names alone, as pandas writes it."""
    if not any(field.strip() for field in row):
        return True
    return len(row) == width > 1 and not any(field.strip() for field in row[1:]) and not _is_gene(row[0])


def _is_value(field: str) -> bool:
    field = field.strip()
    return is_number(field) or is_grouped(field)


def _is_gene(name: str) -> bool:
    name = name.strip()
    return bool(name) and match_genes([name]).n_unknown == 0
