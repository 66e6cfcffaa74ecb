"""TRRUST: TF, target, what it does, papers, without a header."""

from __future__ import annotations

from grn_core.networks.imports.columns import edges_of
from grn_core.networks.imports.content import Content
from grn_core.networks.imports.records import EdgeList, NetworkFormat
from grn_core.networks.imports.score_columns import Columns
from grn_core.networks.imports.words import says_signs


def fits(content: Content) -> bool:
    """Whether it is a table without header whose third column says the sign; of 1 and 0 without -1 it does not."""
    table = content.table
    if table is None or table.named or len(table.header) not in (3, 4):
        return False
    said = frozenset(table.column(2))
    labels = table.is_numeric(2) and set(table.numbers(2)) == {0.0, 1.0}
    return says_signs(said) and not labels and table.are_genes(0) and table.are_genes(1)


def read(content: Content) -> EdgeList:
    """Read ends and signs; there are no scores."""
    table = content.table
    if table is None:
        raise TypeError(content.path.name)
    return edges_of(table, Columns(0, 1, None, 2, by_genes=True))


RECORD = NetworkFormat(
    name="trrust",
    title="TRRUST",
    columns="no header: TF, target, Activation, Repression or Unknown, PubMed ids",
    endings=(".tsv",),
    fits=fits,
    read=read,
)
