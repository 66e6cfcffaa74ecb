"""Reading .csv, .tsv and .txt: layout and orientation are found from the content, in bounded memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse

from grn_core import in_words
from grn_core.datasets.checks import assemble, check_size, damaged_as_data_error
from grn_core.datasets.dataset import Dataset
from grn_core.datasets.features import (
    ANNOTATION,
    FIGURE,
    LeftOut,
    reason_of_column,
    reason_of_name,
    reasons,
    sifted,
    unlike_genes,
)
from grn_core.datasets.formats.decimals import PLAIN, Writing
from grn_core.datasets.formats.layout import layout_of
from grn_core.datasets.formats.long_table import widened
from grn_core.datasets.formats.orientation import orientation_of
from grn_core.datasets.formats.plain_text import encoding_of
from grn_core.datasets.formats.record import Format
from grn_core.datasets.formats.refused import refuse_edges
from grn_core.datasets.formats.rows import read_rows
from grn_core.datasets.formats.table import Table, are_numbers
from grn_core.datasets.panel import check_genes, examples
from grn_core.datasets.questions import about_decimals, about_names
from grn_core.datasets.read_as import ReadAs
from grn_core.datasets.reading import Question, Reading
from grn_core.datasets.told import kind_of_values
from grn_core.datasets.totals import SUM, sums_of_others
from grn_core.errors import DataError
from grn_core.genes import GeneMatch, match_genes

ZIP = b"PK\x03\x04"
LATIN = "cp1252"
LEAST_DIFFERENT = 0.2
"""Share of different names in a column that names the rows: a gene may have some transcripts."""
FIRST_COLUMN = "first_column"
"""What the user calls the first column, where another would be taken for the names."""


def read_text(path: Path, *, title: str, read_as: ReadAs) -> Dataset:
    """Read a table of numbers with gene names on one side and cell names on the other.

    Parameters
    ----------
    path
        The file, plain, gzip or bzip2.
    title
        Title of the dataset.
    read_as
        The user's word on the file.

    Raises
    ------
    DataError, GeneError
        With what was found, needed and to do.
    """
    with damaged_as_data_error(path, "table of text"):
        encoding = encoding_of(path)
        try:
            layout = layout_of(path, encoding=encoding, decimal=read_as.decimal)
            refuse_edges(path, (layout.corner, *layout.columns), layout.seen if layout.text else ())
            table = read_rows(path, layout)
        except UnicodeDecodeError:
            if encoding != "utf-8-sig":
                raise
            layout = layout_of(path, encoding=LATIN, decimal=read_as.decimal)
            table = read_rows(path, layout)
    return from_table(table, notes=layout.notes, title=title, read_as=read_as, writing=layout.writing)


def from_table(
    table: Table, *, notes: Sequence[str] = (), title: str, read_as: ReadAs, writing: Writing = PLAIN
) -> Dataset:
    """Make a dataset of a table: find the side of the genes, and set aside what is neither a gene nor a cell."""
    notes = list(notes)
    if read_as.matrix not in (None, "X"):
        message = f"a table holds one matrix, and {read_as.matrix} was asked for"
        raise DataError(message, needed="no choice of a matrix", todo="leave out the matrix")
    notes += [f"The line below the values is no part of the table: {remark[:80]!r}." for remark in table.below]
    notes += table.notes
    table, more = widened(table)
    check_size(len(table.rows))
    notes += more
    columns = tuple(table.text)
    table, name_column, more, which = _named_rows(table, read_as)
    notes += more
    in_rows, match, where = orientation_of(table, read_as)
    matrix, genes, cells = table.matrix, table.rows if in_rows else table.columns, table.columns
    if not in_rows:
        cells = table.rows
    obs = pd.DataFrame(index=pd.Index(cells, dtype=str))
    left_out: tuple[LeftOut, ...] = ()
    if in_rows:
        matrix = matrix.T.tocsr()
        notes.append("Genes were in rows: transposed.")
        left_out = tuple(LeftOut(name, ANNOTATION) for name in table.text)
        for name, words in table.labels:
            obs[name] = list(words)
            notes.append(f"The line {name!r} above the values is kept as a label of the cells.")
        kept, more_out = sifted(cells, [reason_of_column(name) or reason_of_name(name) for name in cells])
        if more_out and kept.any():
            matrix, obs, left_out = matrix[kept], obs[kept], (*left_out, *more_out)
    check_genes(match, where="the table")
    known = [own is not None for own in match.own_symbols]
    unlike = unlike_genes(genes, known)
    if any(unlike):  # a sum may be called by words, and then it is of all the others
        sums_of_all = sums_of_others(matrix.T.tocsr())
        unlike = ["" if is_sum else word for word, is_sum in zip(unlike, sums_of_all, strict=True)]
    kept, more_out = sifted(match.names, [one or word for one, word in zip(reasons(genes), unlike, strict=True)])
    if not kept.any():
        kinds = ", ".join(dict.fromkeys(one.reason for one in more_out))
        message = f"{in_words.none_of(len(genes), 'name')} in the table is of a gene, e.g. {examples(genes)}: {kinds}"
        raise DataError(message, needed="measured genes", todo="supply the table of expression")
    if more_out:
        for one, column in zip(more_out, np.flatnonzero(~kept), strict=True):
            if one.reason == FIGURE:
                obs[one.name] = matrix[:, [column]].toarray().ravel()
        places = np.flatnonzero(kept).tolist()
        matrix, match, left_out = matrix[:, places], match.take(places), (*left_out, *more_out)
    if not in_rows:
        for name, fields in table.text.items():
            obs[name] = fields
            holds = "is no gene and not of numbers alone" if name in table.mixed else "holds text"
            notes.append(f"The column {name!r} {holds}: kept as a label of the cells.")
        left_out = (*left_out, *(LeftOut(name, ANNOTATION) for name, _ in table.labels))
    matrix, match, obs, sums = _without_sums(matrix, match, obs)
    left_out = (*left_out, *sums)
    told = kind_of_values(matrix, where="the table", given=read_as.values)
    notes += filter(None, (told.note,))
    return assemble(
        matrix,
        match.names,
        obs,
        title=title,
        where="the table",
        told=told,
        match=match,
        notes=notes,
        left_out=left_out,
        reading=Reading(
            orientation="genes-in-rows" if in_rows else "genes-in-columns",
            name_column=name_column,
            name_columns=columns,
            questions=(
                *where,
                *(which if in_rows else ()),
                *about_decimals(writing.decimal, writing.doubt, writing.example, match),
            ),
        ),
    )


def _without_sums(
    matrix: sparse.csr_matrix, match: GeneMatch, obs: pd.DataFrame
) -> tuple[sparse.csr_matrix, GeneMatch, pd.DataFrame, tuple[LeftOut, ...]]:
    """Leave out what is the sum of all other genes, unless it is a known gene, and of all other cells."""
    unknown = np.array([own is None for own in match.own_symbols], dtype=bool)
    kept, genes = sifted(match.names, np.where(sums_of_others(matrix.T.tocsr()) & unknown, SUM, "").tolist())
    if genes:
        matrix, match = matrix[:, kept], match.take(np.flatnonzero(kept).tolist())
    names = obs.index.astype(str).tolist()
    kept, cells = sifted(names, np.where(sums_of_others(matrix), SUM, "").tolist())
    return (matrix[kept], match, obs[kept], (*genes, *cells)) if cells else (matrix, match, obs, genes)


def _named_rows(table: Table, read_as: ReadAs) -> tuple[Table, str, list[str], tuple[Question, ...]]:
    """Take the names of the rows from a column of text: the user's, or one that names more genes than the first."""
    if read_as.name_column not in (None, FIRST_COLUMN, *table.text):
        message = f"no column of text is called {in_words.short(read_as.name_column)!r}"
        needed = f"one of {in_words.names((FIRST_COLUMN, *table.text))}"
        raise DataError(message, needed=needed, todo="name one of these, or leave it out")
    if not table.text or read_as.name_column == FIRST_COLUMN:
        return table, "", [], ()
    numbered = are_numbers(table.rows)
    best = read_as.name_column
    asked: tuple[Question, ...] = ()
    if best is None:
        best, asked = _names_most(table, numbered=numbered, species=read_as.species)
        if not best:
            return table, "", [], asked
    text = {name: fields for name, fields in table.text.items() if name != best}
    note = f"The names of the rows were taken from the column {best!r}" + (
        ": the first column numbers the rows." if numbered else "."
    )
    return replace(table, rows=list(table.text[best]), text=text), best, [note], asked


def _names_most(table: Table, *, numbered: bool, species: str | None) -> tuple[str, tuple[Question, ...]]:
    """Return the column of text that names more genes than the first one does, ``""`` for none; and what to ask."""
    able = {name: fields for name, fields in table.text.items() if name not in table.mixed and _may_name(fields)}
    if not able:
        return "", ()
    offered = {**({} if numbered else {"": table.rows}), **able}
    found = {name: match_genes(fields, species=species) for name, fields in offered.items()}
    best = max(able, key=lambda name: found[name].n_matched)
    if not numbered and found[best].n_matched <= found[""].n_matched:
        best = ""
    elif not found[best].n_matched and numbered:
        best = next(iter(able))
        if len(set(table.text[best])) < len(table.rows):
            return "", ()
    return best, about_names(found, taken=best, usual=FIRST_COLUMN, title="the first column")


def _may_name(fields: Sequence[str]) -> bool:
    """Whether a column of text may name the rows: a few labels that come again and again do not, though A is a gene."""
    return len(set(fields)) >= LEAST_DIFFERENT * len(fields)


TEXT = Format(
    name="text",
    title="a .csv or .tsv table (also .gz)",
    endings=(".csv", ".tsv", ".txt", ".gz", ".bz2", ".gct"),
    content="text",
    sniff=lambda start: not start.startswith((ZIP, b"PAR1")),
    read=read_text,
    binary=False,
)
