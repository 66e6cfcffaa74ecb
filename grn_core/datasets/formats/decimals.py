"""Which sign a table of text writes before decimals, and which between thousands; where neither is sure it is asked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grn_core.datasets.formats.written_numbers import (
    COMMA_DECIMALS,
    MARKED,
    POINT_GROUPED,
    POINT_THOUSANDS,
    is_grouped,
    is_number,
)
from grn_core.datasets.read_as import DECIMALS

BY_THREE = {sign: re.compile(rf"-?[1-9]\d{{0,2}}({re.escape(sign)}\d{{3}})+") for sign in ".,"}
"""Numbers with three digits behind each sign, as between thousands."""
OTHERWISE = {
    sign: re.compile(rf"(?<![\w.,-])-?(0{mark}\d+|\d+{mark}(\d{{1,2}}|\d{{4,}})|\d{{4,}}{mark}\d+)(?![\w.,])")
    for sign, mark in ((".", r"\."), (",", ","))
}
"""Numbers in which a sign can only stand before decimals."""
HUNDREDS, FEWEST_HUNDREDS = re.compile(r"-?[1-9]\d\d"), 3
"""Whole numbers beside those of one column, so many of which say that thousands are set apart in it."""
LOOKED_THROUGH = 20_000_000
"""Characters of a table that are looked through for a number that decides."""


@dataclass(frozen=True)
class Writing:
    """How numbers are written.

    Attributes
    ----------
    decimal, thousands
        What stands before decimals, and between thousands (None: nothing).
    doubt
        The sign that may be either, ``""`` where it is told.
    example
        A number with it.
    """

    decimal: str
    thousands: str | None
    doubt: str = ""
    example: str = ""


PLAIN = Writing(".", None)
"""As programs write them."""


def writing_of(
    columns: Sequence[Sequence[str]], delimiter: str, *, figures: Sequence[bool] = (), said: str | None = None
) -> Writing:
    """Tell from the first fields of each column how numbers are written.

    A sign stands before decimals where what follows it is not always of three digits, or where a zero stands before it.

    Parameters
    ----------
    columns
        Fields of each column.
    delimiter
        What stands between them.
    figures
        Which columns are called by what is no gene and no cell, such as a share; none if not given.
    said
        The user's word, a key of `grn_core.datasets.read_as.DECIMALS`.
    """
    fields = [field.strip() for column in columns for field in column]
    commas = [field for field in fields if "," in field and is_grouped(field)]
    points = [field for field in fields if "." in field and (is_number(field) or POINT_THOUSANDS.fullmatch(field))]
    marked = [found for field in fields if (found := MARKED.fullmatch(field))]
    if marked:
        comma = any((one["decimals"] or "").startswith(",") for one in marked)
        comma = comma or (delimiter != "," and any(map(COMMA_DECIMALS.fullmatch, commas)))
        return Writing(DECIMALS[said] if said else "," if comma else ".", marked[0]["mark"])
    points_by_three = bool(points) and all(map(BY_THREE["."].fullmatch, points))
    commas_by_three = bool(commas) and all(BY_THREE[","].fullmatch(one.partition(".")[0]) for one in commas)
    if said == "comma":
        return Writing(",", "." if points_by_three or any(map(POINT_GROUPED.fullmatch, commas)) else None)
    if said == "point":
        return Writing(".", "," if commas_by_three else None)
    if any(map(POINT_GROUPED.fullmatch, commas)):
        return Writing(",", ".")
    if not commas:
        asked = points_by_three and delimiter != ","
        return _told(columns, ".", figures=figures) if asked else Writing(".", None)
    if not commas_by_three:
        return Writing(",", "." if points_by_three else None)
    if delimiter == "," or points or any("." in one for one in commas):
        return Writing(".", ",")
    return _told(columns, ",", figures=figures)


def settled(writing: Writing, lines: Iterable[str]) -> Writing:
    """Return a writing without its doubt where a line further down has a number that decides; else as it is."""
    n_seen = 0
    for line in lines:
        if OTHERWISE[writing.doubt].search(line):
            return Writing(writing.doubt, None)
        n_seen += len(line)
        if n_seen > LOOKED_THROUGH:
            break
    return writing


def _told(columns: Sequence[Sequence[str]], sign: str, *, figures: Sequence[bool]) -> Writing:
    """Tell what a sign stands before, behind which there are always three digits."""
    other = "," if sign == "." else "."
    decimals, thousands = Writing(sign, None), Writing(other, sign)
    values = [column for place, column in enumerate(columns) if not (figures and figures[place])]
    signed = [[field.strip() for field in column if sign in field] for column in values]
    found = [field for column in signed for field in column if BY_THREE[sign].fullmatch(field)]
    if not found:
        return decimals
    beside = [[field.strip() for field in column] for column, some in zip(values, signed, strict=True) if some]
    n_hundreds = sum(HUNDREDS.fullmatch(field) is not None for column in beside for field in column)
    if any(field.count(sign) > 1 for field in found) or n_hundreds >= FEWEST_HUNDREDS:
        return thousands
    whole = any(field.strip().isdigit() and 0 < int(field) < 1000 for column in values for field in column)
    guess = thousands if whole else decimals
    return Writing(guess.decimal, guess.thousands, doubt=sign, example=found[0])
