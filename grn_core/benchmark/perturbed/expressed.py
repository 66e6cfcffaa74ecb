"""Which rows of a table of differential expression are changes of a perturbed TF, and what sign they imply."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import pandas as pd

from grn_core.benchmark.perturbed.columns import measures_of, shown
from grn_core.benchmark.perturbed.numbers import chances_of, logarithms_of, numbers_of
from grn_core.errors import DataError
from grn_core.in_words import counted

MOST_P = 0.05
"""p below which a gene has changed."""


def expressed(table: pd.DataFrame, gain: np.ndarray, where: str) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Read how far and how surely genes changed, where a table says it.

    Parameters
    ----------
    table
        Its cells as text.
    gain
        (rows,) 1 where the TF was over-expressed, else 0.
    where
        What the table is called, for messages.

    Returns
    -------
    sign, changed, notes
        (rows,) the sign of the regulation, 0 where it is not said; (rows,) bool, which rows are changes: all where no
        column holds p; and sentences that say what was read.

    Raises
    ------
    DataError
        It has several columns for one thing, a cell that is no number, or no p below `MOST_P`.
    """
    titles = [str(name) for name in table.columns]
    change, p, p_called, ratio = measures_of(titles, file=where)
    sign, changed, notes = np.zeros(len(table)), np.ones(len(table), dtype=bool), []
    if p is not None:
        chances = chances_of(table, p, file=where)
        changed = chances < MOST_P
        if not changed.any():
            message = f"no row of {where} has its {p_called} below {MOST_P:g}, in the column {shown(titles[p])}"
            raise DataError(message, needed="genes that changed", todo="check the column, or leave it out")
        notes.append(
            f"{where}: {int(changed.sum()):,} of {len(table):,} rows are changes: {p_called} below {MOST_P:g} in the "
            f"column {shown(titles[p])}."
        )
        if empty := int(np.isnan(chances).sum()):
            notes.append(
                f"{where}: {counted(empty, 'row without a p is no change', 'rows without a p are no changes')}."
            )
    if change is not None:
        sizes = numbers_of(table, change, file=where)
        sizes = logarithms_of(sizes, titles[change], file=where) if ratio else sizes
        sign = np.sign(np.nan_to_num(sizes)) * np.where(gain > 0, 1, -1)
        notes.append(f"{where}: signs are those of the column {shown(titles[change])}, turned where the TF was lost.")
        if silent := int((changed & np.isnan(sizes)).sum()):
            notes.append(f"{where}: no sign: {counted(silent, 'change')}, whose size is not stated.")
        if endless := int((changed & np.isinf(sizes)).sum()):
            notes.append(f"{where}: the sign alone: {counted(endless, 'change')} of infinite size.")
        if p is None:
            notes.append(f"{where}: every row counts as a change, as no column says p.")
    return sign, changed, notes


def unread(table: pd.DataFrame, where: str) -> list[str]:
    """Say of a table that names the signs of regulation, and so lists changes, that its p-values take no part."""
    titles = [str(name) for name in table.columns]
    with suppress(DataError):  # several for one thing: none is read, and that is no fault
        _, p, p_called, _ = measures_of(titles, file=where)
        if p is not None:
            read = f"{p_called} in the column {shown(titles[p])}"
            return [
                f"{where}: every row counts as a change, as a column gives signs of regulation: {read} is not read."
            ]
    return []
