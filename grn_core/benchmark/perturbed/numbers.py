"""Numbers of tables of measured changes: of text that other tools write, fold changes and p-values."""

from __future__ import annotations

import numpy as np
import pandas as pd

from grn_core.benchmark.perturbed.columns import shown
from grn_core.errors import DataError
from grn_core.in_words import counted

DECIMAL_COMMA = r"[+-]?\d+,\d+(?:[eE][+-]?\d+)?"
MISSING = ("", "na", "n/a", "#n/a", "nan", "null", "none", "-", ".")


def logarithms_of(values: np.ndarray, title: str, *, file: str) -> np.ndarray:
    """Return the logarithms of fold changes, in doublings.

    Parameters
    ----------
    values
        (rows,) fold changes, NaN where there is none.
    title, file
        What the column and the table are called, for messages.

    Raises
    ------
    DataError
        One is not above 0.
    """
    if (values <= 0).any():
        message = f"the column {shown(title)} of {file} is called a fold change and holds {values[values <= 0][0]:g}"
        raise DataError(
            message,
            needed="positive fold changes, or log fold changes by that name",
            todo="call the column log2FoldChange if it holds logarithms",
        )
    found: np.ndarray = np.log2(values)
    return found


def numbers_of(table: pd.DataFrame, place: int, *, file: str) -> np.ndarray:
    """Return the numbers of a column, NaN for empty cells; decimal commas are read where no cell has a point.

    Parameters
    ----------
    table
        Its cells as text.
    place
        Of the column.
    file
        What the table is called, for messages.

    Raises
    ------
    DataError
        A cell holds another text.
    """
    column = table.iloc[:, place].str.strip()
    column = column.mask(column.str.lower().isin(MISSING), "")
    commas = column.str.fullmatch(DECIMAL_COMMA)
    if commas.any() and not column.str.contains(".", regex=False).any():
        column = column.mask(commas, column.str.replace(",", ".", regex=False))
    found = pd.to_numeric(column, errors="coerce")
    if (wrong := found.isna() & (column != "")).any():
        title, cell = shown(str(table.columns[place])), shown(str(column[wrong].iloc[0]))
        which = f"of the column {title} of {file}"
        none = counted(int(wrong.sum()), f"cell {which} holds", f"cells {which} hold")
        message = f"{none} no number, such as {cell}"
        raise DataError(message, needed="a number, NA or nothing in each cell", todo="correct those cells")
    numbers: np.ndarray = found.to_numpy(dtype=np.float64)
    return numbers


def chances_of(table: pd.DataFrame, place: int, *, file: str) -> np.ndarray:
    """Return the p-values of a column as `numbers_of` does; `DataError` for one that is below 0 or above 1."""
    chances = numbers_of(table, place, file=file)
    if (outside := (chances < 0) | (chances > 1)).any():
        message = f"the column {shown(str(table.columns[place]))} of {file} holds {chances[outside][0]:g}"
        raise DataError(message, needed="p-values from 0 to 1", todo="correct it, or leave out the column")
    return chances
