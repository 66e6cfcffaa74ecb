"""What cannot be a network of TFs and targets, by the names of its ends."""

from __future__ import annotations

import numpy as np

from grn_core.datasets.formats.written_numbers import is_number
from grn_core.errors import DataError
from grn_core.genes import GeneMatch
from grn_core.networks.imports.records import EdgeList

EXAMPLES = 5


def check_sources(edges: EdgeList, found: GeneMatch) -> None:
    """Refuse edges of which no source is a gene, such as sets of genes that are called by a process."""
    known = {name for name, own in zip(found.names, found.own_symbols, strict=True) if own is not None}
    sources, targets = (
        sorted({edges.names[place] for place in np.unique(ends)}) for ends in (edges.source, edges.target)
    )
    if not known.intersection(sources) and 2 * len(known.intersection(targets)) > len(targets):
        message = f"none of the {len(sources):,} sources is a known gene, e.g. {', '.join(sources[:EXAMPLES])}"
        todo = "name the TF of each set; a set of genes alone can be asked as a gene list (`infer --genes FILE`)"
        raise DataError(message, needed="TFs as sources of the edges", todo=todo)


def check_numbers(edges: EdgeList, found: GeneMatch) -> None:
    """Refuse edges that lead to numbers, as where a column of numbers was taken for one of genes."""
    unknown = {name for name, own in zip(found.names, found.own_symbols, strict=True) if own is None}
    for what, ends in (("sources", edges.source), ("targets", edges.target)):
        names = {edges.names[place] for place in np.unique(ends)}
        numbers = sorted(name for name in names & unknown if is_number(name))
        if 2 * len(numbers) > len(names):
            message = f"{len(numbers):,} of {len(names):,} {what} are numbers, e.g. {', '.join(numbers[:EXAMPLES])}"
            raise DataError(message, needed="names of genes as both ends", todo="name each column in the header")


def check_pairs(edges: EdgeList) -> None:
    """Refuse edges of which most lead from a gene to another name of it, such as an id and a symbol side by side."""
    same = int((edges.source == edges.target).sum())
    if 2 * same > len(edges):
        message = f"in {same:,} of {len(edges):,} lines both ends are names of one gene"
        raise DataError(
            message, needed="a TF and a target in each line", todo="check the columns; cells are no network"
        )
