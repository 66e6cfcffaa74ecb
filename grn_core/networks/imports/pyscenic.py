"""pySCENIC and arboreto: adjacencies, and the regulons of ``pyscenic ctx``."""

from __future__ import annotations

import ast
import csv
import re

import numpy as np
import pandas as pd

from grn_core.datasets.formats.plain_text import opened
from grn_core.errors import DataError
from grn_core.networks.imports.by_columns import table_format
from grn_core.networks.imports.columns import edge_list
from grn_core.networks.imports.content import Content
from grn_core.networks.imports.records import EdgeList, NetworkFormat

ADJACENCIES = table_format(
    "adjacencies",
    "Adjacencies of pySCENIC, GRNBoost2 and arboreto",
    source="tf",
    target="target",
    score="importance",
    unit="importance",
)
TARGETS = "TargetGenes"
TYPED = re.compile(r"\b(?:np|numpy)\.(?:float|int|str_?)\d*\(([^()]*)\)")
"""How numpy from 2.0 on writes its numbers."""


def fits(content: Content) -> bool:
    """Whether the second line is the header of ``pyscenic ctx``."""
    return len(content.lines) > 3 and TARGETS in content.lines[1] and content.lines[2].startswith("TF,MotifID")


def read(content: Content) -> EdgeList:
    """Read the targets of each motif's regulon; a target with several motifs counts once, by its best weight."""
    with opened(content.path, content.encoding) as lines:
        lines.readline()
        names = next(csv.reader([lines.readline()]))
        rows = list(csv.reader(lines))[1:]
    targets, context = names.index(TARGETS), names.index("Context") if "Context" in names else None
    found: list[tuple[str, str, float, int]] = []
    for row in rows:
        where = row[context] if context is not None and context < len(row) else ""
        sign = 1 if "activating" in where else -1 if "repressing" in where else 0
        try:
            # pySCENIC writes Python's repr: `literal_eval` takes literals alone, and evaluates no name and no call.
            pairs = ast.literal_eval(TYPED.sub(r"\1", row[targets]))
            found += [(row[0], str(gene), float(weight), sign) for gene, weight in pairs]
        except (ValueError, SyntaxError, TypeError, IndexError, MemoryError, RecursionError) as error:
            message = f"the targets of the regulon of {str(row[:1])[:40]} cannot be read"
            raise DataError(message, needed="pairs of gene and weight", todo="export the regulons again") from error
    frame = pd.DataFrame(found, columns=["tf", "gene", "weight", "sign"])
    return edge_list(
        frame["tf"],
        frame["gene"],
        score=frame["weight"].to_numpy(dtype=np.float64),
        sign=frame["sign"].to_numpy(dtype=np.int8),
        unit="weight of the target in the regulon",
    )


REGULONS = NetworkFormat(
    name="regulons",
    title="Regulons of pyscenic ctx (reg.csv)",
    columns=f"two lines of header with {TARGETS}",
    endings=(),
    fits=fits,
    read=read,
)
