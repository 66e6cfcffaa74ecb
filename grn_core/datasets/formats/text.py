"""Reading .csv and .tsv: delimiter and orientation are found from the content, in bounded memory."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import numpy as np
import pandas as pd
from scipy import sparse

from grn_core.datasets.checks import assemble, check_size, damaged_as_data_error
from grn_core.datasets.dataset import Dataset
from grn_core.datasets.formats.record import Format
from grn_core.datasets.kinds import kind_of_values
from grn_core.datasets.panel import check_genes, examples
from grn_core.errors import DataError, GeneError
from grn_core.genes import GeneMatch, match_genes
from grn_core.settings import settings

DELIMITERS = {",": "commas", "\t": "tabs", ";": "semicolons", " ": "spaces"}
LONGEST_LINE = 64 * 1024**2
VALUES_A_TIME = 4_000_000
MOST_GENES = 150_000
GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"


def read_text(path: Path, *, title: str, species: str | None, values: str | None) -> Dataset:
    """Read a table of numbers with gene names on one side and cell names on the other.

    Parameters
    ----------
    path
        The file, plain or gzip.
    title
        Title of the dataset.
    species
        As in `grn_core.genes.match_genes`.
    values
        The user's word on what the values are.

    Raises
    ------
    DataError, GeneError
        With what was found, needed and to do.
    """
    with damaged_as_data_error(path, "table of text"):
        delimiter, columns, n_fields = _layout(path)
        rows, matrix = _numbers(path, delimiter, columns, n_fields)
    notes = [] if delimiter == "," else [f"Fields are separated by {DELIMITERS[delimiter]}."]
    in_rows, match = _orientation(rows, columns, species)
    cells = columns if in_rows else rows
    if in_rows:
        matrix = matrix.T.tocsr()
        notes.append("Genes were in rows: transposed.")
    obs = pd.DataFrame(index=pd.Index(cells, dtype=str))
    kind, note = kind_of_values(matrix, where="the table", given=values)
    notes += [note] if note else []
    return assemble(matrix, match.names, obs, title=title, where="the table", kind=kind, match=match, notes=notes)


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    with path.open("rb") as raw:
        packed = raw.read(2) == GZIP
    opener = gzip.open if packed else open
    with opener(path, "rt", encoding="utf-8-sig", newline="") as lines:
        yield lines


def _layout(path: Path) -> tuple[str, list[str], int]:
    """Delimiter, names of the value columns, and number of fields of a row (the row's name included)."""
    with _opened(path) as lines:
        head, first = (lines.readline(LONGEST_LINE) for _ in range(2))
    needed, todo = "a header line and rows of numbers", "export the table as .csv or .tsv, with gene and cell names"
    if not head.strip():
        message = f"{path.name} is empty" if not first else f"{path.name} starts with an empty line"
        raise DataError(message, needed=needed, todo=todo)
    if max(len(head), len(first)) >= LONGEST_LINE:
        message = f"{path.name} has a line of more than {LONGEST_LINE // 1024**2} MB"
        raise DataError(message, needed=needed, todo=todo)
    if "\0" in head + first:
        message = f"{path.name} is not text"
        raise DataError(message, needed="an .h5ad file or a table of text", todo=todo)
    delimiter = delimiter_of(head, first)
    if not head.count(delimiter):
        message = f"{path.name} has a single column: {head.strip()[:60]!r}"
        raise DataError(message, needed="fields separated by commas, tabs or semicolons", todo=todo)
    if not first.strip():
        message = f"{path.name} has a header and no rows"
        raise DataError(message, needed=needed, todo=todo)
    names, row = (_fields(line, delimiter) for line in (head, first))
    without_corner = len(row) == len(names) + 1 and names[0].strip() != ""
    if len(row) != len(names) and not without_corner:
        message = f"the header of {path.name} has {len(names):,} fields and the first row {len(row):,}"
        raise DataError(message, needed="as many fields in each line", todo=todo)
    columns = [name.strip() for name in (names if without_corner else names[1:])]
    return delimiter, columns, len(row)


def delimiter_of(head: str, first: str) -> str:
    """Find the delimiter of a table from its header and its first row.

    The one that cuts both into as many fields (a header may lack the corner) and the row into numbers; of several the
    one with the most numbers, and where none fits the commonest in the header. Delimiters within quotes cut nothing.
    """

    def fit(delimiter: str) -> tuple[bool, int, int]:
        names, row = _fields(head, delimiter), _fields(first, delimiter)
        numbers = sum(_is_number(field) for field in row[1:])
        fits = len(row) > 1 and len(row) - len(names) in (0, 1) and numbers == len(row) - 1
        return fits, numbers if fits else 0, head.count(delimiter)

    return max(DELIMITERS, key=fit)


def _fields(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([line.rstrip("\r\n")], delimiter=delimiter, skipinitialspace=delimiter != "\t"), [])


def _is_number(field: str) -> bool:
    try:
        float(field)
    except ValueError:
        return False
    return True


def _numbers(path: Path, delimiter: str, columns: list[str], n_fields: int) -> tuple[list[str], sparse.csr_matrix]:
    """Row names and values of the table, read in blocks of rows that become sparse at once."""
    most = max(settings().max_cells, MOST_GENES)
    if len(columns) > most:
        check_size(len(columns))
    names: list[str] = []
    blocks = []
    with _opened(path) as lines:
        lines.readline()
        chunks = pd.read_csv(
            lines,
            sep=delimiter,
            header=None,
            names=range(n_fields),
            dtype={0: str},
            chunksize=max(1, VALUES_A_TIME // n_fields),
            low_memory=False,
            skipinitialspace=True,
        )
        for frame in chunks:
            blocks.append(_block(frame, columns, n_before=len(names)))
            names += frame[0].fillna("").str.strip().tolist()
            if len(names) > most:
                check_size(len(names))
            check_size(0, sum(block.data.nbytes + block.indices.nbytes for block in blocks))
    return names, sparse.vstack(blocks, format="csr", dtype=np.float32)


def _block(frame: pd.DataFrame, columns: list[str], *, n_before: int) -> sparse.csr_matrix:
    if not isinstance(frame.index, pd.RangeIndex):
        message = f"line {n_before + 2} has more fields than the header"
        raise DataError(message, needed="as many fields in each line", todo="export the table again")
    values = frame.iloc[:, 1:]
    wrong = [i for i, dtype in enumerate(values.dtypes) if not pd.api.types.is_numeric_dtype(dtype)]
    for i in wrong:
        column = values.iloc[:, i]
        bad = pd.to_numeric(column, errors="coerce").isna() & column.notna()
        row = int(np.argmax(bad.to_numpy()))
        line = n_before + row + 2
        message = f"column {columns[i]!r} holds {str(column.iloc[row])[:40]!r} in line {line}, which is no number"
        todo = "remove columns and rows that hold no expression; cell metadata can come in an .h5ad file"
        raise DataError(message, needed="numbers with a decimal point", todo=todo)
    missing = values.isna().to_numpy()
    if missing.any():
        row, i = np.argwhere(missing)[0]
        message = f"column {columns[i]!r} has no value (NaN) in line {n_before + row + 2}"
        todo = "fill or remove what is missing; if it is the last line, the file is truncated"
        raise DataError(message, needed="a number for every gene in every cell", todo=todo)
    with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite, and is refused as such
        return sparse.csr_matrix(values.to_numpy(dtype=np.float32))


def _orientation(rows: list[str], columns: list[str], species: str | None) -> tuple[bool, GeneMatch]:
    """Whether genes are in rows, and their match: the side with the larger share of known genes.

    The share, not the number, because cells named c1, c2, ... meet a few genes' names by chance.
    """
    by_column, by_row = match_genes(columns, species=species), match_genes(rows, species=species)
    in_rows = by_row.n_matched / len(rows) > by_column.n_matched / len(columns)
    match = by_row if in_rows else by_column
    if not match.n_matched:
        both = match_genes([*columns[:1], *rows[:1], *columns[1:], *rows[1:]], species=by_column.species)
        check_genes(both, where="the header and the first column")
    if not match.recognised:
        names = examples([*columns[:2], *rows[:2]], n=4)
        message = f"hardly any name in the header or the first column is a known gene: they are {names}"
        todo = "put such names in the header or the first column"
        raise GeneError(message, needed="human or mouse gene symbols or Ensembl gene ids", todo=todo)
    return in_rows, match


TEXT = Format(
    name="text",
    title="a .csv or .tsv table (also .gz)",
    endings=(".csv", ".tsv", ".txt", ".gz"),
    content="text",
    sniff=lambda start: not start.startswith(ZIP),
    read=read_text,
    isolated=False,
)
