"""A table of numbers with names at its sides, as every reader of tables hands it on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from scipy import sparse

UNNAMED = "unnamed"


@dataclass(frozen=True)
class Table:
    """A table as it stands: names of its rows, its columns of numbers, and its columns of text.

    Attributes
    ----------
    rows, columns
        Names of the rows, and of the columns that hold numbers.
    matrix
        (rows, columns) csr float32.
    text
        Name of each column of text -> its fields, one a row.
    labels
        Lines that say more of the columns: a name, and a field for each of `columns`.
    corner
        What stands above the names of the rows, ``""`` for nothing.
    below
        Remarks below the last row.
    mixed
        Columns of `text` that are numbers but for some rows: labels of the cells, which name no row.
    notes
        What was made of its names, in sentences.
    """

    rows: list[str]
    columns: list[str]
    matrix: sparse.csr_matrix
    text: dict[str, list[str]]
    labels: tuple[tuple[str, tuple[str, ...]], ...] = ()
    corner: str = ""
    below: tuple[str, ...] = ()
    mixed: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()


def numbered(names: Sequence[str]) -> list[str]:
    """Return names of which no two are alike: a number stands behind one that was there before."""
    seen: Counter[str] = Counter()
    found: list[str] = []
    for name in names:
        seen[name] += 1
        found.append(f"{name}.{seen[name] - 1}" if seen[name] > 1 else name)
    return found


def told_apart(names: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    """Return names of columns of which none is empty and no two are alike, and what was made of them, in sentences."""
    given = [name.strip() or UNNAMED for name in names]
    notes = [f"A column without a name is called {UNNAMED!r}."] if any(not name.strip() for name in names) else []
    twice = [name for name, n in Counter(name.strip() for name in names).items() if n > 1 and name]
    if twice:
        notes.append(
            f"Several columns are called {', '.join(map(repr, twice))}: a number stands behind all but the first."
        )
    return numbered(given), tuple(notes)


def are_numbers(names: Sequence[str]) -> bool:
    """Whether names are 0, 1, 2 ... or 1, 2, 3 ..."""
    return any(all(name == str(place + start) for place, name in enumerate(names)) for start in (0, 1))
