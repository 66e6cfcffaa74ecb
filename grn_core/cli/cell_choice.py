"""The cells that an option names, by the values that their column has."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from grn_core.cli.lists import choice_of, column_and_values, split
from grn_core.cli.output import note
from grn_core.datasets.groups import MIN_CELLS
from grn_core.errors import DataError
from grn_core.in_words import short

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from grn_core.datasets import Dataset

MOST_NAMED = 12


def cells_named(text: str, dataset: Dataset) -> tuple[str, tuple[str, ...]]:
    """Read ``COLUMN=VALUE[,VALUE]`` beside the cells; what is a value as a whole, and no list of values, is that value.

    A column that is not there is told where the cells are chosen.

    Raises
    ------
    RequestError
        The text is not of this form.
    DataError
        The column has no such value.
    """
    column, words = column_and_values(text)
    try:
        own = dataset.column(column).dropna()
    except DataError:
        return column, split(words)
    there = dict.fromkeys(map(str, own.astype(str)))
    if words in there and ("," not in words or any(part not in there for part in words.split(","))):
        return column, (words,)
    values = split(words)
    if own.dtype.kind in "iuf":
        values = tuple(_as_spelt(value, there) for value in values)
    if unknown := [value for value in values if value not in there]:
        message = f"{short(column)!r} has no value {_listed(unknown)}"
        needed = f"some of {_listed(sorted(there))}"
        todo = "correct the value; one with a comma in it stands in double quotes"
        raise DataError(message, needed=needed, todo=todo)
    return column, values


def _listed(values: Collection[str]) -> str:
    """Return values between commas, each in quotation marks; of many the first, and how many there are."""
    more = f" ... ({len(values):,} values)" if len(values) > MOST_NAMED else ""
    return ", ".join(repr(short(one)) for one in islice(values, MOST_NAMED)) + more


def _as_spelt(value: str, there: Iterable[str]) -> str:
    """Return the value of a column that is the same number as a written one, 0.0 for 0; else what is written."""
    try:
        number = float(value)
    except ValueError:
        return value
    return next((one for one in there if one == value or float(one) == number), value)


def group_named(text: str, by: str | None, dataset: Dataset) -> tuple[str, tuple[str, ...]]:
    """Read a group as `cells_named` does, or its values alone where their column is named by itself, or named again."""
    before = "" if by is None else choice_of(by, ())
    return cells_named(text if text.startswith(before) else f"{before}{text}", dataset)


def tell_donors(named: str, used: str) -> None:
    """Say that a column of donors tells too few apart, where one was named and is not used: cells are compared.

    Parameters
    ----------
    named, used
        The column as it was asked and as it is compared; empty for none.
    """
    if named and not used:
        few = f"two in each group with {MIN_CELLS} cells are needed"
        note(f"{short(named)} has too few donors ({few}), so cells are compared")
