"""Where the genes of a table are: in its rows or in its columns."""

from __future__ import annotations

from collections.abc import Sequence

from grn_core.datasets.features import are_cells, is_control
from grn_core.datasets.formats.table import Table
from grn_core.datasets.panel import check_genes, examples
from grn_core.datasets.questions import about_orientation
from grn_core.datasets.read_as import ReadAs
from grn_core.datasets.reading import Question
from grn_core.errors import DataError, GeneError
from grn_core.genes import GeneMatch, match_genes

ALIKE = 0.75
"""Of two sides of genes that with more is taken, where the lower share of known ones is this part of the higher."""

SAME = 0.02
"""Share of the names that one side alone may have where both are called the same."""


def orientation_of(table: Table, read_as: ReadAs) -> tuple[bool, GeneMatch, tuple[Question, ...]]:
    """Whether genes are in rows, and their match: as the user says, or the side with the larger share of known genes.

    Where both sides are genes, and nothing says which are measured, that is asked.

    The share, not the number, because cells named c1, c2, ... meet a few genes' names by chance. Where both are genes
    alike, the number: a matrix has more genes than it has perturbed ones.
    """
    rows, columns = table.rows, table.columns
    by_column, by_row = (match_genes(names, species=read_as.species) for names in (columns, rows))
    in_rows = by_row.n_matched / len(rows) > by_column.n_matched / len(columns)
    if read_as.orientation is not None:
        in_rows = read_as.orientation == "genes-in-rows"
        match = by_row if in_rows else by_column
        check_genes(match, where="the first column" if in_rows else "the header")
        return in_rows, match, ()
    said: bool | None = None
    if by_row.recognised and by_column.recognised:
        _refuse_pairs(rows, columns)
        said = _said_orientation(table)
        shares = sorted((by_row.n_matched / len(rows), by_column.n_matched / len(columns)))
        if shares[0] >= ALIKE * shares[1]:
            in_rows = by_row.n_matched > by_column.n_matched
        in_rows = in_rows if said is None else said
    match = by_row if in_rows else by_column
    for one, where in ((by_row, "the first column"), (by_column, "the header")):
        if one.other_species and one.n_matched >= match.n_matched:
            check_genes(one, where=where)
    if not match.n_matched:
        both = match_genes([*columns[:1], *rows[:1], *columns[1:], *rows[1:]], species=by_column.species)
        check_genes(both, where="the header and the first column")
    if not match.recognised:
        names = examples([*columns[:2], *rows[:2]], n=4)
        message = f"hardly any name in the header or the first column is a known gene: they are {names}"
        todo = "put such names in the header or the first column"
        raise GeneError(message, needed="human or mouse gene symbols or Ensembl gene ids", todo=todo)
    return in_rows, match, () if said is not None else about_orientation(by_row, by_column, in_rows=in_rows)


def _refuse_pairs(rows: Sequence[str], columns: Sequence[str]) -> None:
    """Refuse a table of genes against the same genes, such as a correlation: there are no cells in it."""
    if len(set(rows) ^ set(columns)) <= SAME * len(rows) and len(rows) > 2:
        message = f"the same {len(rows):,} genes stand in the rows and in the columns: a value for each two of them"
        todo = (
            "supply the table of cells that it was made from; a network is opened as a list of edges (source, target)"
        )
        raise DataError(message, needed="measured cells on one side", todo=todo)


def _said_orientation(table: Table) -> bool | None:
    """Whether genes are in rows, as a table says whose cells are called by genes, too; None where it does not.

    Cells that are called by the gene that is perturbed in them have controls among them, or a corner that says so.
    """
    if are_cells(table.corner):
        return False
    controls = [any(map(is_control, names)) for names in (table.rows, table.columns)]
    return controls[1] if controls[0] != controls[1] else None
