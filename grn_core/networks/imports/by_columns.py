"""Formats of other tools that are tables with known columns: each is told and read by their names."""

from __future__ import annotations

from dataclasses import replace

from grn_core.networks.imports.columns import columns_of, edges_of
from grn_core.networks.imports.content import Content
from grn_core.networks.imports.records import EdgeList, NetworkFormat
from grn_core.networks.imports.score_columns import Columns


def table_format(
    name: str,
    title: str,
    *,
    source: str,
    target: str,
    score: str = "",
    sign: str = "",
    others: tuple[str, ...] = (),
    unit: str = "",
    note: str = "",
) -> NetworkFormat:
    """Return the record of a format by the names of its columns, as `grn_core.networks.imports.words.plain` has them.

    Parameters
    ----------
    name, title
        As in `NetworkFormat`.
    source, target, score, sign
        Columns of the ends, the score, and the sign.
    others
        Columns that must be there too.
    unit
        What the score is, in words.
    note
        What to say of every file.
    """
    needed = (source, target, *filter(None, (score, sign)), *others)

    def fits(content: Content) -> bool:
        return content.table is not None and content.table.named and content.table.has(*needed)

    def read(content: Content) -> EdgeList:
        table = content.table
        if table is None:
            raise TypeError(content.path.name)
        found = columns_of(table)
        columns = Columns(table.words.index(source), table.words.index(target)) if found is None else found
        columns = replace(
            columns, source=table.words.index(source), target=table.words.index(target), unit=unit, by_genes=False
        )
        if score:
            columns = replace(columns, score=table.words.index(score), signed=False, falling=False, p=False)
        if sign:
            columns = replace(
                columns, sign=table.words.index(sign), up=None, down=None, label=None, notes=(), doubts=()
            )
        return edges_of(table, columns, more=(note,) if note else ())

    return NetworkFormat(name, title, ", ".join(needed), (), fits, read)
