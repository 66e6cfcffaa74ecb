"""Reading .parquet: a table that a library hands over as columns, read as a table of text is."""

from __future__ import annotations

import numbers
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
from grn_core.datasets.formats.table import Table, told_apart
from grn_core.datasets.formats.text import from_table
from grn_core.datasets.formats.written_numbers import number_of
from grn_core.datasets.read_as import ReadAs
from grn_core.errors import DataError
from grn_core.genes import is_ensembl, match_genes
from grn_core.in_words import short

NARROW = 16
NEEDED = "a number for every gene in every cell"
MOSTLY = 0.5
"""Share of numbers with which a column of text is a cell, where genes are in rows; of a gene one number is enough."""


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
    frame, whole, mixed = _numbers_in_words(frame, text, able=able, alone=not kept)
    kept, text = sorted([*kept, *whole]), [place for place in text if place not in whole]
    if not kept:
        message = f"{path.name} holds no column of numbers"
        raise DataError(message, needed="columns of numbers", todo="supply the table of expression")
    values = frame.iloc[:, kept].to_numpy(dtype=np.float32, na_value=np.nan)
    lacking = np.flatnonzero(np.isnan(values).any(axis=0)).tolist()
    if lacking:
        mixed += [kept[one] for one in lacking if able.may_be_label(kept[one], written=values[:, one])]
        values = np.delete(values, lacking, axis=1)
        kept = [place for one, place in enumerate(kept) if one not in lacking]
        if not kept:
            message = f"every column of {path.name} lacks values"
            raise DataError(message, needed=NEEDED, todo="fill or remove what is missing")
    told = sorted({*text, *mixed})
    titles, notes = told_apart([str(frame.columns[place]) for place in told])
    called = dict(zip(told, titles, strict=True))
    labels = {called[place]: _fields(frame.iloc[:, place]) for place in told}
    columns = [str(name).strip() for name in frame.columns[kept]]
    more = tuple((name, tuple(fields[place] for place in kept)) for name, fields in above)
    names = [str(name).strip() for name in rows]
    return Table(
        names,
        columns,
        sparse.csr_matrix(values),
        labels,
        labels=more,
        corner=corner,
        mixed=frozenset(called[place] for place in mixed),
        notes=notes,
    )


def _numbers_in_words(
    frame: pd.DataFrame, text: Sequence[int], *, able: _Labels, alone: bool
) -> tuple[pd.DataFrame, list[int], list[int]]:
    """Make numbers of what is written as text: as other columns are, or all of it where there is nothing else.

    Returns
    -------
    tuple
        The table; the places of `text` that became numbers; and of those that are numbers but for some rows, and labels
        of the cells.
    """
    written = {place: _numbers_of(frame.iloc[:, place]) for place in text}
    whole = [place for place, one in written.items() if len(one) and not np.isnan(one).any()]
    whole = [place for place in whole if alone or able.are_values(place)]
    some = [place for place, one in written.items() if np.isnan(one).any() and not np.isnan(one).all()]
    mixed = [place for place in some if able.may_be_label(place, written=written[place])]
    if whole:
        frame = frame.copy(deep=False)
        for place in whole:
            frame.isetitem(place, written[place])
    return frame, whole, mixed


def _numbers_of(column: pd.Series) -> np.ndarray:
    """Return the numbers that a column of text holds, written as text or not; NaN for words, dates, yes and no."""
    if pd.api.types.infer_dtype(column, skipna=True) in ("string", "categorical"):
        return pd.to_numeric(column.astype(object), errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    found = np.full(len(column), np.nan)
    for place, one in enumerate(column):
        if isinstance(one, str):
            number = number_of(one.strip(), ".", None)
            found[place] = np.nan if number is None else number
        elif isinstance(one, numbers.Real) and not isinstance(one, bool | np.bool_):
            found[place] = float(one)
    return found


class _Labels:
    """Whether a column of odd numbers is a label of the cells: not where it is a gene, or a cell itself."""

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

    def are_values(self, place: int) -> bool:
        """Whether a column of numbers that are all or partly stored as text is a gene or a cell, not a label."""
        name, column = str(self.frame.columns[place]).strip(), self.frame.iloc[:, place]
        if self.genes is not None:
            return name in self.genes or pd.api.types.infer_dtype(column, skipna=True) not in ("string", "categorical")
        return not (reason_of_column(name) or reason_of_name(name))

    def may_be_label(self, place: int, *, written: np.ndarray) -> bool:
        """Refuse a gene or a cell of which some are `written` as no number; else say whether it is a label."""
        bad = np.flatnonzero(np.isnan(written))
        name = str(self.frame.columns[place])
        if reason_of_column(name) or reason_of_name(name):
            return True
        if self.genes is not None and name.strip() not in self.genes:
            return True
        if self.genes is None and len(bad) > (1 - MOSTLY) * len(written):
            return False
        value = self.frame.iloc[bad[0], place]
        message = f"column {short(name)!r} has no value in row {bad[0] + 1} ({short(self.rows.iloc[bad[0]])!r})"
        todo = "fill or remove what is missing"
        if not pd.isna(value):
            message = f"column {short(name)!r} holds {short(value)!r} in row {bad[0] + 1}, which is no number"
            todo = "correct it (of a formula its value is wanted), or take the column out"
        raise DataError(message, needed=NEEDED, todo=todo)


def _fields(column: pd.Series) -> list[str]:
    """Return the text of each value, ``""`` for none; of whole numbers without a point."""
    if pd.api.types.is_float_dtype(column.dtype):
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
        return ["" if np.isnan(one) else str(int(one)) if one.is_integer() else str(one) for one in values]
    return ["" if pd.isna(one) else str(one) for one in column]


PARQUET = Format(
    name="parquet",
    title="a .parquet table",
    endings=(".parquet", ".pq"),
    content="Parquet",
    sniff=lambda start: start.startswith(b"PAR1"),
    read=read_parquet,
)
