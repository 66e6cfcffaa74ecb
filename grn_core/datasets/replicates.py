"""What is compared between two groups of cells: donors that are in both, donors, or cells. Decided here, for all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from grn_core.datasets.annotations import column_title
from grn_core.datasets.groups import MIN_CELLS
from grn_core.in_words import counted, short

if TYPE_CHECKING:
    from grn_core.datasets.dataset import Dataset
    from grn_core.datasets.groups import Groups

LEAST_DONORS = 2
"""Donors of each group from which donors are compared; of fewer nothing can be said of donors."""
CELLS, DONORS, PAIRS = "cells", "donors", "pairs"
NO_LABEL = -1
MANY = 10**12
"""Labellings are counted no further than is of use."""


@dataclass(frozen=True, eq=False)
class Replicates:
    """The replicates of two groups of cells.

    Attributes
    ----------
    unit
        `PAIRS`: donors in both groups, each compared with itself; `DONORS`: those of A with those of B; `CELLS`.
    codes
        (cells,) int64, number of each cell's donor; -1 for cells that take no part. None where cells are compared.
    of_a, of_b
        Numbers of the donors of each group, in the order of their names; of pairs the same. Empty where cells are
        compared.
    left_out
        Donors that take no part: beside pairs those of one group alone; beside donors those in both groups, if enough
        are left without them; and those with too few cells in a group.
    in_both
        Donors that count in both groups as if they were two: 1 where leaving out the only one left too few, else 0.
    unnamed
        Cells of both groups that name no donor, and so take no part where donors are compared.
    """

    unit: str
    codes: np.ndarray | None = None
    of_a: tuple[int, ...] = ()
    of_b: tuple[int, ...] = ()
    left_out: int = 0
    in_both: int = 0
    unnamed: int = 0

    @property
    def other_labellings(self) -> int:
        """In how many other ways the donors can be labelled; `MANY` where cells are compared."""
        if self.unit == CELLS:
            return MANY
        return labellings(len(self.of_a), len(self.of_b), paired=self.unit == PAIRS) - 1


def replicates(a: np.ndarray, b: np.ndarray, donors: pd.Series | None, *, least: int = MIN_CELLS) -> Replicates:
    """Decide what is compared.

    Pairs where two donors are in both groups, or donors where each group has two of its own: where both could be, the
    one whose labels can be put in more ways, so that a smaller p can be reached, and pairs where that is alike. A donor
    in both groups is no replicate of itself: it is left out of donors, but where that leaves too few. Else cells.

    Parameters
    ----------
    a, b
        (cells,) bool, the groups.
    donors
        Donor of each cell, told apart by its name in words; None where none were named.
    least
        Cells that a donor must have in a group to count there: the mean of a few is mostly noise, and would weigh as
        much as that of a thousand.
    """
    if donors is None:
        return Replicates(CELLS)
    labels, codes = labelled(donors)
    known = codes != NO_LABEL
    counts = [np.bincount(codes[group & known], minlength=len(labels)) for group in (a, b)]
    every, unnamed = int((counts[0] + counts[1] > 0).sum()), int(((a | b) & ~known).sum())
    own = [{int(code) for code in np.flatnonzero(count >= least)} for count in counts]
    both = own[0] & own[1]
    alone = (own[0] - both, own[1] - both)
    of_pairs = labellings(len(both), len(both), paired=True) if len(both) >= LEAST_DONORS else 0
    of_donors = labellings(*map(len, alone), paired=False) if min(map(len, alone)) >= LEAST_DONORS else 0
    if of_pairs >= max(of_donors, 1):
        return _of(PAIRS, (both, both), labels, codes, every=every, unnamed=unnamed)
    if of_donors:
        return _of(DONORS, alone, labels, codes, every=every, unnamed=unnamed)
    if min(map(len, own)) >= LEAST_DONORS:
        return _of(DONORS, (own[0], own[1]), labels, codes, every=every, unnamed=unnamed)
    return Replicates(CELLS)


def with_donors_that_count(groups: Groups, dataset: Dataset, *, among: np.ndarray | None = None) -> Groups:
    """Return groups as they are compared: without their column of donors where it leaves the cells to be compared.

    To ask with such a column is to ask without: the comparison is the same, and has one name.

    Parameters
    ----------
    groups, dataset
        The groups, and their cells.
    among
        (n_cells,) bool, the cells that are looked at; None for all.
    """
    if not groups.donor:
        return groups
    found = replicates(*groups.masks(dataset, among=among), dataset.column(groups.donor))
    return replace(groups, donor="") if found.unit == CELLS else groups


def without_value(n_cells: int, column: str, *, so: str) -> list[str]:
    """Say how many cells have no value in a column, and so take no part in what is asked; nothing of none.

    Parameters
    ----------
    n_cells
        So many have none.
    column
        Its name, or its ref where it was made here.
    so
        Where they are not, such as ``in no group``.
    """
    cells = counted(n_cells, "cell has", "cells have")
    be = "is" if n_cells == 1 else "are"
    return [f"{cells} no value in the column {short(column_title(column))!r} and {be} {so}."] if n_cells else []


def who_takes_part(told: Mapping[str, Any]) -> str:
    """Say how many donors and cells take no part and why, and who counts twice; empty, or sentences behind a space.

    Parameters
    ----------
    told
        ``unit``, ``left_out``, ``in_both`` and, but in runs of before it was counted, ``unnamed`` as of `Replicates`.
    """
    words = ""
    if left_out := told["left_out"]:
        why = "in one group alone" if told["unit"] == PAIRS else "in both groups"
        take = counted(left_out, "donor takes", "donors take")
        words = f" {take} no part: {why}, or with fewer than {MIN_CELLS} cells there."
    if unnamed := told.get("unnamed", 0):
        words += f" {counted(unnamed, 'cell names no donor and takes', 'cells name no donor and take')} no part."
    return words + (" One donor counts in both groups, as if it were two." if told["in_both"] else "")


def labellings(of_a: int, of_b: int, *, paired: bool) -> int:
    """Return in how many ways samples can be labelled, one of two that only change the names of the groups; to `MANY`.

    Parameters
    ----------
    of_a, of_b
        Samples of each group.
    paired
        Whether labels change places within pairs only; then there are as many pairs as samples of A.
    """
    found = 1
    if paired:
        found = 2 ** min(of_a, 64)
    else:
        for place in range(min(of_a, of_b)):
            found = found * (of_a + of_b - place) // (place + 1)
            if found > 4 * MANY:
                break
    return min(found // (2 if paired or of_a == of_b else 1), MANY)


def labelled(column: pd.Series) -> tuple[list[str], np.ndarray]:
    """Tell values apart by their names in words, as cells are chosen: 1 and ``"1"`` are the same.

    Parameters
    ----------
    column
        Values of cells.

    Returns
    -------
    labels
        The names, in the order of the column's categories or values.
    codes
        (cells,) number of each cell's name, -1 (`NO_LABEL`) where the value is missing.
    """
    values = column.astype("category").cat
    places: dict[str, int] = {}
    numbers = [places.setdefault(str(one), len(places)) for one in values.categories]
    return list(places), np.array([*numbers, NO_LABEL], dtype=np.int64)[values.codes.to_numpy()]


def _of(
    unit: str, own: tuple[set[int], set[int]], labels: list[str], codes: np.ndarray, *, every: int, unnamed: int
) -> Replicates:
    first, second = (tuple(sorted(one, key=lambda code: labels[code])) for one in own)
    taken = own[0] | own[1]
    return Replicates(
        unit,
        np.where(np.isin(codes, sorted(taken)), codes, NO_LABEL),
        first,
        second,
        left_out=every - len(taken),
        in_both=len(own[0] & own[1]) if unit == DONORS else 0,
        unnamed=unnamed,
    )
