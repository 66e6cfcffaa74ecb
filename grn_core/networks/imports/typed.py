"""Tables whose fields have types: Parquet, and a sheet of Excel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from grn_core.datasets.checks import check_size
from grn_core.datasets.formats.sheets import sheets_of
from grn_core.errors import DataError
from grn_core.networks.imports.header import header_of
from grn_core.networks.imports.tables import SEEN, InMemory, Table, text_of

MOST_FIELDS_OF_SHEETS = 5_000_000


class Parquet(Table):
    """A table of Apache Parquet."""

    def __init__(self, path: Path) -> None:
        import pyarrow.parquet

        self._file: Any = pyarrow.parquet.ParquetFile(path)
        names = [one for one in self._file.schema_arrow.names if not one.startswith("__index_level_")]
        self._names, self.header, self.named = names, tuple(names), True
        first: Any = next(self._file.iter_batches(batch_size=SEEN, columns=names), None)
        rows = [] if first is None else first.to_pandas().itertuples(index=False)
        self.seen = tuple(tuple(text_of(one) for one in row) for row in rows)

    def frames(self, columns: Sequence[int], *, rows: int) -> Iterator[pd.DataFrame]:
        """Yield batches."""
        wanted = [self._names[place] for place in columns]
        check_size(0, 8 * self._file.metadata.num_rows * len(set(wanted)))
        for batch in self._file.iter_batches(batch_size=rows, columns=list(dict.fromkeys(wanted))):
            yield batch.to_pandas()[wanted].reset_index(drop=True).set_axis(list(columns), axis=1)


class Sheet(InMemory):
    """The first sheet of an Excel workbook that holds a table."""

    guarded = True

    def __init__(self, path: Path) -> None:
        for sheet in sheets_of(path, most_fields=MOST_FIELDS_OF_SHEETS):
            rows = [[text_of(field).strip() for field in row] for row in sheet.rows[:SEEN]]
            at = header_of(rows)
            body = sheet.rows[at + 1 :]
            if body and len(sheet.rows[at]) > 1:
                break
        else:
            message = f"no sheet of {path.name} holds a table with rows"
            raise DataError(message, needed="a header and edges", todo="put the edges on the first sheet")
        width = max(map(len, body))
        head = [*rows[at], *[""] * width][:width]
        super().__init__(pd.DataFrame(body, columns=range(width)).set_axis(head, axis=1))
