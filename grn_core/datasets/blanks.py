"""Labels of cells as they are read: what stands for none is missing, and a whole number has no point."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

BLANKS = frozenset({"", "nan", "NaN", "NAN", "NA", "N/A", "n/a", "<NA>", "#N/A", "null", "NULL"})
"""What programs write for no value; ``none`` is none of these: it is what a control was treated with."""

WHOLE = re.compile(r"[+-]?\d+\.0")
"""How programs write a whole number of a column in which others are missing."""
LARGEST = 2.0**53
"""Beyond it not every whole number is one of its own."""


def labels_of(column: pd.Series) -> pd.Series:
    """Return a column as its labels are read: missing where its text stands for none, and 2 where 2.0 is written.

    Parameters
    ----------
    column
        A value for each cell.
    """
    return in_whole_numbers(without_blanks(column))


def in_whole_numbers(column: pd.Series) -> pd.Series:
    """Return a column without points where all of its numbers are whole, as they are beside missing values.

    Numbers become Int64, text that is written so throughout becomes shorter; any other column stays as it is.

    Parameters
    ----------
    column
        A value for each cell.
    """
    if isinstance(column.dtype, pd.CategoricalDtype):
        named = pd.Series(column.cat.categories)
        whole = in_whole_numbers(named)
        return column if whole is named else column.cat.rename_categories(whole.to_list())
    kind = pd.api.types.infer_dtype(column, skipna=True)
    if kind in ("floating", "mixed-integer-float"):
        numbers = pd.to_numeric(column).to_numpy(dtype=np.float64, na_value=np.nan)
        told = numbers[~np.isnan(numbers)]
        if len(told) and np.isfinite(told).all() and (told % 1 == 0).all() and np.abs(told).max() < LARGEST:
            return pd.Series(numbers, index=column.index, name=column.name).astype("Int64")
    elif kind == "string":
        different = column.dropna().unique()
        if len(different) and all(map(WHOLE.fullmatch, different)):
            return column.map({one: one.removesuffix(".0") for one in different})
    return column


def without_blanks(column: pd.Series) -> pd.Series:
    """Return a column with missing values where its text stands for none; numbers stay as they are.

    Parameters
    ----------
    column
        A value for each cell.
    """
    if isinstance(column.dtype, pd.CategoricalDtype):
        blank = [one for one in column.cat.categories if isinstance(one, str) and one.strip() in BLANKS]
        return column.cat.remove_categories(blank) if blank else column
    if pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_datetime64_any_dtype(column.dtype):
        return column
    is_blank = np.array([isinstance(one, str) and one.strip() in BLANKS for one in column], dtype=bool)
    return column.mask(is_blank) if is_blank.any() else column
