"""Names in tables of text, so that a spreadsheet takes none for a formula and none breaks a line.

A name that begins with ``=``, ``+``, ``-``, ``@``, a tab or a line break is written behind an apostrophe, as
spreadsheets write text themselves; reading takes it away again.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pandas as pd

FORMULA = re.compile(r"'*[=+\-@\t\r\n]")
BREAKS = re.compile(r"[\r\n\x00]")


def guarded(name: str) -> str:
    """Return a name as a table of text has it."""
    return f"'{name}" if FORMULA.match(name) else name


def unguarded(name: str) -> str:
    """Return the name that `guarded` was given."""
    return name[1:] if name.startswith("'") and FORMULA.match(name) else name


def lines_of(names: Iterable[str]) -> str:
    """Write names or sentences as a text of one a line; what breaks lines within one becomes a blank."""
    return "".join(f"{guarded(BREAKS.sub(' ', name))}\n" for name in names)


def text_of(table: pd.DataFrame, *, delimiter: str, digits: str) -> bytes:
    """Write a table as UTF-8 text with a header line.

    Parameters
    ----------
    table
        Names and numbers.
    delimiter
        Between fields.
    digits
        Format of numbers with decimals.
    """
    import pandas as pd  # the rest of this room is of single names, and does without

    names = [place for place, kind in enumerate(table.dtypes) if not pd.api.types.is_numeric_dtype(kind)]
    written = table.copy(deep=False)
    written.columns = pd.Index([guarded(str(name)) for name in table.columns])
    broken = any(BREAKS.search(str(name)) for name in table.columns)
    for place in names:
        column = table.iloc[:, place]
        broken = broken or any(BREAKS.search(one) for one in _texts(column.unique()))
        changed = {one: guarded(one) for one in _texts(column.unique()) if FORMULA.match(one)}
        if changed:
            written.isetitem(place, [changed.get(one, one) for one in column])
    quoting: Literal[0, 2] = (
        csv.QUOTE_NONNUMERIC if broken else csv.QUOTE_MINIMAL
    )  # a lone carriage return is not quoted else
    text: str = written.to_csv(sep=delimiter, index=False, float_format=digits, lineterminator="\n", quoting=quoting)
    return text.encode("utf-8")


def _texts(values: Iterable[object]) -> Iterable[str]:
    return (one for one in values if isinstance(one, str))
