"""What each column of the cells holds: groups, numbers or names, in words; and which one tells donors apart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from grn_core.datasets.annotations import annotations_of, column_title
from grn_core.datasets.replicates import CELLS, NO_LABEL, labelled, replicates
from grn_core.in_words import counted, short

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grn_core.datasets.dataset import Dataset
    from grn_core.datasets.groups import Groups

MOST_GROUPS = 60
"""Values up to which a column sorts the cells into groups."""
MOST_NAMED = 8
DONORS = ("donor", "patient", "individual", "subject", "participant", "mouse", "animal", "sample", "replicate", "batch")
"""What a column is called that tells donors apart, the surest word first."""
CALLED = re.compile(rf"({'|'.join(DONORS)})(?:e?s|ids?|nr|no|num|number|names?|codes?|labels?)?")
"""One of them as it stands in a name, alone or with what says that it names them: ``donors``, ``patientid``."""
OF_DONORS = re.compile(
    "age|sex|gender|weight|height|size|bmi|type|kind|class|status|state|stage|phase|grade|group|condition|treatment|dose|"
    "disease|diagnosis|outcome|response|date|day|time|year|race|ethnicity|strain|genotype|line|species|organism|genome|"
    "tissue|organ|site|region|source|origin|cohort|method|protocol|prep|quality|score|counts?|cells|n"
)
"""Words that make of a name something that donors have: those of one age are not one donor."""
WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")


@dataclass(frozen=True)
class SaidColumn:
    """A column of the cells.

    Attributes
    ----------
    column, title
        Its name or ref, and what it is called.
    kind
        What it holds, in words.
    values
        Its values, the most frequent first, with how many cells have each; or from where to where numbers go.
    sorts
        Whether it sorts the cells into groups.
    """

    column: str
    title: str
    kind: str
    values: str
    sorts: bool


def said_columns(dataset: Dataset) -> list[SaidColumn]:
    """Return all columns of the cells, those that sort them into groups first, each kind in the order of the file."""
    made = [one.ref for one in annotations_of(dataset.sha256)]
    every = [_said(dataset, column) for column in (*map(str, dataset.obs.columns), *made)]
    return sorted(every, key=lambda one: not one.sorts)


def likely_donor(dataset: Dataset, a: np.ndarray, b: np.ndarray, *, columns: Sequence[str]) -> str:
    """Return the column that is called as one of donors and has enough of them in both groups; empty where none does.

    Parameters
    ----------
    dataset
        The cells.
    a, b
        (n_cells,) bool, the groups.
    columns
        Those that come into question.
    """
    found: list[tuple[int, int, str]] = []
    for column in columns:
        words = [word.lower() for word in WORDS.findall(column_title(column))]
        called = [match[1] for match in map(CALLED.fullmatch, words) if match]
        if not called or any(map(OF_DONORS.fullmatch, words)) or _has_fractions(dataset.column(column)):
            continue
        if replicates(a, b, dataset.column(column)).unit != CELLS:
            found.append((min(map(DONORS.index, called)), len(words), column))
    return min(found, default=(0, 0, ""))[-1]


def not_named(dataset: Dataset, groups: Groups, *, among: np.ndarray | None = None) -> str:
    """Say which column may tell the donors of two groups apart, where none was named; nothing where none is called so.

    Parameters
    ----------
    dataset, groups
        The cells, and the groups.
    among
        (n_cells,) bool, the cells that are looked at; None for all.
    """
    if groups.donor:
        return ""
    taken = {groups.a.column, groups.b.column}
    columns = [str(name) for name in dataset.obs.columns if str(name) not in taken]
    found = likely_donor(dataset, *groups.masks(dataset, among=among), columns=columns)
    return f"The column {short(found)!r} is called as one of donors, and is not named as such." if found else ""


def _has_fractions(values: pd.Series) -> bool:
    """Whether these are measured numbers, which name nobody; whole ones may, also as 1.0 beside missing values."""
    numbers = pd.api.types.is_float_dtype(values)
    return numbers and bool((values.dropna() % 1 != 0).any())


def _said(dataset: Dataset, column: str) -> SaidColumn:
    values = dataset.column(column)
    title, known = column_title(column), values.dropna()
    n, some = int(known.nunique()), _without(len(values) - len(known))
    if n == 0:
        return SaidColumn(column, title, "empty", "no cell has a value", sorts=False)
    if n == 1:
        only = f"{short(known.iloc[0])} in {'all' if len(known) == len(values) else f'{len(known):,}'} cells"
        return SaidColumn(column, title, "one value", f"{only}{some}", sorts=False)
    numbers = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
    if n > MOST_GROUPS and numbers:
        low, high = float(known.min()), float(known.max())
        return SaidColumn(column, title, "numbers", f"{low:.4g} to {high:.4g}{some}", sorts=False)
    if n > MOST_GROUPS:
        kind = "a name for each cell" if n == len(values) else f"{n:,} values, too many for groups"
        return SaidColumn(column, title, kind, f"such as {short(known.iloc[0])}{some}", sorts=False)
    labels, codes = labelled(values)
    counts = np.bincount(codes[codes != NO_LABEL], minlength=len(labels))
    order = [place for place in np.argsort(-counts, kind="stable") if counts[place]]
    named = ", ".join(f"{short(labels[place])} ({counts[place]:,})" for place in order[:MOST_NAMED])
    more = f" and {len(order) - MOST_NAMED:,} more" if len(order) > MOST_NAMED else ""
    unused = [labels[place] for place in range(len(labels)) if not counts[place]]
    empty = f"; of no cell: {', '.join(map(short, unused[:MOST_NAMED]))}" if unused else ""
    kind = f"{len(order):,} groups" + (", numbers" if numbers else "")
    return SaidColumn(column, title, kind, f"{named}{more}{empty}{some}", sorts=True)


def _without(n: int) -> str:
    return f"; {counted(n, 'cell has', 'cells have')} none" if n else ""
