"""The numbers of a column as whatever program wrote them; one that can be read in two ways is refused."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
import pandas as pd

from grn_core.datasets.formats.decimals import PLAIN, Writing, writing_of
from grn_core.datasets.formats.written_numbers import MISSING, is_grouped, is_number, number_of
from grn_core.errors import DataError
from grn_core.in_words import short

WHOLE = re.compile(r"[+-]?\d+")


def writing_in(fields: Iterable[str], delimiter: str) -> Writing:
    """Return how the numbers of a column are written, with the sign that can be either where it cannot be told.

    Points before three digits are decimals where no whole number stands beside them: programs write them so.

    Parameters
    ----------
    fields
        All of the column, stripped, without missing ones.
    delimiter
        Between columns; ``""`` where none is.
    """
    found = list(fields)
    writing = writing_of([found], delimiter)
    if writing.doubt == "." and not any(map(WHOLE.fullmatch, found)):
        return PLAIN
    return writing


def numbers_in(fields: Iterable[str], delimiter: str) -> list[float]:
    """Return the numbers among some fields, for a look at a column; in two ways to read them the likelier."""
    told = [field for field in fields if field.lower() not in MISSING]
    writing = writing_in(told, delimiter)
    read = (number_of(field, writing.decimal, writing.thousands) for field in told)
    return [
        float(field) if one is None else one
        for field, one in zip(told, read, strict=True)
        if one is not None or is_number(field)
    ]


def numbers_of(values: pd.Series, name: str, *, delimiter: str = "") -> np.ndarray:
    """Return the numbers of a column, NaN where one is missing.

    Parameters
    ----------
    values
        Text, or numbers.
    name
        Of the column.
    delimiter
        As in `writing_in`.

    Raises
    ------
    DataError
        A field is no number, is infinite, or can be read as two numbers.
    """
    found = pd.to_numeric(values, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan, copy=True)
    if values.dtype == object or pd.api.types.is_string_dtype(values):
        codes, unique = pd.factorize(values.astype(object).where(values.notna(), "").astype(str).str.strip())
        texts = [str(text) for text in unique]
        found = _read(texts, found, codes, name=name, delimiter=delimiter)
    if np.isinf(found).any():
        row = int(np.flatnonzero(np.isinf(found))[0]) + 1
        message = f"column {short(name)!r} holds an infinite number in row {row:,}"
        todo = "write a number above all others (for minus the logarithm of a p-value of 0, its largest)"
        raise DataError(message, needed="finite numbers", todo=todo)
    return found


def _read(texts: list[str], found: np.ndarray, codes: np.ndarray, *, name: str, delimiter: str) -> np.ndarray:
    told = [text for text in texts if text.lower() not in MISSING]
    writing = writing_in(told, delimiter)
    if writing.doubt:
        mark, bad = writing.doubt, writing.example
        message = f"column {short(name)!r} holds {bad!r}, which is {bad.replace(mark, '')} or {bad.replace(mark, '.')}"
        todo = f"write {bad.replace(mark, '')} without {mark!r}, or all numbers with a point and another decimal"
        raise DataError(message, needed="numbers that can be read in one way", todo=todo)
    if writing == PLAIN and not np.isnan(found[np.isin(codes, _places(texts))]).any():
        return found
    decimal, thousands = writing.decimal, writing.thousands
    numbers = np.full(len(texts), np.nan)
    for place in _places(texts):
        one = number_of(texts[place], decimal, thousands)
        if one is None:
            row = int(np.flatnonzero(codes == place)[0]) + 1
            message = f"column {short(name)!r} holds {short(texts[place])!r} in row {row:,}, which is no number"
            if decimal == "," or thousands:
                message = f"{message} beside numbers such as {next(filter(is_grouped, told), told[0])!r}"
            raise DataError(message, needed="numbers", todo="correct it, or take the column out")
        numbers[place] = one
    return np.asarray(numbers[codes])


def _places(texts: list[str]) -> list[int]:
    return [place for place, text in enumerate(texts) if text.lower() not in MISSING]
