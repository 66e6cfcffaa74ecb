"""Reading .xlsx: the first sheet of a workbook that holds a table of numbers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd

from grn_core.datasets.checks import damaged_as_data_error
from grn_core.datasets.dataset import Dataset
from grn_core.datasets.formats.columns import table_of
from grn_core.datasets.formats.layout import MOST_GENES
from grn_core.datasets.formats.leading import is_remark, label_of, leading_of, title_notes
from grn_core.datasets.formats.record import Format
from grn_core.datasets.formats.sheets import Rows, sheets_of, text_of
from grn_core.datasets.formats.table import Table
from grn_core.datasets.formats.text import from_table
from grn_core.datasets.read_as import ReadAs
from grn_core.errors import DataError, HoldsNetworkError

MOST_FIELDS = 30_000_000
LOOKED_AT = 30


def read_xlsx(path: Path, *, title: str, read_as: ReadAs) -> Dataset:
    """Read the first sheet that holds a table of numbers; see `read_text` for what it must hold."""
    refused: dict[str, DataError] = {}
    with damaged_as_data_error(path, "Excel workbook"):
        for sheet in sheets_of(path, most_fields=MOST_FIELDS, most_rows=MOST_GENES):
            try:
                table, notes = _table(sheet.rows, path)
            except HoldsNetworkError:
                raise
            except DataError as error:
                refused[sheet.title] = error
            else:
                break
        else:
            raise next(iter(refused.values()))
    if refused or sheet.following:
        none = f", no table of numbers is on {', '.join(map(repr, refused))}" if refused else ""
        after = f", {', '.join(map(repr, sheet.following))} behind it not" if sheet.following else ""
        notes.insert(0, f"The sheet {sheet.title!r} was read{none}{after}.")
    return from_table(table, notes=notes, title=title, read_as=read_as)


def _table(rows: Rows, path: Path) -> tuple[Table, list[str]]:
    """Return the table of a sheet, and what stands above it, in sentences."""
    width = max(map(len, rows))
    top = [[text_of(field) for field in row] for row in rows[:LOOKED_AT]]
    above = leading_of(top)
    end = len(rows)
    while end > above.first and is_remark([text_of(field) for field in rows[end - 1]]):
        end -= 1
    head = [*top[above.header], *[""] * width][:width]
    frame = pd.DataFrame(rows[above.first : end], columns=range(width))
    names = pd.Index(frame.iloc[:, 0].map(text_of), name=head[0])
    frame = frame.iloc[:, 1:].set_axis(names, axis=0).set_axis(head[1:], axis=1).infer_objects().convert_dtypes()
    labels = [label_of(top[at], width, number=at + 1) for at in above.labels]
    below = tuple(text_of(row[0]).strip() for row in rows[end:])
    table = replace(table_of(frame, path, above=labels), below=below)
    return table, title_notes([" ".join(filter(None, top[at])) for at in above.titles])


XLSX = Format(
    name="xlsx",
    title="an .xlsx workbook",
    endings=(".xlsx",),
    content="an Excel workbook",
    sniff=lambda start: start.startswith(b"PK\x03\x04"),
    read=read_xlsx,
)
