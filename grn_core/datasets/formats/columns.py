"""Reading .parquet and .xlsx: a table that a library hands over as columns, read as a table of text is."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse

from grn_core.datasets.checks import check_size, damaged_as_data_error
from grn_core.datasets.dataset import Dataset
from grn_core.datasets.formats.record import Format
from grn_core.datasets.formats.refused import refuse_network
from grn_core.datasets.formats.rows import Table
from grn_core.datasets.formats.text import from_table
from grn_core.datasets.read_as import ReadAs
from grn_core.errors import DataError

MOST_CELLS_OF_A_SHEET = 30_000_000


def read_parquet(path: Path, *, title: str, read_as: ReadAs) -> Dataset:
    """Read a table of Apache Parquet; see `read_text` for what it must hold."""
    with damaged_as_data_error(path, "Parquet file"):
        import pyarrow.parquet

        file = pyarrow.parquet.ParquetFile(path)
        size = file.metadata
        check_size(0, 4 * size.num_rows * size.num_columns)
        frame = file.read().to_pandas()
        table = table_of(frame, path)
    return from_table(table, title=title, read_as=read_as)


def table_of(frame: pd.DataFrame, path: Path) -> Table:
    """Tell names, numbers and text of a table apart; the names are its index, or else its first column of text."""
    refuse_network(path, [str(frame.index.name or ""), *map(str, frame.columns)])
    text = [place for place in range(frame.shape[1]) if not pd.api.types.is_numeric_dtype(frame.dtypes.iloc[place])]
    if isinstance(frame.index, pd.RangeIndex) and text:
        first = text.pop(0)
        rows = frame.iloc[:, first]
        kept = [place for place in range(frame.shape[1]) if place not in (first, *text)]
    else:
        rows = frame.index.to_series()
        kept = [place for place in range(frame.shape[1]) if place not in text]
    if not kept:
        message = f"{path.name} holds no column of numbers"
        raise DataError(message, needed="columns of numbers", todo="supply the table of expression")
    numbers = frame.iloc[:, kept].to_numpy(dtype=np.float32, na_value=np.nan)
    if np.isnan(numbers).any():
        row, column = np.argwhere(np.isnan(numbers))[0]
        message = f"column {str(frame.columns[kept[column]])!r} has no value in row {row + 1}"
        raise DataError(message, needed="a number for every gene in every cell", todo="fill or remove what is missing")
    labels = {str(frame.columns[place]): frame.iloc[:, place].fillna("").astype(str).tolist() for place in text}
    columns = [str(name).strip() for name in frame.columns[kept]]
    return Table([str(name).strip() for name in rows], columns, sparse.csr_matrix(numbers), labels)


def read_xlsx(path: Path, *, title: str, read_as: ReadAs) -> Dataset:
    """Read the first sheet of an Excel workbook; see `read_text` for what it must hold."""
    with damaged_as_data_error(path, "Excel workbook"):
        try:
            import openpyxl
        except ImportError as error:
            message = f"{path.name} is an Excel workbook, and openpyxl is not installed"
            todo = "pip install openpyxl, or export the sheet as .csv"
            raise DataError(message, needed="the package openpyxl", todo=todo) from error
        book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        if (sheet.max_row or 0) * (sheet.max_column or 0) > MOST_CELLS_OF_A_SHEET:
            message = f"the sheet {sheet.title!r} has {sheet.max_row:,} x {sheet.max_column:,} fields"
            raise DataError(message, needed=f"at most {MOST_CELLS_OF_A_SHEET:,}", todo="export the sheet as .csv")
        head, *rows = [row for row in sheet.iter_rows(values_only=True) if any(field is not None for field in row)]
        names = ["" if name is None else _plain(name) for name in head]
        frame = pd.DataFrame(rows).set_axis(names, axis=1)
        frame.iloc[:, 0] = frame.iloc[:, 0].map(_plain)
        frame = frame.infer_objects()
        table = table_of(frame.set_index(frame.columns[0]).convert_dtypes(), path)
    others = (
        [f"The first of {len(book.worksheets)} sheets was read: {sheet.title}."] if len(book.worksheets) > 1 else []
    )
    return from_table(table, notes=others, title=title, read_as=read_as)


def _plain(field: object) -> str:
    """Write a name as it stood: a date as Excel keeps it without time, a number without decimals."""
    import datetime

    if isinstance(field, datetime.datetime):
        return field.date().isoformat()
    return "" if field is None else str(field)


PARQUET = Format(
    name="parquet",
    title="a .parquet table",
    endings=(".parquet", ".pq"),
    content="Parquet",
    sniff=lambda start: start.startswith(b"PAR1"),
    read=read_parquet,
)
XLSX = Format(
    name="xlsx",
    title="an .xlsx workbook",
    endings=(".xlsx",),
    content="an Excel workbook",
    sniff=lambda start: start.startswith(b"PK\x03\x04"),
    read=read_xlsx,
)
