"""Labels of cells that stand for none."""

from __future__ import annotations

import numpy as np
import pandas as pd

BLANKS = frozenset({"", "nan", "NaN", "NAN", "NA", "N/A", "n/a", "<NA>", "#N/A", "null", "NULL"})
"""What programs write for no value; ``none`` is none of these: it is what a control was treated with."""


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
