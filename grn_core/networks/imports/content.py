"""The content of a file that may hold a network: its first bytes and lines, and the table in it."""

from __future__ import annotations

from functools import cached_property
from itertools import islice
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from grn_core.datasets.formats.plain_text import LONGEST_LINE, LOOKED_AT, encoding_of, is_wide, opened
from grn_core.datasets.formats.refused import refuse_foreign
from grn_core.datasets.formats.unpacked import is_packed, start_of
from grn_core.errors import DataError
from grn_core.networks.imports.delimited import Delimited
from grn_core.networks.imports.tables import Table
from grn_core.networks.imports.typed import Parquet, Sheet

PARQUET, ZIP = b"PAR1", b"PK\x03\x04"
LINES_LOOKED_AT = 200
LATIN = "cp1252"


class Content:
    """A file, looked at no further than it is asked.

    Parameters
    ----------
    path
        The file; gzip and bzip2 are unpacked.
    score
        The column of the scores, where the user names it.
    """

    def __init__(self, path: Path, *, score: str | None = None) -> None:
        self.path, self.score = path, score
        self.start = start_of(path)
        if not self.start:
            message = f"{path.name} is empty"
            raise DataError(message, needed="a network", todo="export or copy the file again")
        refuse_foreign(path, self.start)

    @property
    def name(self) -> str:
        """Name of the file in small letters, without .gz and .bz2."""
        return self.path.name.lower().removesuffix(".gz").removesuffix(".bz2")

    @cached_property
    def is_text(self) -> bool:
        """Whether it is text."""
        if self.start.startswith((PARQUET, ZIP, b"\x89HDF")):
            return False
        return is_wide(self.start[:LOOKED_AT]) or b"\0" not in self.start

    @cached_property
    def encoding(self) -> str:
        """Encoding of the text: as its mark says, else UTF-8, else Latin-1."""
        found = encoding_of(self.path)
        if found == "utf-8-sig":
            try:
                with opened(self.path) as lines:
                    list(islice(iter(lambda: lines.read(1 << 20), ""), 64))
            except UnicodeDecodeError:
                return LATIN
        return found

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The first lines of text, without empty ones."""
        if not self.is_text:
            return ()
        with opened(self.path, self.encoding) as lines:
            found = islice(iter(lambda: lines.readline(LONGEST_LINE), ""), LINES_LOOKED_AT)
            return tuple(line.rstrip("\r\n") for line in found if line.strip())

    @cached_property
    def table(self) -> Table | None:
        """The table that the file holds; None where it holds none of two columns or more."""
        found = self._table()
        if found is not None:
            found.asked = self.score
        return found

    def _refuse_archive(self) -> None:
        """Refuse a zip archive that is no workbook of Excel, or is packed once more."""
        packed = is_packed(self.path)
        if not packed:
            try:
                with ZipFile(self.path) as archive:
                    is_workbook = any(name.startswith("xl/") for name in archive.namelist())
            except BadZipFile:  # damaged: what was to be read says so
                return
            if is_workbook:
                return
        message = f"{self.path.name} is a zip archive{' packed once more' if packed else ', and no workbook of Excel'}"
        raise DataError(message, needed="the network itself", todo="unpack it, and give the file in it")

    def _table(self) -> Table | None:
        if self.start.startswith(PARQUET):
            return Parquet(self.path)
        if self.start.startswith(ZIP):
            self._refuse_archive()
            return Sheet(self.path)
        if not self.is_text or self.start.lstrip(b"\xef\xbb\xbf \r\n").startswith((b"<", b"{")):
            return None
        return Delimited.told(self.path, self.lines, self.encoding)
