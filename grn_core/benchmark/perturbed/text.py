"""Tables of measured changes as text: whatever separates the columns, however it is encoded and packed."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pandas as pd

from grn_core.datasets.checks import damaged_as_data_error
from grn_core.datasets.formats.layout import delimiter_of_lines, fields_of
from grn_core.datasets.formats.plain_text import LONGEST_LINE, encoding_of, opened
from grn_core.errors import DataError

LATIN = "cp1252"
LOOKED_AT = 100
"""Lines by which the delimiter is told."""


def text_table(path: Path) -> pd.DataFrame:
    """Read a table, its cells and the names of its columns as they are written; ``""`` where a row has no cell.

    Names of rows without a name above them, as R writes them, are the index; columns that are called the
    same stay so.

    Raises
    ------
    DataError
        It is no whole table.
    """
    with damaged_as_data_error(path, "table"):
        encoding = encoding_of(path)
        try:
            return _read(path, encoding)
        except UnicodeDecodeError:
            if encoding != "utf-8-sig":
                raise
            return _read(path, LATIN)


def _read(path: Path, encoding: str) -> pd.DataFrame:
    with opened(path, encoding) as lines:
        if any("\0" in part for part in iter(lambda: lines.read(LONGEST_LINE), "")):  # pandas would end a name there
            message = f"{path.name} is no text: it holds zero bytes"
            raise DataError(message, needed="a table of text", todo="export it as .csv or .tsv")
    with opened(path, encoding) as lines:
        first = [line for line in islice(iter(lambda: lines.readline(LONGEST_LINE), ""), LOOKED_AT) if line.strip()]
    delimiter = (delimiter_of_lines(first) if first else None) or "\t"
    names, *rows = [fields_of(line, delimiter) for line in first] or [[]]
    ends_open = bool(rows) and all(len(row) == len(names) + 1 and not row[-1].strip() for row in rows)
    of_rows = False if ends_open else None  # a delimiter at the end of each line names no rows
    with opened(path, encoding) as lines:
        table = pd.read_csv(lines, sep=delimiter, dtype=str, keep_default_na=False, index_col=of_rows).fillna("")
    if table.index.nlevels > 1:  # one more is R's names of rows
        message = f"{path.name} has lines of {table.shape[1] + table.index.nlevels} fields below {len(names)} names"
        raise DataError(message, needed="a name for each column", todo="export it again")
    if len(names) == table.shape[1]:
        table.columns = pd.Index(names)
    return table
