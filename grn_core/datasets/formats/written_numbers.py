"""Numbers as tables of text write them: decimal point or comma, thousands set apart; one, or many at once."""

from __future__ import annotations

import re
import warnings

import numpy as np

MISSING = frozenset({"", "na", "nan", "null", "none", "n/a", "-nan", "#n/a", "<na>"})
"""Fields in small letters that say that there is no value."""
MARKS = {"'": "apostrophes", "\u2019": "apostrophes", " ": "blanks", "\u00a0": "blanks", "\u202f": "blanks"}
"""What may stand between thousands beside commas and points, and what it is called."""
ZERO, NINE, POINT, COMMA, BLANK = b"09., "
GROUPED = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?")
COMMA_DECIMALS = re.compile(r"-?\d+,\d+(e[+-]?\d+)?", re.IGNORECASE)
POINT_THOUSANDS = re.compile(r"-?\d{1,3}(\.\d{3})+")
MARKED = re.compile(r"-?\d{1,3}(?P<mark>[ '\u2019\u00a0\u202f])\d{3}((?P=mark)\d{3})*(?P<decimals>[.,]\d+)?")
"""With an apostrophe or a blank between thousands, as in Switzerland and France."""
POINT_GROUPED = re.compile(r"-?\d{1,3}(\.\d{3})+,\d+")


def is_number(field: str) -> bool:
    """Whether a field is a number with a decimal point, or without decimals."""
    try:
        float(field)
    except ValueError:
        return False
    return "_" not in field


def is_grouped(field: str) -> bool:
    """Whether a field is a number with a decimal comma, or with signs or blanks between thousands."""
    field = field.strip()
    if "," in field and any(one.fullmatch(field) for one in (GROUPED, COMMA_DECIMALS, POINT_GROUPED)):
        return True
    if field.count(".") > 1 and POINT_THOUSANDS.fullmatch(field):
        return True
    return mark_of(field) is not None


def mark_of(field: str) -> str | None:
    """Return the apostrophe or blank that stands between thousands; None where none does."""
    found = MARKED.fullmatch(field)
    return None if found is None else found["mark"]


def number_of(field: str, decimal: str, thousands: str | None) -> float | None:
    """Return the number that a field is in one way of writing numbers; None where it is none in this way."""
    if thousands in MARKS and mark_of(field) == thousands:
        field, thousands = field.replace(thousands, ""), None
    if decimal == ",":
        grouped = thousands == "." and any(one.fullmatch(field) for one in (POINT_GROUPED, POINT_THOUSANDS))
        if "." in field and not grouped:
            return None
        plain = field.replace(".", "").replace(",", ".") if grouped or COMMA_DECIMALS.fullmatch(field) else field
    else:
        grouped = thousands == "," and GROUPED.fullmatch(field) is not None
        plain = field.replace(",", "") if grouped else field
    return float(plain) if plain.isascii() and is_number(plain) else None


def plain_number(field: str, decimal: str, thousands: str | None) -> str:
    """Return a number as programs write it; what is none stays as it is."""
    found = number_of(field.strip(), decimal, thousands)
    return field.strip() if found is None else repr(found)


def numbers_at_once(joined: str, n: int, *, delimiter: str, decimal: str) -> np.ndarray | None:
    """Return the numbers of many fields at once, told from their characters.

    Parameters
    ----------
    joined
        The fields, between delimiters.
    n
        How many they are.
    delimiter, decimal
        What stands between fields, and before decimals; nothing stands between thousands.

    Returns
    -------
    numpy.ndarray or None
        (n,) float64; None where a field is anything else than a number.
    """
    if not joined.isascii():
        return None
    if decimal == ",":
        if "." in joined:
            return None
        joined = joined.replace(",", ".")
    text = np.frombuffer(f"{joined}{delimiter}00".encode("ascii"), dtype=np.uint8).copy()
    text[text == ord(delimiter)] = COMMA  # in no number, as a blank or tab would be around one
    ends = np.flatnonzero(text[:-2] == COMMA)
    starts = np.concatenate([[0], ends[:-1] + 1])
    if len(ends) != n or (ends == starts).any() or (text[ends - 1] <= BLANK).any():
        return None
    lengths, first, second = ends - starts, text[starts], text[starts + 1]
    digit = (lengths == 1) & (first >= ZERO) & (first <= NINE)
    values = np.where(digit, first - np.uint8(ZERO), 0).astype(np.float64)
    zero = (lengths == 3) & (first == ZERO) & (second == POINT) & (text[np.minimum(starts + 2, len(text) - 1)] == ZERO)
    others = ~(digit | zero)
    if others.any():
        kept = np.repeat(others, lengths + 1)
        found = _told(text[:-2][kept].tobytes()[:-1])
        if len(found) != others.sum() or np.isnan(found).any():
            return None
        values[others] = found
    return values


def _told(text: bytes) -> np.ndarray:
    """Return the numbers between commas up to the first field that is none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return np.fromstring(text, sep=",")
        except ValueError:
            return np.zeros(0)
