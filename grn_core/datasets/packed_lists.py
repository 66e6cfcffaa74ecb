"""A gene list that is long, packed, in an Excel workbook or in Parquet: taken apart in the reader's own process."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from grn_core.datasets.checks import damaged_as_data_error
from grn_core.datasets.formats.refused import HIDDEN, refuse_known
from grn_core.datasets.formats.unpacked import BZIP, GZIP, content_of
from grn_core.datasets.gene_words import names_of_text
from grn_core.datasets.isolation import read_apart
from grn_core.errors import DataError
from grn_core.files import part_folder, read_json, write_json
from grn_core.settings import settings

READER = "grn_core.datasets.packed_lists"
NAMES = "names.json"
ZIP, PARQUET = b"PK\x03\x04", b"PAR1"
HDF5 = b"\x89HDF"
NEEDED = "a text, a table, or an Excel workbook with gene names"
MOST_ROWS, MOST_COLUMNS = 200_000, 100
MOST_BYTES = 50_000_000


def is_packed_list(content: bytes) -> bool:
    """Whether the content of a file of gene names is anything but plain text that can be read as it stands."""
    try:
        refuse_known(Path("the list"), content[:512])
    except DataError:
        return True
    return content.startswith((GZIP, BZIP, ZIP, PARQUET, HDF5))


def names_apart(content: bytes, *, name: str = "the gene list") -> tuple[str, ...]:
    """Return the names in a list; of a workbook and of Parquet those in its rows.

    Raises
    ------
    DataError
        It is no list, holds another packed file, or takes too long.
    """
    with part_folder(settings().home / "cells") as folder:
        path = folder / (PurePosixPath(name.replace("\\", "/")).name[-60:] or "list")
        path.write_bytes(content)
        return read_apart(path, reader=READER, options={}, load=lambda place: tuple(read_json(place / NAMES)["names"]))


def read_into(path: Path, folder: Path, options: Mapping[str, Any]) -> None:  # noqa: ARG001
    """Read the list in the reader's process, and write its names."""
    with damaged_as_data_error(path, "gene list"):
        source = content_of(path)
        content = source.getvalue() if isinstance(source, io.BytesIO) else source.read_bytes()
        write_json(folder / NAMES, {"names": names_of_text(_text(content, path, deep=isinstance(source, io.BytesIO)))})


def _text(content: bytes, path: Path, *, deep: bool) -> str | bytes:
    refuse_known(path, content[:512])
    if content.startswith(HDF5):
        message = f"{path.name} is an HDF5 file, as cells are kept in"
        raise DataError(message, needed=NEEDED, todo="drop it as cells, or export the names of its genes as text")
    if content.startswith((GZIP, BZIP)) or (deep and content.startswith(ZIP)):
        message = f"{path.name} is packed twice"
        raise DataError(message, needed=NEEDED, todo="unpack it")
    if content.startswith(PARQUET):
        import pyarrow.parquet

        table = pyarrow.parquet.ParquetFile(io.BytesIO(content))
        if table.metadata.num_rows > MOST_ROWS or table.metadata.num_columns > MOST_COLUMNS:
            message = f"{path.name} is a table of {table.metadata.num_rows:,} x {table.metadata.num_columns:,}"
            raise DataError(message, needed=NEEDED, todo="keep the column of genes alone")
        frame = table.read().to_pandas().reset_index()
        return _lines([list(map(str, frame.columns)), *frame.astype(str).to_numpy().tolist()])
    if content.startswith(ZIP):
        return _zipped(content, path)
    return content


def _zipped(content: bytes, path: Path) -> str | bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = [one for one in archive.infolist() if not one.is_dir() and not HIDDEN.search(one.filename)]
        if any(one.filename == "xl/workbook.xml" for one in members):
            return _sheet(content)
        if len(members) != 1 or members[0].file_size > MOST_BYTES:
            named = ", ".join(PurePosixPath(one.filename).name for one in members[:5]) or "nothing"
            message = f"{path.name} is an archive of {len(members):,} files ({named})"
            raise DataError(message, needed="a single list of at most 50 MB", todo="unpack it, and give the list alone")
        return _text(archive.read(members[0]), path, deep=True)


def _sheet(content: bytes) -> str:
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    rows = book.worksheets[0].iter_rows(values_only=True, max_row=MOST_ROWS, max_col=MOST_COLUMNS)
    return _lines([["" if field is None else str(field) for field in row] for row in rows])


def _lines(rows: list[list[str]]) -> str:
    """Return rows as lines without the columns that are empty in all of them."""
    width = max(map(len, rows), default=0)
    used = [place for place in range(width) if any(place < len(row) and row[place].strip() for row in rows)]
    lines = ("\t".join(" ".join(row[place].split()) for place in used if place < len(row)) for row in rows)
    return "\n".join(lines)
