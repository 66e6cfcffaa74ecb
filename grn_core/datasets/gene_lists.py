"""Gene lists without cells: read from a text of any usual form, kept once by content, and asked as they are."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cached_property

from grn_core.datasets.formats.plain_text import decoded
from grn_core.datasets.labels import names_in_data
from grn_core.datasets.packed_lists import is_packed_list, unpacked_list
from grn_core.datasets.panel import GenePanel, check_genes, genes_only
from grn_core.datasets.tf_choice import LostTF, why_lost
from grn_core.errors import DataError, GeneError
from grn_core.files import read_json, write_json
from grn_core.genes import GeneMatch, match_genes
from grn_core.settings import settings

REF = re.compile(r"genes-[0-9a-f]{12}")
MAX_BYTES = 2 * 10**6
"""Bytes of a list; all human gene names with their descriptions are half of it."""
HEADER = re.compile(
    r"((hgnc|ensembl|external|official) )?(gene|symbol|feature|name|id|tf|target|ensembl)s?( (symbol|name|id)s?)?"
)
"""What stands above a column of genes, in small letters, underscores as blanks."""
DELIMITERS = "\t,;"
IN_TITLE = 3


@dataclass(frozen=True)
class GeneList:
    """A gene list, kept as JSON.

    Attributes
    ----------
    ref, title
        ``genes-<first 12 hex of the hash>``, and what it is called.
    names
        As the user wrote them, each once.
    species_given
        The user's word on the species (None: found from the names).
    created
        UTC time.
    """

    ref: str
    title: str
    names: tuple[str, ...]
    species_given: str | None
    created: str

    @cached_property
    def match(self) -> GeneMatch:
        """What became of each name."""
        return match_genes(self.names, species=self.species_given, common=True)

    @property
    def labels(self) -> tuple[str, ...]:
        """What results call each name: its symbol as it was written, or where it is an id, that of our table."""
        return names_in_data(self.match)[0]

    @property
    def sha256(self) -> str:
        """Hash of names and species."""
        return _digest(self.names, self.species_given)

    @property
    def not_understood(self) -> tuple[LostTF, ...]:
        """The names that take no part, in the given order, each with its reason."""
        match = self.match
        rows = zip(self.names, match.symbols, match.own_symbols, strict=True)
        return tuple(why_lost(name, is_known=own is not None) for name, symbol, own in rows if symbol is None)

    def tf_list(self, tfs: str | Iterable[str]) -> str | Iterable[str]:
        """Return a TF list as it is, as `Dataset.tf_list` does where nothing is simulated."""
        return tfs

    def panel(
        self, *, tfs: str | Iterable[str] = "auto", vocabulary: Collection[str] | None = None, model: str = "the model"
    ) -> GenePanel:
        """Make the panel of the list, as `grn_core.datasets.genes_only` says: the TFs among the genes are sources."""
        return genes_only(self.names, tfs=tfs, species=self.species_given, vocabulary=vocabulary, model=model)


def names_in(text: str | bytes) -> tuple[str, ...]:
    """Return the gene names in a text, each once, in its order.

    Of a file that is packed, or is no text (.xlsx, .parquet, .gz, .bz2, .zip), the text is taken in the reader's own
    process. One name a line, or several separated by blanks, commas, semicolons or tabs; a table gives the column with
    the most known genes. ``#`` begins a comment; a header, quotes and byte order marks are passed over.

    Raises
    ------
    DataError
        The text is too long, is no text, or holds no name.
    """
    if isinstance(text, bytes) and is_packed_list(text):
        text = unpacked_list(text)
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


def store_genes(names: Sequence[str], *, title: str = "", species: str | None = None) -> str:
    """Keep a gene list, once by its content, and return its ref.

    Parameters
    ----------
    names
        Symbols or Ensembl ids, human or mouse; their order counts for nothing.
    title
        What it is called; its first names if not given.
    species
        ``human`` or ``mouse``; found from the names if not given.

    Raises
    ------
    GeneError
        Fewer than two of the names are known genes, or they are of another species.
    """
    wanted = tuple(dict.fromkeys(names))
    match = match_genes(wanted, species=species, common=True)
    check_genes(match, where="the gene list")
    if match.n_matched < 2:
        known = next(name for name, symbol in zip(wanted, match.symbols, strict=True) if symbol)
        message = f"only one of the {len(wanted):,} names is a known gene: {known}"
        raise GeneError(message, needed="at least one TF and one target", todo="add genes to the list")
    ref = f"genes-{_digest(wanted, species)[:12]}"
    if find_genes(ref) is None:
        first = ", ".join(wanted[:IN_TITLE]) + (" ..." if len(wanted) > IN_TITLE else "")
        now = datetime.now(UTC).isoformat(timespec="seconds")
        kept = GeneList(ref, title or f"{len(wanted):,} genes: {first}", wanted, species, now)
        settings().uploads.mkdir(parents=True, exist_ok=True)
        write_json(settings().uploads / f"{ref}.json", asdict(kept))
    return ref


def find_genes(ref: str) -> GeneList | None:
    """Return a gene list by its ref; None if there is none, or what is there is damaged."""
    kept = read_json(settings().uploads / f"{ref}.json") if REF.fullmatch(ref) else None
    if not isinstance(kept, dict):
        return None
    try:
        found = GeneList(
            ref=kept["ref"],
            title=str(kept["title"]),
            names=tuple(map(str, kept["names"])),
            species_given=kept["species_given"],
            created=str(kept["created"]),
        )
    except (TypeError, KeyError):
        return None
    return found if found.ref == f"genes-{found.sha256[:12]}" else None


def list_genes() -> list[GeneList]:
    """Return the gene lists that are there, newest first."""
    found = (find_genes(path.stem) for path in settings().uploads.glob("genes-*.json"))
    return sorted(filter(None, found), key=lambda one: (one.created, one.ref), reverse=True)


def _digest(names: Sequence[str], species: str | None) -> str:
    return hashlib.sha256(json.dumps([sorted(names), species]).encode()).hexdigest()


def _text(text: str | bytes) -> str:
    if isinstance(text, str):
        return text.removeprefix("\ufeff")
    try:
        return decoded(text)
    except ValueError as error:
        message = "the gene list is no text"
        raise DataError(message, needed="a text file with gene names", todo="save it as .txt or .csv") from error


def _clean(name: str) -> str:
    return "".join(sign for sign in name if sign.isprintable()).strip().strip("\"'")


def _is_header(words: str) -> bool:
    return HEADER.fullmatch(re.sub(r"[_.\s]+", " ", _clean(words)).lower()) is not None


def _without_header(lines: list[str]) -> list[str]:
    return lines[1:] if len(lines) > 1 and _is_header(lines[0]) else lines


def _column(lines: list[str]) -> list[str]:
    """Return the column of genes of a table; nothing where the lines are none."""
    for delimiter in DELIMITERS:
        rows = list(csv.reader(lines, delimiter=delimiter))
        width, times = Counter(map(len, rows)).most_common(1)[0] if rows else (1, 0)
        if width < 2 or times < max(3, 0.9 * len(rows)):
            continue
        columns = list(zip(*(row for row in rows if len(row) == width), strict=True))
        known = [_n_known(column) for column in columns]
        if sum(count > 0.5 * times for count in known) > 1:
            return []  # names all over: lines of several names, and no table
        best = columns[known.index(max(known))]
        unknown_head = len(best) > 1 and (_is_header(best[0]) or _n_known(best[:1]) == 0)
        return list(best[1:] if unknown_head else best)
    return []


def _n_known(names: Sequence[str]) -> int:
    cleaned = [name for name in map(_clean, names) if name]
    return len(cleaned) - match_genes(cleaned, common=True).n_unknown if cleaned else 0
