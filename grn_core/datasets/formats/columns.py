"""Reading .parquet: a table that a library hands over as columns, read as a table of text is."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
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
from grn_core.genes import is_ensembl, match_genes

NARROW = 16
NEEDED = "a number for every gene in every cell"
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
    able = _Labels(frame, rows)
    mixed = [place for place in text if able.may_be_label(place, bad=_words_among_numbers(frame, place))]
    if not kept:
        frame, kept = _numbers_in_words(frame, text)
        text = [place for place in text if place not in kept]
    if not kept:
        message = f"{path.name} holds no column of numbers"
        raise DataError(message, needed="columns of numbers", todo="supply the table of expression")
    numbers = frame.iloc[:, kept].to_numpy(dtype=np.float32, na_value=np.nan)
    missing = np.isnan(numbers)
    lacking = np.flatnonzero(missing.any(axis=0)).tolist()
    if lacking:
        mixed += [kept[one] for one in lacking if able.may_be_label(kept[one], bad=int(missing[:, one].argmax()))]
        numbers = np.delete(numbers, lacking, axis=1)
        kept = [place for one, place in enumerate(kept) if one not in lacking]
        if not kept:
            message = f"every column of {path.name} lacks values"
            raise DataError(message, needed=NEEDED, todo="fill or remove what is missing")
    labels = {str(frame.columns[place]): _fields(frame.iloc[:, place]) for place in sorted({*text, *mixed})}
    columns = [str(name).strip() for name in frame.columns[kept]]
    more = tuple((name, tuple(fields[place] for place in kept)) for name, fields in above)
    names = [str(name).strip() for name in rows]
    return Table(
        names,
        columns,
        sparse.csr_matrix(numbers),
        labels,
        labels=more,
        corner=corner,
        mixed=frozenset(str(frame.columns[place]) for place in mixed),
    )


def _words_among_numbers(frame: pd.DataFrame, place: int) -> int | None:
    """Return the first row of a column of numbers that holds none; None in one of text, or of numbers alone."""
    numbers = pd.to_numeric(frame.iloc[:, place], errors="coerce").notna().to_numpy()
    return int(np.flatnonzero(~numbers)[0]) if len(numbers) and MOSTLY <= numbers.mean() < 1 else None


class _Labels:
    """Whether a column of numbers that lacks some is a label of the cells: not where it is a gene, or a cell itself."""

    def __init__(self, frame: pd.DataFrame, rows: pd.Series) -> None:
        self.frame, self.rows = frame, rows

    @cached_property
    def genes(self) -> set[str] | None:
        """The columns that are genes; None where the genes are not in the columns."""
        names = [str(name).strip() for name in self.frame.columns]
        columns, rows = (match_genes(found) for found in (names, [str(name) for name in self.rows]))
        if columns.n_matched * len(rows.names) <= rows.n_matched * len(columns.names):
            return None
        return {name for name, own in zip(names, columns.own_symbols, strict=True) if own or is_ensembl(name)}

    def may_be_label(self, place: int, *, bad: int | None) -> bool:
        """Refuse a gene or a cell that has no number in the row `bad`, and say whether there is such a row."""
        if bad is None:
            return False
        name = str(self.frame.columns[place])
        if reason_of_column(name) or reason_of_name(name):
            return True
        if self.genes is not None and name.strip() not in self.genes:
            return True
        value = self.frame.iloc[bad, place]
        message = f"column {name!r} has no value in row {bad + 1} ({str(self.rows.iloc[bad])!r})"
        todo = "fill or remove what is missing"
        if not pd.isna(value):
            message = f"column {name!r} holds {str(value)[:40]!r} in row {bad + 1}, which is no number"
            todo = "correct it (of a formula its value is wanted), or take the column out"
        raise DataError(message, needed=NEEDED, todo=todo)


def _fields(column: pd.Series) -> list[str]:
    """Return the text of each value, ``""`` for none; of whole numbers without a point."""
    if pd.api.types.is_float_dtype(column.dtype):
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
        return ["" if np.isnan(one) else str(int(one)) if one.is_integer() else str(one) for one in values]
    return ["" if pd.isna(one) else str(one) for one in column]


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
