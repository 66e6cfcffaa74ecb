"""A table of labels for cells that are here already: cell and label, read in the reader's own process."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grn_core.datasets.annotations import annotate
from grn_core.datasets.blanks import WHOLE
from grn_core.datasets.dataset import Dataset
from grn_core.datasets.formats.plain_text import decoded
from grn_core.datasets.isolation import read_apart
from grn_core.errors import DataError
from grn_core.files import read_json, write_json
from grn_core.in_words import none_of

READER = "grn_core.datasets.cell_labels"
ROWS = "rows.json"
MOST_BYTES = 200 * 10**6
MOST_LABELS = 500
LONGEST = 200
EXAMPLES = 3
_SUFFIX = re.compile(r"-\d+$")
NEEDED = "a table with a cell's name and its label in each line, e.g. AAACCTG-1,B cell"


@dataclass(frozen=True)
class LabelsFound:
    """What became of a table of labels.

    Attributes
    ----------
    ref
        Of the new column of the cells.
    n_labelled, n_cells
        Cells that have a label now, and all cells.
    unmatched
        Names in the table that are no cells of the dataset, in its order.
    labels
        Label -> number of cells.
    """

    ref: str
    n_labelled: int
    n_cells: int
    unmatched: tuple[str, ...]
    labels: dict[str, int]

    @property
    def words(self) -> str:
        """What became of the table, in a sentence or two."""
        told = f"{self.n_labelled:,} of {self.n_cells:,} cells have a label now ({len(self.labels):,} different ones)."
        if not self.unmatched:
            return told
        some = ", ".join(self.unmatched[:EXAMPLES]) + (" and more" if len(self.unmatched) > EXAMPLES else "")
        are = "name of the table is no cell of these data" if len(self.unmatched) == 1 else (
            "names of the table are no cells of these data"
        )  # fmt: skip
        return f"{told} {len(self.unmatched):,} {are}: {some}."


def label_cells(dataset: Dataset, path: Path, *, title: str) -> LabelsFound:
    """Read a table of cells and labels, and keep it as a column of the dataset's cells.

    Cells are matched by their whole name; where that finds none, without the number that pipelines put behind
    barcodes (``-1``), as far as it is not needed to tell cells apart.

    Parameters
    ----------
    dataset
        The cells.
    path
        .csv, .tsv or .txt, with or without header; the first column holds the names of cells, the second the labels.
    title
        What the column is called.

    Raises
    ------
    DataError
        It is no such table, or none of its names is a cell.
    """
    rows = read_apart(path, reader=READER, options={}, load=lambda folder: _rows(read_json(folder / ROWS)))
    given = {name: label for name, label in rows if label}
    cells = [str(name) for name in dataset.obs.index]
    short = {name: label.removesuffix(".0") for name, label in given.items()}
    given = short if all(map(WHOLE.fullmatch, given.values())) else given
    labels = [given.get(name) for name in cells]
    unmatched = tuple(name for name in given if name not in set(cells))
    if not any(labels):
        bare_cells, bare_given = [_bare(name) for name in cells], {_bare(name): label for name, label in given.items()}
        if len(set(bare_cells)) == len(cells) and len(bare_given) == len(given):
            labels = [bare_given.get(name) for name in bare_cells]
            unmatched = tuple(name for name in given if _bare(name) not in set(bare_cells))
    if not any(labels):
        message = f"{none_of(len(given), 'name')} of the table is a cell of these data (theirs are like {cells[0]})"
        raise DataError(message, needed=NEEDED, todo="put the names of the cells in the first column")
    different = {label: labels.count(label) for label in sorted(set(filter(None, labels)))}
    if len(different) > MOST_LABELS:
        message = f"the table gives {len(different):,} different labels"
        raise DataError(message, needed=f"at most {MOST_LABELS}", todo="put the labels in the second column")
    ref = annotate(dataset.sha256, labels, title=title)
    return LabelsFound(ref, sum(label is not None for label in labels), len(cells), unmatched, different)


def read_into(path: Path, folder: Path, options: Mapping[str, Any]) -> None:  # noqa: ARG001
    """Read the table in the reader's process, and write its first two columns."""
    if path.stat().st_size > MOST_BYTES:
        message = f"{path.name} is {path.stat().st_size / 1e6:,.0f} MB large"
        raise DataError(message, needed=f"a table of labels of at most {MOST_BYTES / 1e6:.0f} MB", todo="shorten it")
    try:
        text = decoded(path.read_bytes())
    except ValueError as error:
        message = f"{path.name} is no table of text"
        raise DataError(message, needed=NEEDED, todo="export it as .csv or .tsv") from error
    write_json(folder / ROWS, table_of(text.splitlines(), where=path.name))


def table_of(lines: Sequence[str], *, where: str) -> list[tuple[str, str]]:
    """Return cell and label of each line, the header left out.

    A header is known by what its line is called, or by R's habit of leaving out the name of the first column.
    """
    lines = [line for line in lines if line.strip()]
    for delimiter in ("\t", ",", ";"):
        rows = list(csv.reader(lines, delimiter=delimiter))
        below = rows[1:] or rows  # the first may be a header that is shorter by one
        if rows and sum(len(row) >= 2 for row in below) >= 0.9 * len(below):
            break
    else:
        message = f"{where} has no two columns"
        raise DataError(message, needed=NEEDED, todo="put a comma or a tab between a cell and its label")
    if len(rows) > 1 and (len(rows[0]) == len(rows[1]) - 1 or _is_header(rows[0])):
        rows = rows[1:]
    found = [(row[0].strip()[:LONGEST], row[1].strip()[:LONGEST]) for row in rows if len(row) >= 2]
    if len({name for name, _ in found}) < len(found):
        seen: dict[str, str] = {}
        twice = [name for name, label in found if seen.setdefault(name, label) != label]
        if twice:
            message = f"{where} gives {twice[0]} two different labels"
            raise DataError(message, needed="one line for each cell", todo="take out the wrong one")
    return found


def _is_header(row: Sequence[str]) -> bool:
    words = re.sub(r"[^a-z]+", " ", row[0].lower()).strip()
    known = ("", "cell", "cells", "barcode", "barcodes", "cell id", "cell name", "cellid", "index", "id", "name", "x")
    return words in known and not re.search(r"\d", row[0])


def _bare(name: str) -> str:
    return _SUFFIX.sub("", name)


def _rows(kept: Any) -> list[tuple[str, str]]:
    return [(str(name), str(label)) for name, label in kept]
