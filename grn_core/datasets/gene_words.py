"""The gene names in a text of any usual form: one a line, several on a line, or a column of a table."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from grn_core.datasets.formats.plain_text import decoded
from grn_core.datasets.formats.refused import say_the_same
from grn_core.errors import DataError
from grn_core.genes import match_genes, regulon

MAX_BYTES = 2 * 10**6
"""Bytes of a list; all human gene names with their descriptions are half of it."""
HEADER = re.compile(
    r"((hgnc|ensembl|external|official) )?(gene|symbol|feature|name|id|tf|target|ensembl)s?( (symbol|name|id)s?)?"
)
"""What stands above a column of genes, in small letters, underscores as blanks."""
DELIMITERS = "\t,;"
DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"))
"""What a PDF makes of hyphens."""
AROUND = " \"'`\u201c\u201d\u2018\u2019\u00ab\u00bb[]{}<>*\u2022\u00b7"
NO_NAME = re.compile(r"\d+[.)]|\W*")
OF_R = re.compile(r"^c\((?=[\"'])|(?<=[\"'])\)$")
NUMBER = re.compile(r"-?[\d.]+(e-?\d+)?", re.IGNORECASE)


def names_of_text(text: str | bytes) -> tuple[str, ...]:
    """Return the gene names in a text, each once, in its order; see `grn_core.datasets.gene_lists.names_in`.

    Raises
    ------
    DataError
        The text is too long, is no text, or holds no name.
    """
    if len(text) > MAX_BYTES:
        message = f"the gene list is {len(text) / 1e6:.1f} MB long"
        raise DataError(message, needed=f"at most {MAX_BYTES / 1e6:.0f} MB", todo="leave out what is no gene name")
    lines = [line for raw in _text(text).splitlines() if (line := raw.partition("#")[0].strip())]
    names = _column(lines) or [word for line in _without_header(lines) for word in re.split(r"[\s,;]+", line)]
    found = dict.fromkeys(filter(None, map(_clean, names)))
    if not found:
        message = "there is no gene name in the list"
        raise DataError(message, needed="gene symbols or Ensembl ids", todo="paste at least one TF and one target")
    return tuple(found)


def _text(text: str | bytes) -> str:
    if isinstance(text, str):
        return text.removeprefix("\ufeff")
    try:
        return decoded(text)
    except ValueError as error:
        message = "the gene list is no text"
        raise DataError(message, needed="a text file with gene names", todo="save it as .txt or .csv") from error


def _clean(name: str) -> str:
    """Take off what stands around a name in lists of papers and programs; ``""`` for a bullet or a number of a list."""
    name = unicodedata.normalize("NFKC", name).translate(DASHES)
    name = "".join(sign for sign in name if sign.isprintable()).strip()
    if NO_NAME.fullmatch(name):
        return ""
    name = OF_R.sub("", regulon(name)[0]).strip(AROUND).rstrip(".")
    return name[1:-1] if name.startswith("(") and name.endswith(")") else name


def _is_header(words: str) -> bool:
    return HEADER.fullmatch(re.sub(r"[_.\s]+", " ", _clean(words)).lower()) is not None


def _without_header(lines: list[str]) -> list[str]:
    """Return lines without the first, where it is one of the names of columns."""
    if len(lines) < 2:
        return lines
    is_head = _is_header(lines[0]) or all(map(_is_header, re.split(r"[\t,;]", lines[0])))
    return lines[1:] if is_head else lines


def _column(lines: list[str]) -> list[str]:
    """Return the column of genes of a table; nothing where the lines are none."""
    for delimiter in DELIMITERS:
        try:
            rows = list(csv.reader(lines, delimiter=delimiter))
        except csv.Error:  # a field beyond the reader's limit: a line of many names that this cuts nowhere
            continue
        width, times = Counter(map(len, rows)).most_common(1)[0] if rows else (1, 0)
        if width < 2 or times < max(3, 0.9 * len(rows)):
            continue
        columns = list(zip(*(row for row in rows if len(row) == width), strict=True))
        known = [_n_known(column) for column in columns]
        named = [place for place, count in enumerate(known) if count > 0.5 * times and not _are_numbers(columns[place])]
        if len(named) == width:
            return []  # names all over: lines of several names, and no table
        best = known.index(max(known[place] for place in named)) if named else known.index(max(known))
        more = [place for place in named if place != best and not say_the_same(columns[best], columns[place])]
        return [name for place in (best, *more) for name in _below_head(columns[place])]
    return []


def _are_numbers(column: Sequence[str]) -> bool:
    """Whether a column holds numbers, which may be ids of genes by chance: clusters, ranks, p-values."""
    return 2 * sum(NUMBER.fullmatch(field.strip()) is not None for field in column) > len(column)


def _below_head(column: Sequence[str]) -> Sequence[str]:
    unknown_head = len(column) > 1 and (_is_header(column[0]) or _n_known(column[:1]) == 0)
    return column[1:] if unknown_head else column


def _n_known(names: Sequence[str]) -> int:
    cleaned = [name for name in map(_clean, names) if name]
    return len(cleaned) - match_genes(cleaned, common=True).n_unknown if cleaned else 0
