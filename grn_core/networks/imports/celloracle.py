"""CellOracle: the links that it fits, and base networks, a table of peaks x TFs."""

from __future__ import annotations

import numpy as np
import pandas as pd

from grn_core.errors import DataError
from grn_core.genes import match_genes
from grn_core.networks.imports.by_columns import table_format
from grn_core.networks.imports.columns import MOST_EDGES, edge_list
from grn_core.networks.imports.content import Content
from grn_core.networks.imports.records import EdgeList, NetworkFormat
from grn_core.networks.imports.tables import Table
from grn_core.networks.imports.words import KNOWN, NO_SCORE

LINKS = table_format(
    "celloracle-links",
    "Links of CellOracle",
    source="source",
    target="target",
    score="coefabs",
    sign="coefmean",
    others=("p",),
    unit="size of the mean coefficient (coef_abs)",
    note="Signs are those of the mean coefficient (coef_mean); p-values take no part.",
)
PEAK, GENE = "peakid", "geneshortname"
VALUES_A_TIME = 4_000_000


def fits(content: Content) -> bool:
    """Whether it is a table with the columns peak_id and gene_short_name."""
    return content.table is not None and content.table.has(PEAK, GENE)


def read(content: Content) -> EdgeList:
    """Read an edge from each TF whose motif lies in a peak of the gene; it has neither score nor sign."""
    table = content.table
    if table is None:
        raise TypeError(content.path.name)
    gene = table.words.index(GENE)
    others = [place for place, word in enumerate(table.words) if word not in (PEAK, GENE) and table.header[place]]
    tfs = [place for place in others if _is_tf(table, place)]
    left_out = [table.header[place] for place in others if place not in tfs]
    pairs: set[tuple[str, int]] = set()
    for frame in table.frames([gene, *tfs], rows=max(1, VALUES_A_TIME // (len(tfs) + 1))):
        values = frame[tfs].apply(pd.to_numeric, errors="coerce").to_numpy(dtype=np.float32)
        rows, columns = np.nonzero(np.nan_to_num(values))
        names = frame[gene].astype(str).to_numpy()
        pairs.update(zip(names[rows].tolist(), columns.tolist(), strict=True))
        if len(pairs) > MOST_EDGES:
            message = f"the base network has more than {MOST_EDGES:,} edges"
            raise DataError(message, needed="fewer", todo="keep the genes and TFs of your cells")
    ordered = sorted(pairs)
    source = pd.Series([table.header[tfs[column]] for _, column in ordered], dtype=object)
    notes = [f"Left out, no TFs of the base network: {', '.join(left_out[:5])}."] if left_out else []
    return edge_list(source, pd.Series([name for name, _ in ordered], dtype=object), notes=notes)


def _is_tf(table: Table, place: int) -> bool:
    """Whether a column is a TF's: known as a gene, or one of 0 and 1 that is not called as other columns are."""
    if match_genes([table.header[place]]).n_unknown == 0:
        return True
    word = table.words[place]
    if word in KNOWN or NO_SCORE.fullmatch(word):
        return False
    return table.is_numeric(place) and set(table.numbers(place)) <= {0.0, 1.0}


BASE = NetworkFormat(
    name="celloracle-base",
    title="Base network of CellOracle (.parquet, .csv)",
    columns="peak_id, gene_short_name, and a column of 0 and 1 for each TF",
    endings=(".parquet", ".csv"),
    fits=fits,
    read=read,
)
