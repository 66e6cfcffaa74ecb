"""The line of a table of edges that names its columns, below whatever title stands above it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from grn_core.datasets.formats.written_numbers import is_number
from grn_core.genes import match_genes
from grn_core.networks.imports.words import KNOWN, plain

DELIMITERS = "\t;,|"
MOST_TITLES = 12
"""Lines that may stand above the header."""


def header_of(rows: Sequence[Sequence[str]]) -> int:
    """Return the place of the header: the first line with two known names of columns, else the first that is no title.

    Parameters
    ----------
    rows
        Fields of the first lines, without comments; where none names columns, the place is that of the first row.
    """
    top = rows[:MOST_TITLES]
    named = next((at for at, row in enumerate(top) if _n_known(row) >= 2), None)
    if named is not None:
        return named
    return next((at for at, row in enumerate(top) if sum(bool(field.strip()) for field in row) > 1), 0)


def is_header(head: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether a line names columns: by known names, by a word above numbers, or as the line without genes."""
    if _n_known(head) >= 2:
        return True
    words = [name for name in head if len(name.strip()) > 1]  # a letter names a column sooner than a gene
    n_genes = len(words) - match_genes(words).n_unknown if words else 0
    if n_genes >= 2:
        return False
    columns = [[row[place].strip() for row in rows if place < len(row)] for place in range(len(head))]
    for name, fields in zip(head, columns, strict=True):
        if fields and name.strip() and all(map(is_number, fields)) and not is_number(name):
            return True
    return n_genes == 0 and not any(map(is_number, head))


def delimiter_by_header(lines: Sequence[str], cut: Callable[[str, str], list[str]]) -> str | None:
    """Return the delimiter that cuts a line into two or more known names of columns; None where none does.

    Parameters
    ----------
    lines
        The first lines.
    cut
        Cuts a line by a delimiter.
    """
    return next((one for one in DELIMITERS for line in lines[:MOST_TITLES] if _n_known(cut(line, one)) >= 2), None)


def _n_known(row: Sequence[str]) -> int:
    return sum(plain(name) in KNOWN for name in row)
