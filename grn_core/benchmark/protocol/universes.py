"""Which rows a test can have: the universes it is asked in, and what has to be said of it."""

from __future__ import annotations

from collections.abc import Sequence

from grn_core.benchmark.protocol.held_out import HeldOut
from grn_core.benchmark.protocol.methods import Method
from grn_core.benchmark.protocol.table import Table
from grn_core.benchmark.references.reference import Reference
from grn_core.extractors import EXTRACTORS

MOST_GENES_OF_A_CELL = 2000  # a pass over more takes seconds a source


def universes(
    table: Table, reference: Reference, split: str, methods: Sequence[Method]
) -> list[tuple[HeldOut, list[Method]]]:
    """The whole gene set and, where cells measure a part of it, that part: co-expression and all methods beside it."""
    methods = [method for method in methods if not too_long(table, reference, method)]
    others = [method for method in methods if method.score != "coexpression"]
    asks_cells = any(method.score == "coexpression" or method.adapted for method in methods)
    cells = table.cells(reference) if asks_cells else None
    whole = table.held_out(reference, split)
    if cells is None:
        return [(whole, [method for method in others if not method.adapted])]
    if (cells.columns(reference.genes) >= 0).all():
        return [(whole, list(methods))]
    return [(whole, others), (table.held_out(reference, split, measured=True), list(methods))]


def too_long(table: Table, reference: Reference, method: Method) -> bool:
    """Whether a gene set that the method reads as one cell has more genes than are read at once."""
    read = [reference, *table.training.references] if method.translator else [reference]
    n_genes = max(len(one.genes) for one in read)
    most = min(MOST_GENES_OF_A_CELL, table.bench.model.record.max_genes or MOST_GENES_OF_A_CELL)
    return method.reads_whole_cell and n_genes > most


def notes_of(table: Table, reference: Reference, methods: Sequence[Method]) -> list[str]:
    """What a test's universe and mean cell are."""
    cells, n_genes = table.cells(reference), len(reference.genes)
    notes = [f"{reference.name}: {' '.join(reference.notes)}"] if reference.notes else []
    name = f"{reference.dataset}, {table.protocol.gene_set}"
    notes += [
        f"{name}: {method.name} is left out, its gene sets are too long to be read as one cell."
        for method in methods
        if too_long(table, reference, method)
    ]
    asked = {one for method in methods for one in method.needed if EXTRACTORS[one].asks == "cell"}
    labels = " and ".join(record.label for one, record in EXTRACTORS.items() if one in asked)
    if cells is None:
        in_cell = f", {labels} at the model's background" if labels else ""
        notes.append(f"{name}: no measured cells; no co-expression{in_cell}.")
        return notes
    n_here = int((cells.columns(reference.genes) >= 0).sum())
    where = "those genes at their mean, the others at" if cells.mean is not None else "every gene at"
    in_cell = f"; for {labels} {where} the model's background" if labels else ""
    notes.append(
        f"{name}: {len(cells.values)} cells measure {n_here} of {n_genes} genes; co-expression is on those{in_cell}."
    )
    if table.training.withheld:
        notes.append(f"{name}: no pair of its genes was among the training pairs.")
    return notes
