"""Tables of text with any delimiter, with or without a header."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from grn_core.datasets.formats.layout import delimiter_of_lines, fields_of
from grn_core.datasets.formats.plain_text import opened
from grn_core.errors import DataError
from grn_core.networks.imports.header import header_of, is_header
from grn_core.networks.imports.tables import SEEN, Table

VALUES_A_TIME = 4_000_000


class Delimited(Table):
    """A table of text.

    Parameters
    ----------
    path, encoding
        The file.
    delimiter
        Between fields; a blank stands for any white space.
    n_skipped
        Lines before the first row.
    header
        Names of the columns; numbers where the file names none.
    named
        Whether it does.
    seen
        The first rows.
    """

    guarded = True

    def __init__(
        self,
        path: Path,
        *,
        encoding: str,
        delimiter: str,
        n_skipped: int,
        header: Sequence[str],
        named: bool,
        seen: Sequence[Sequence[str]],
    ) -> None:
        self._path, self._encoding, self._delimiter, self._n_skipped = path, encoding, delimiter, n_skipped
        self.header, self.named, self.seen = tuple(header), named, tuple(map(tuple, seen))

    @classmethod
    def told(cls, path: Path, lines: Sequence[str], encoding: str) -> Delimited | None:
        """Tell delimiter, comments and header from the first lines; None where there are no two columns."""
        if not lines:
            return None
        delimiter = delimiter_of_lines(lines)
        if delimiter is None:
            return None
        cut = [fields_of(line, delimiter) for line in lines]
        usual = max(map(len, cut[len(cut) // 2 :]))
        first = next((i for i, line in enumerate(lines) if not _is_comment(line, cut[i], usual)), 0)
        first += header_of(cut[first:])
        head, rows = [one.strip().lstrip("#").strip() for one in cut[first]], cut[first + 1 :]
        without_corner = bool(rows) and len(rows[0]) == len(head) + 1
        if without_corner:
            head = ["", *head]
        named = without_corner or not rows or is_header(head, rows)
        if not named:
            rows, head = cut[first:], [str(place + 1) for place in range(usual)]
        return cls(
            path,
            encoding=encoding,
            delimiter=delimiter,
            n_skipped=first + named,
            header=head,
            named=named,
            seen=rows[:SEEN],
        )

    def frames(self, columns: Sequence[int], *, rows: int) -> Iterator[pd.DataFrame]:
        """Yield text, missing fields as ``""``."""
        places = sorted(set(columns))
        skipped = 0
        with opened(self._path, self._encoding) as lines:
            while skipped < self._n_skipped and (line := lines.readline()):
                skipped += bool(line.strip())  # empty lines were not counted
            try:
                chunks = pd.read_csv(
                    lines,
                    sep=r"\s+" if self._delimiter == " " else self._delimiter,
                    header=None,
                    names=range(len(self.header)),
                    usecols=places,
                    dtype=str,
                    keep_default_na=False,
                    chunksize=max(1, min(rows, VALUES_A_TIME // len(places))),
                    index_col=False,
                    skipinitialspace=self._delimiter != "\t",
                    on_bad_lines="error",
                )
                for frame in chunks:
                    yield frame.fillna("")[list(columns)]
            except pd.errors.EmptyDataError:
                return
            except pd.errors.ParserError as error:
                message = f"{self._path.name} has lines of different length ({str(error).strip()[-80:]})"
                raise DataError(message, needed="as many fields in each line", todo="export the edges again") from error


def _is_comment(line: str, fields: Sequence[str], usual: int) -> bool:
    return line.startswith(("#", "%")) and len(fields) not in (usual, usual - 1)
