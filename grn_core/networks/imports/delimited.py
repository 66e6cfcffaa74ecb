"""Tables of text with any delimiter, with or without a header."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from grn_core.datasets.formats.header_names import names_over
from grn_core.datasets.formats.layout import delimiter_of_lines, fields_of
from grn_core.datasets.formats.plain_text import opened
from grn_core.datasets.formats.written_numbers import is_number
from grn_core.errors import DataError
from grn_core.genes import match_genes
from grn_core.networks.imports.header import delimiter_by_header, header_of, is_header
from grn_core.networks.imports.tables import SEEN, Table
from grn_core.networks.imports.words import SOURCE, TARGET, plain

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
        self._path, self._encoding, self.delimiter, self._n_skipped = path, encoding, delimiter, n_skipped
        self.header, self.named, self.seen = tuple(header), named, tuple(map(tuple, seen))

    @classmethod
    def told(cls, path: Path, lines: Sequence[str], encoding: str) -> Delimited | None:
        """Tell delimiter, comments and header from the first lines; None where there are no two columns."""
        if not lines:
            return None
        delimiter = delimiter_by_header(lines, fields_of) or delimiter_of_lines(lines)
        if delimiter is None:
            return None
        cut = [fields_of(line, delimiter) for line in lines]
        usual = max(map(len, cut[len(cut) // 2 :]))
        first = next((i for i, line in enumerate(lines) if not _is_comment(line, cut[i], usual)), 0)
        first += header_of(cut[first:])
        head, rows = _plain(cut[first]), cut[first + 1 :]
        named = not rows or is_header(head, rows)
        if named:
            whole = [row for row in rows if len(row) == max(map(len, rows))]
            head = list(names_over(head, whole, called=path.name, fits=lambda names: _fits(names, whole)))
        else:
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
                    sep=r"\s+" if self.delimiter == " " else self.delimiter,
                    header=None,
                    names=range(len(self.header)),
                    usecols=places,
                    dtype=str,
                    keep_default_na=False,
                    chunksize=max(1, min(rows, VALUES_A_TIME // len(places))),
                    index_col=False,
                    skipinitialspace=self.delimiter != "\t",
                    on_bad_lines="error",
                )
                for frame in chunks:
                    yield frame.fillna("")[list(columns)]
            except pd.errors.EmptyDataError:
                return
            except pd.errors.ParserError as error:
                message = f"{self._path.name} has lines of different length ({str(error).strip()[-80:]})"
                raise DataError(message, needed="as many fields in each line", todo="export the edges again") from error


def _plain(head: Sequence[str]) -> list[str]:
    """Return the names of a header, which may stand behind a sign for comments."""
    names = [one.strip() for one in head]
    names[0] = names[0].lstrip("#").strip()
    return names[1:] if head[0].strip() == "#" else names


def _fits(names: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first fields are names of rows, and what the columns of the ends hold is no number."""
    first = [row[0].strip() for row in rows]
    if not all(map(is_number, first)):
        told = match_genes(first)
        if len(set(first)) < len(first) or told.n_unknown < len(told.names):
            return False
    ends = [place for place, name in enumerate(names) if plain(name) in (*SOURCE, *TARGET)]
    return not any(is_number(row[place]) for row in rows for place in ends)


def _is_comment(line: str, fields: Sequence[str], usual: int) -> bool:
    return line.startswith(("#", "%")) and len(fields) not in (usual, usual - 1)
