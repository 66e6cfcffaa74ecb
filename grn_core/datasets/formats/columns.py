"""Reading .parquet: a table that a library hands over as columns, read as a table of text is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse

from grn_core.datasets.checks import check_size, damaged_as_data_error
from grn_core.datasets.dataset import Dataset
from grn_core.datasets.features import reason_of_column, reason_of_name
from grn_core.datasets.formats.record import Format
from grn_core.datasets.formats.refused import refuse_edges
from grn_core.datasets.formats.table import Table
from grn_core.datasets.formats.text import from_table
from grn_core.datasets.read_as import ReadAs
from grn_core.errors import DataError

NARROW = 16
MOSTLY = 0.9
"""Share of numbers with which a column of text is one of numbers, of which some are none."""


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


def table_of(frame: pd.DataFrame, path: Path, *, above: Sequence[tuple[str, Sequence[str]]] = ()) -> Table:
    """Tell names, numbers and text of a table apart; the names are its index, or else its first column of text.

    Parameters
    ----------
    frame
        The table.
    path
        Its file, for messages.
    above
        Lines that say more of its columns: a name, and a field for each column.

    Raises
    ------
    DataError
        It holds no numbers, lacks some, or is one of edges.
    """
    corner = str(frame.index.name or "")
    shown: list[list[str]] = []
    if frame.shape[1] < NARROW:
        top = frame.head(NARROW)
        shown = [[str(name), *map(str, row)] for name, row in zip(top.index, top.itertuples(index=False), strict=True)]
    refuse_edges(path, [corner, *map(str, frame.columns)], shown)
    kinds = frame.dtypes.tolist()  # once: pandas makes the list anew each time
    text = [place for place, kind in enumerate(kinds) if not pd.api.types.is_numeric_dtype(kind)]
    if isinstance(frame.index, pd.RangeIndex) and text:
        first = text.pop(0)
        rows, corner = frame.iloc[:, first], str(frame.columns[first])
        kept = [place for place in range(frame.shape[1]) if place not in (first, *text)]
    else:
        rows = frame.index.to_series()
        kept = [place for place in range(frame.shape[1]) if place not in text]
    for place in text:
        _refuse_a_few_words(frame.iloc[:, place], str(frame.columns[place]))
    if not kept:
        frame, kept = _numbers_in_words(frame, text)
        text = [place for place in text if place not in kept]
    if not kept:
        message = f"{path.name} holds no column of numbers"
        raise DataError(message, needed="columns of numbers", todo="supply the table of expression")
    numbers = frame.iloc[:, kept].to_numpy(dtype=np.float32, na_value=np.nan)
    if np.isnan(numbers).any():
        row, column = np.argwhere(np.isnan(numbers))[0]
        message = f"column {str(frame.columns[kept[column]])!r} has no value in row {row + 1} ({str(rows.iloc[row])!r})"
        raise DataError(message, needed="a number for every gene in every cell", todo="fill or remove what is missing")
    labels = {str(frame.columns[place]): frame.iloc[:, place].fillna("").astype(str).tolist() for place in text}
    columns = [str(name).strip() for name in frame.columns[kept]]
    more = tuple((name, tuple(fields[place] for place in kept)) for name, fields in above)
    names = [str(name).strip() for name in rows]
    return Table(names, columns, sparse.csr_matrix(numbers), labels, labels=more, corner=corner)


def _refuse_a_few_words(values: pd.Series, name: str) -> None:
    """Refuse a column of numbers of which a few are none: it would pass for a label, and its cell be lost."""
    numbers = pd.to_numeric(values, errors="coerce").notna().to_numpy()
    if len(numbers) and MOSTLY <= numbers.mean() < 1 and not (reason_of_column(name) or reason_of_name(name)):
        row = int(np.flatnonzero(~numbers)[0])
        message = f"column {name!r} holds {str(values.iloc[row])[:40]!r} in row {row + 1}, which is no number"
        todo = "correct it (of a formula its value is wanted), or take the column out"
        raise DataError(message, needed="a number for every gene in every cell", todo=todo)


def _numbers_in_words(frame: pd.DataFrame, text: list[int]) -> tuple[pd.DataFrame, list[int]]:
    """Return a table with the numbers that it holds as text, and the places of these columns."""
    found = {place: pd.to_numeric(frame.iloc[:, place], errors="coerce") for place in text}
    kept = [place for place, numbers in found.items() if len(numbers) and numbers.notna().all()]
    columns = {place: found[place] if place in kept else frame.iloc[:, place] for place in range(frame.shape[1])}
    return pd.DataFrame(columns, index=frame.index).set_axis(frame.columns, axis=1), kept


PARQUET = Format(
    name="parquet",
    title="a .parquet table",
    endings=(".parquet", ".pq"),
    content="Parquet",
    sniff=lambda start: start.startswith(b"PAR1"),
    read=read_parquet,
)
