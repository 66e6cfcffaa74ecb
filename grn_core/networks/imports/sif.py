"""Cytoscape's simple interaction format: source, relation, one or more targets."""

from __future__ import annotations

import pandas as pd

from grn_core.datasets.formats.plain_text import opened
from grn_core.errors import DataError
from grn_core.networks.imports.columns import MOST_EDGES, active, edge_list
from grn_core.networks.imports.content import Content
from grn_core.networks.imports.effects import signs_of
from grn_core.networks.imports.records import EdgeList, NetworkFormat
from grn_core.networks.imports.words import says_signs


def fits(content: Content) -> bool:
    """Whether it is called so, or its middle column is one of few words between two of genes."""
    if not content.is_text:
        return False
    if content.name.endswith(".sif"):
        return True
    table = content.table
    if table is None or table.named or len(table.header) != 3 or table.is_numeric(1) or table.is_numeric(2):
        return False
    words = set(table.column(1))
    return len(words) <= 5 and not table.are_genes(1) and table.are_genes(0) and table.are_genes(2)


def read(content: Content) -> EdgeList:
    """Read one edge for each target of a line, with the sign that the relation says, if it says one."""
    ends: list[tuple[str, str, str]] = []
    delimiter = "\t" if any("\t" in line for line in content.lines) else None
    with opened(content.path, content.encoding) as lines:
        for line in lines:
            fields = [one.strip() for one in line.rstrip("\r\n").split(delimiter)]
            if len(fields) == 2:
                message = f"a line of {content.path.name} has a source and a relation and no target"
                raise DataError(message, needed="source, relation, targets", todo="export the network again")
            ends += [(fields[0], fields[1], target) for target in fields[2:] if target]
            if len(ends) > MOST_EDGES:
                message = f"the network has more than {MOST_EDGES:,} edges"
                raise DataError(message, needed=f"at most {MOST_EDGES:,}", todo="keep the best of them")
    frame = pd.DataFrame(ends, columns=["source", "word", "target"], dtype=object)
    source, target, notes = active(frame["source"], frame["target"], frame["word"])
    signs, told = signs_of(frame["word"], called="relation", word="relation")
    has = signs is not None and (bool(signs.any()) or says_signs(frozenset(frame["word"].unique())))
    return edge_list(source, target, sign=signs if has else None, notes=[*notes, *told], doubts=told)


RECORD = NetworkFormat(
    name="sif",
    title="Simple interactions (SIF: Cytoscape)",
    columns="source, relation (activates, represses, ...), targets",
    endings=(".sif",),
    fits=fits,
    read=read,
)
