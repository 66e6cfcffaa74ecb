"""Columns of yes and no: which pairs are edges, and which of them activate or repress."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from grn_core.errors import DataError
from grn_core.in_words import counted
from grn_core.networks.imports.words import CODED

if TYPE_CHECKING:
    from grn_core.networks.imports.tables import Table

YES = frozenset(("1", "1.0", "true", "t", "yes"))
NO = frozenset(("0", "0.0", "false", "f", "no"))
UP_DOWN = (("consensusstimulation", "consensusinhibition"), ("isstimulation", "isinhibition"))
"""Two columns of yes and no, as OmniPath has them."""
ACTIVATING = ("activating", "isactivating", "activates", "isactivation", "activation", "isactivator", "activator")
REPRESSING = ("repressing", "isrepressing", "represses", "isrepression", "repression", "isrepressor", "repressor")
"""Columns of which one alone says both: what does not activate represses."""
LABELS = (
    *("edge", "isedge", "label", "truth", "istrue", "true", "groundtruth", "goldstandard", "link", "connected"),
    *("interacts", "regulates", "regulation", "regulated", "isregulated", "response", *CODED),
)
"""Columns that say by yes and no which pairs are edges."""


def are_yes_and_no(fields: Collection[str]) -> bool:
    """Whether every field that is not empty is a yes or a no."""
    told = {field.strip().lower() for field in fields} - {""}
    return bool(told) and told <= YES | NO


def up_and_down(table: Table, others: Sequence[int]) -> tuple[int | None, int | None]:
    """Return the places of columns that say by yes and no which edges activate, and which repress; None without."""
    for up, down in UP_DOWN:
        if table.has(up, down):
            return table.words.index(up), table.words.index(down)
    found = [
        next((at for at in others if table.words[at] in known and are_yes_and_no(table.column(at))), None)
        for known in (ACTIVATING, REPRESSING)
    ]
    return found[0], found[1]


def label_of(table: Table, others: Sequence[int]) -> int | None:
    """Return the place of the column that may say by yes and no which pairs are edges, or by 1 and 0 a coded one.

    Other columns of 1 and 0 are scores as any.
    """

    def may(place: int) -> bool:
        known = CODED if table.is_numeric(place) else LABELS
        return table.words[place] in known and are_yes_and_no(table.column(place))

    return next(filter(may, others), None)


def unread_label(table: Table, read: Collection[int | None]) -> int | None:
    """Return the place of a column that may say which pairs are edges and is not among those that are read."""
    named = (at for at, word in enumerate(table.words) if word in LABELS and at not in read)
    return next((at for at in named if are_yes_and_no(table.column(at))), None)


def signs_of_yes_and_no(up: pd.Series | None, down: pd.Series | None) -> np.ndarray:
    """Return +1, -1, or 0 where both or neither is said, (edges,) int8; of one column a no is the opposite of it."""
    pairs = ((up, down), (down, up))
    found = [_are(other, NO) if one is None else _are(one, YES) for one, other in pairs]
    return found[0].astype(np.int8) - found[1].astype(np.int8)


def about_one(up: str | None, down: str | None) -> list[str]:
    """Say how signs are read where one column alone tells them; nothing of two."""
    if up is not None and down is not None:
        return []
    called, what = (down, "activation") if up is None else (up, "repression")
    return [f"The column {called!r} alone tells signs: no is read as {what}."]


def about_labels(called: str, *, is_sign: bool) -> str:
    """Say that the rows of 0 of a column are no edges; `is_sign`: whether it might be signs, of which 0 is none."""
    unknown = " and no sign is read from it: where 0 means that the sign is not known, write unknown" if is_sign else ""
    return f"The column {called!r} says 1 and 0, or yes and no, alone: rows of 0 or no are no edges{unknown}."


def about_unread(values: pd.Series, called: str, *, scores: str) -> list[str]:
    """Say that a column of yes and no takes no row out where another holds the scores; nothing of any other column."""
    if labels_in(values) is None:
        return []
    return [
        f"The column {called!r} of yes and no is not read beside the scores of {scores!r}: rows of no are edges, too."
    ]


def refuse_all_no(table: Table, frame: pd.DataFrame, read: Iterable[int | None]) -> None:
    """Raise a `DataError` where a column that is read says which pairs are edges, and says so of none."""
    for place in read:
        if place is None or table.words[place] not in LABELS or table.words[place] in CODED:
            continue
        if len(frame) and _are(frame[place], NO).all():
            message = f"the column {table.header[place]!r} says 0 or no in each of the {counted(len(frame), 'row')}"
            raise DataError(message, needed="rows that say 1 or yes", todo="leave it out if every row is an edge")


def labels_in(values: pd.Series) -> np.ndarray | None:
    """Return 1 for yes and 0 for no, NaN where neither is said, (rows,); None unless both are and nothing else is."""
    yes, no = _are(values, YES), _are(values, NO)
    blank = values.isna().to_numpy() | _are(values, frozenset(("", "nan", "na", "none")))
    if not yes.any() or not no.any() or not (yes | no | blank).all():
        return None
    return np.where(yes, 1.0, np.where(no, 0.0, np.nan))


def _are(values: pd.Series | None, words: frozenset[str]) -> np.ndarray:
    if values is None:
        raise TypeError(values)
    found: np.ndarray = np.isin(values.astype(str).str.strip().str.lower().to_numpy(dtype=object), list(words))
    return found
