"""GMT: one line a regulon, its name, a description, its genes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from grn_core.datasets.formats.plain_text import opened
from grn_core.datasets.formats.written_numbers import is_number
from grn_core.errors import DataError
from grn_core.genes import match_genes, regulon
from grn_core.networks.imports.columns import MOST_EDGES, edge_list
from grn_core.networks.imports.content import Content
from grn_core.networks.imports.fields import numbers_of
from grn_core.networks.imports.records import EdgeList, NetworkFormat


def fits(content: Content) -> bool:
    """Whether it is called so, or its lines are of different length, with genes from the third field on."""
    if not content.is_text:
        return False
    if content.name.endswith(".gmt"):
        return True
    cut = [line.split("\t") for line in content.lines[:20]]
    if len(cut) < 2 or min(map(len, cut)) < 4 or len(set(map(len, cut))) < 2:
        return False
    genes = [one for fields in cut for one in fields[2:] if one]
    match = match_genes(genes[:200])
    return match.n_unknown <= 0.4 * len(match.names)


def read(content: Content) -> EdgeList:
    """Read the regulon of each line; ``SPI1(+)`` and ``SPI1_+/+`` are regulons of SPI1 with a sign."""
    ends: list[tuple[str, str, int, str]] = []
    with opened(content.path, content.encoding) as lines:
        for line in lines:
            name, *fields = line.rstrip("\r\n").split("\t")
            if not name.strip():
                continue
            tf, sign = regulon(name)
            ends += [(tf, gene, sign, weight) for field in fields[1:] for gene, weight in _genes(field, of=tf)]
            if len(ends) > MOST_EDGES:
                message = f"the regulons have more than {MOST_EDGES:,} edges"
                raise DataError(message, needed=f"at most {MOST_EDGES:,}", todo="keep fewer regulons")
    frame = pd.DataFrame(ends, columns=["tf", "gene", "sign", "weight"])
    signs = frame["sign"].to_numpy(dtype=np.int8)
    weighted = frame["weight"] != ""
    notes = []
    if weighted.any() and not weighted.all():
        notes.append(f"{int((~weighted).sum()):,} of {len(frame):,} targets have no weight: no weight is read.")
    edges = edge_list(frame["tf"], frame["gene"], sign=signs if signs.any() else None, notes=notes)
    if not len(frame) or not weighted.all():
        return edges
    return replace(edges, score=numbers_of(frame["weight"], "weight"), unit="weight of the target in the regulon")


def _genes(field: str, *, of: str) -> list[tuple[str, str]]:
    """Return the genes of a field with their weights: ``LYZ``, ``LYZ,2.5``, or ``LYZ,CD14``."""
    parts = [one.strip() for one in field.split(",") if one.strip()]
    numbers = [place for place, one in enumerate(parts) if is_number(one)]
    if len(parts) == 2 and numbers == [1]:
        return [(parts[0], parts[1])]
    if numbers and len(parts) > 1:
        message = f"the targets of {of[:40]} hold {field.strip()[:40]!r}"
        needed = "a gene, or a gene, a comma and its weight with a decimal point, between tabs"
        raise DataError(message, needed=needed, todo="write the weights so, or leave them out")
    return [(one, "") for one in parts]


RECORD = NetworkFormat(
    name="gmt",
    title="Regulons as gene sets (GMT)",
    columns="name of the TF, description, targets",
    endings=(".gmt",),
    fits=fits,
    read=read,
)
