"""Tables of this program: edges.tsv, edges.csv, the edges.parquet of a run, and the graphs that carry their columns."""

from __future__ import annotations

import numpy as np
import pandas as pd

from grn_core.networks.edge_table import DIRECTED, EARLIER
from grn_core.networks.imports.columns import coded
from grn_core.networks.imports.content import Content
from grn_core.networks.imports.effects import signs_of
from grn_core.networks.imports.fields import numbers_of
from grn_core.networks.imports.records import EdgeList, NetworkFormat
from grn_core.networks.imports.tables import Table
from grn_core.spreadsheets import unguarded

SIGNATURE = ("source", "target", "score", "sign", "rank", "percentile")
MORE = ("probability", "sign_agreement", "uncertainty")
UNIT = "score of the table"


def is_ours(table: Table | None) -> bool:
    """Whether a table has the columns that this program writes, of any of its versions."""
    return table is not None and set(SIGNATURE) <= set(table.header)


def fits(content: Content) -> bool:
    """Whether the file is a table of this program."""
    return is_ours(content.table)


def read(content: Content) -> EdgeList:
    """Read every column."""
    table = content.table
    if table is None:
        raise TypeError(content.path.name)
    return read_table(table)


def read_table(table: Table) -> EdgeList:
    """Read a table with all columns of ours."""
    table.refuse_repeated()
    names = [EARLIER.get(name, name) for name in table.header]
    wanted = [one for one in (*SIGNATURE[:4], *MORE, *_OTHER, DIRECTED) if one in names]
    frame = table.load([names.index(one) for one in wanted]).set_axis(wanted, axis=1)
    asked = table.place_asked()
    called = "score" if asked is None else table.header[asked]
    scores = frame["score"] if asked is None else table.load([asked])[asked]
    genes, codes = coded(frame["source"], frame["target"], guarded=table.guarded)
    more = {name: numbers_of(frame[name], name) for name in MORE if name in frame}
    return EdgeList(
        names=genes,
        source=codes[0],
        target=codes[1],
        score=numbers_of(scores, called),
        sign=signs_of(frame["sign"], called="sign")[0],
        unit=UNIT if asked is None else called,
        asked=asked is not None,
        probability=more.get("probability"),
        sign_agreement=more.get("sign_agreement"),
        uncertainty=more.get("uncertainty"),
        ids=_of_genes(frame, "id", genes, codes, guarded=table.guarded),
        symbols=_of_genes(frame, "symbol", genes, codes, guarded=table.guarded),
        directed=DIRECTED not in frame or bool((frame[DIRECTED].astype(str).str.lower() == "true").all()),
    )


_OTHER = ("source_id", "target_id", "source_symbol", "target_symbol")


def _of_genes(
    frame: pd.DataFrame, what: str, genes: tuple[str, ...], codes: np.ndarray, *, guarded: bool
) -> tuple[str, ...]:
    """Return the id or symbol that the first edge of each gene names; nothing where the table has none."""
    if f"source_{what}" not in frame or f"target_{what}" not in frame:
        return ()
    found = [""] * len(genes)
    for ends, column in ((codes[1], f"target_{what}"), (codes[0], f"source_{what}")):
        for gene, row in zip(*np.unique(ends, return_index=True), strict=True):
            value = frame[column].iloc[int(row)]
            text = "" if value is None or pd.isna(value) else str(value).strip()
            found[gene] = unguarded(text) if guarded else text
    return tuple(found)


RECORD = NetworkFormat(
    name="edges",
    title="Edges of this program (.tsv, .csv, edges.parquet of a run)",
    columns=", ".join(SIGNATURE),
    endings=(".tsv", ".csv", ".parquet"),
    fits=fits,
    read=read,
)
