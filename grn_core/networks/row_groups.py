"""A table as Parquet, written one group of rows after the other: never is more than a group held a second time."""

from __future__ import annotations

import json
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

ROWS_OF_GROUP = 2**20
"""Rows of a group: as many as the library takes by itself."""


def write_parquet(table: pd.DataFrame, place: Path | IO[bytes]) -> None:
    """Write what `pandas.DataFrame.to_parquet` without an index does, byte for byte.

    Parameters
    ----------
    table
        Its first row says the type of each column. In the order of their ranks, the groups of edges follow the ranks,
        each with its first and last: a reader that wants the best ones reads the first group.
    place
        A path, or a file that takes bytes.
    """
    if len(table) <= ROWS_OF_GROUP:
        table.to_parquet(place, index=False, row_group_size=ROWS_OF_GROUP)
        return
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter

    schema = pa.Table.from_pandas(table.iloc[:1], preserve_index=False).schema
    if table.attrs:
        schema = schema.with_metadata({**schema.metadata, b"PANDAS_ATTRS": json.dumps(table.attrs).encode()})
    with ParquetWriter(place, schema, compression="snappy") as writer:
        for start in range(0, len(table), ROWS_OF_GROUP):
            part = table.iloc[start : start + ROWS_OF_GROUP]
            writer.write_table(pa.Table.from_pandas(part, schema=schema, preserve_index=False), ROWS_OF_GROUP)
