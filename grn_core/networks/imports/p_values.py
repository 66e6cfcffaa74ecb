"""Edges of which a file tells p-values alone: those below 0.05 are edges, the smallest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from grn_core.errors import DataError
from grn_core.in_words import counted
from grn_core.networks.imports.records import EdgeList, taken
from grn_core.networks.imports.words import MOST_P, P_VALUES

if TYPE_CHECKING:
    from grn_core.networks.imports.tables import Table

SMALLEST = 5e-324
"""Of float64: what a p of 0 stands for, so that its logarithm is finite."""


def p_column(table: Table, others: Sequence[int]) -> int | None:
    """Return the place of the p-values among some columns, adjusted ones before others; None without."""
    for word in P_VALUES:
        for place in others:
            if table.words[place] == word and table.is_numeric(place):
                return place if all(0 <= number <= 1 for number in table.numbers(place)) else None
    return None


def of_p_values(edges: EdgeList, *, called: str) -> tuple[EdgeList, str]:
    """Return the edges whose p is below 0.05, with minus its logarithm as their score, and what is to be said of it.

    Parameters
    ----------
    edges
        With p-values as their scores; all genes stay among the names.
    called
        Name of their column.

    Raises
    ------
    DataError
        A number is no p-value, or none is so small.
    """
    p = np.ones(len(edges)) if edges.score is None else edges.score
    if (outside := (p < 0) | (p > 1)).any():
        message = f"column {called!r} holds {p[outside][0]:g}, which is no p-value"
        raise DataError(message, needed="numbers from 0 to 1, or a column of scores", todo="name the column otherwise")
    small = p < MOST_P
    if not small.any():
        message = f"none of {counted(len(p), 'row has', 'rows have')} a {called} below {MOST_P:g}"
        raise DataError(message, needed="edges, or a column of scores", todo="name the column of the scores")
    found = taken(edges, np.flatnonzero(small))
    note = (
        f"The file has p-values ({called}) and no scores: of {counted(len(p), 'row', 'rows')} the {int(small.sum()):,} "
        f"with a p below {MOST_P:g} are edges, the smallest p first."
    )
    return replace(found, score=-np.log10(np.maximum(p[small], SMALLEST))), note
