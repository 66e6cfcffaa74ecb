"""Lists of names within one word of a command line: separated by commas, quoted where one holds a comma or line end."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from grn_core.errors import RequestError

END = "\r\n"
"""Of a row: whatever it is made of is quoted where it stands in a name."""


def joined(names: Iterable[str]) -> str:
    """Return names as one word that `split` reads back, e.g. ``B cell,"CD4+, naive"``."""
    out = io.StringIO()
    csv.writer(out, lineterminator=END).writerow(list(names))
    return out.getvalue().removesuffix(END)


def split(text: str) -> tuple[str, ...]:
    """Return the names in a word: separated by commas; one that holds a comma stands in double quotes.

    Raises
    ------
    RequestError
        A quote is not closed.
    """
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        message = f"the list {text!r} cannot be read ({error})"
        raise RequestError(message, needed='names separated by commas, e.g. B cell,"CD4+, naive"') from error
    return tuple(name for row in rows for name in row)


def listed(text: str) -> tuple[str, ...]:
    """Return the words of a list whose members hold no comma: extractors, numbers; empty ones are left out."""
    return tuple(filter(None, (word.strip() for word in text.split(","))))


def choice_of(column: str, values: Iterable[str]) -> str:
    """Return a choice of cells as one word that `chosen_cells` reads back; a column with ``=`` in it is quoted."""
    odd = "=" in column or column.startswith('"')
    name = '"' + column.replace('"', '""') + '"' if odd else column
    return f"{name}={joined(values)}"


def chosen_cells(text: str) -> tuple[str, tuple[str, ...]]:
    """Read ``COLUMN=VALUE[,VALUE]``; a column with ``=`` in it and a value with a comma in it stand in quotes.

    Raises
    ------
    RequestError
        It is not of this form.
    """
    column, values = column_and_values(text)
    return column, split(values)


def column_and_values(text: str) -> tuple[str, str]:
    """Part ``COLUMN=VALUE[,VALUE]`` into the column and the text of the values; `RequestError` for another form."""
    column, equals, values = text.partition("=")
    if text.startswith('"'):
        end = 1
        while end < len(text) and not (text[end] == '"' and text[end + 1 : end + 2] != '"'):
            end += 2 if text[end] == '"' else 1
        column, rest = text[1:end].replace('""', '"'), text[end + 1 :]
        equals, values = rest[:1], rest[1:]
    if not (column and equals == "=" and values):
        message = f"--cells is {text!r}"
        raise RequestError(message, needed="COLUMN=VALUE[,VALUE]", todo="e.g. --cells 'cell_type=B cell'")
    return column, values
