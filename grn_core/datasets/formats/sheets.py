"""Sheets of an Excel workbook as rows of fields, without what is empty around them."""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grn_core.errors import DataError

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True)
class Sheet:
    """A sheet that holds something.

    Attributes
    ----------
    title
        What it is called.
    rows
        Its rows.
    following
        Titles of the sheets behind it, which are not looked at yet.
    """

    title: str
    rows: Rows
    following: tuple[str, ...]


def sheets_of(path: Path, *, most_fields: int, most_rows: int | None = None) -> Iterator[Sheet]:
    """Yield each sheet that holds a field, without empty rows and without empty columns on the left.

    Parameters
    ----------
    path
        The workbook.
    most_fields
        Fields of all its sheets together.
    most_rows
        Rows of one sheet; None for as many as a sheet can have.

    Raises
    ------
    DataError
        There are more, no sheet holds a field, or openpyxl is not installed.
    """
    try:
        import openpyxl
    except ImportError as error:
        message = f"{path.name} is an Excel workbook, and openpyxl is not installed"
        todo = "pip install openpyxl, or export the sheet as .csv"
        raise DataError(message, needed="the package openpyxl", todo=todo) from error
    book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()), read_only=True, data_only=True)
    n_fields = n_sheets = 0
    for place, sheet in enumerate(book.worksheets):
        rows: Rows = []
        for row in sheet.iter_rows(values_only=True):
            n_fields += len(row)
            if n_fields > most_fields:
                message = f"the workbook {path.name} has more than {most_fields:,} fields (sheet {sheet.title!r})"
                raise DataError(message, needed="a smaller table", todo="export the sheet as .csv")
            if any(field is not None for field in row):
                rows.append(row)
            if most_rows is not None and len(rows) > most_rows:
                message = f"the sheet {sheet.title!r} of {path.name} has more than {most_rows:,} rows"
                raise DataError(message, needed="a smaller table", todo="export the sheet as .csv")
        if rows:
            n_sheets += 1
            yield Sheet(sheet.title, _without_margin(rows), tuple(one.title for one in book.worksheets[place + 1 :]))
    if not n_sheets:
        message = f"{path.name} is an empty workbook"
        raise DataError(message, needed="a sheet with a header and rows", todo="save it with its values")


def _without_margin(rows: Rows) -> Rows:
    margin = min(next(place for place, field in enumerate(row) if field is not None) for row in rows[-1:] + rows[:50])
    if not margin or any(field is not None for row in rows for field in row[:margin]):
        return rows
    return [row[margin:] for row in rows]


def text_of(field: object) -> str:
    """Write a field as it stood: a date as Excel keeps it without time, a number without decimals, ``""`` for none."""
    if isinstance(field, datetime.datetime):
        return field.date().isoformat()
    if isinstance(field, float) and field.is_integer():
        return str(int(field))
    return "" if field is None else str(field)
