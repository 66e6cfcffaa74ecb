"""Any table whose columns, or whose first two columns of genes, name the ends of edges."""

from __future__ import annotations

from grn_core.errors import DataError
from grn_core.networks.imports.columns import NEEDED, TO_DO, columns_of, edges_of
from grn_core.networks.imports.content import Content
from grn_core.networks.imports.records import EdgeList, NetworkFormat


def fits(content: Content) -> bool:
    """Whether it is a table of two columns or more."""
    return content.table is not None


def read(content: Content) -> EdgeList:
    """Read the columns that are called so; `DataError` where no two columns name genes."""
    table = content.table
    columns = None if table is None else columns_of(table)
    if table is None or columns is None:
        shown = "no table" if table is None else f"the columns {', '.join(table.header)}"[:200]
        message = f"{content.path.name} has {shown}"
        raise DataError(message, needed=NEEDED, todo=TO_DO)
    return edges_of(table, columns)


RECORD = NetworkFormat(
    name="table",
    title="Any table of edges (.tsv, .csv, .txt, .xlsx, .parquet)",
    columns="two columns of genes, e.g. source and target; score, sign or rank where there are any; header or none",
    endings=(".tsv", ".csv", ".txt", ".parquet", ".xlsx"),
    fits=fits,
    read=read,
)
