"""GMT: one line a regulon, its name, a description, its genes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from grn_core.datasets.formats.plain_text import opened
from grn_core.errors import DataError
from grn_core.genes import match_genes, regulon
from grn_core.networks.imports.columns import MOST_EDGES, edge_list
from grn_core.networks.imports.content import Content
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
    ends: list[tuple[str, str, int]] = []
    with opened(content.path, content.encoding) as lines:
        for line in lines:
            name, *fields = line.rstrip("\r\n").split("\t")
            if not name.strip():
                continue
            tf, sign = regulon(name)
            ends += [(tf, gene.partition(",")[0], sign) for gene in fields[1:] if gene.strip()]
            if len(ends) > MOST_EDGES:
                message = f"the regulons have more than {MOST_EDGES:,} edges"
                raise DataError(message, needed=f"at most {MOST_EDGES:,}", todo="keep fewer regulons")
    frame = pd.DataFrame(ends, columns=["tf", "gene", "sign"])
    signs = frame["sign"].to_numpy(dtype=np.int8)
    return edge_list(frame["tf"], frame["gene"], sign=signs if signs.any() else None)


RECORD = NetworkFormat(
    name="gmt",
    title="Regulons as gene sets (GMT)",
    columns="name of the TF, description, targets",
    endings=(".gmt",),
    fits=fits,
    read=read,
)
