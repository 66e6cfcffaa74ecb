"""Gene lists without cells: read from a text of any usual form, kept once by content, and asked as they are."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cached_property

from grn_core.damaged_records import DOUBTED, LISTS, is_damaged, keep_record, read_doubted, read_record
from grn_core.datasets.gene_words import MAX_BYTES, names_of_text
from grn_core.datasets.labels import names_in_data
from grn_core.datasets.packed_lists import is_packed_list, names_apart
from grn_core.datasets.panel import GenePanel, check_genes, genes_only
from grn_core.datasets.tf_choice import LostTF, why_lost
from grn_core.errors import GeneError
from grn_core.genes import GeneMatch, match_genes
from grn_core.settings import settings

REF = re.compile(r"genes-[0-9a-f]{12}")
IN_PLACE = 100_000
"""Bytes of plain text that are split where they are: some 15,000 names, in a second at most."""
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

    One name a line, or several separated by blanks, commas, semicolons or tabs; a table gives the column with the most
    known genes. ``#`` begins a comment; a header, quotes and byte order marks are passed over. What is long, packed or
    no text (.xlsx, .parquet, .gz, .bz2, .zip) is taken apart in the reader's own process.

    Raises
    ------
    DataError
        The text is too long, is no text, or holds no name.
    """
    packed = isinstance(text, bytes) and is_packed_list(text)
    if packed or IN_PLACE < len(text) <= MAX_BYTES:
        return names_apart(text if isinstance(text, bytes) else text.encode("utf-8", "replace"))
    return names_of_text(text)


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
    path = settings().uploads / f"{ref}.json"
    if find_genes(ref) is None or is_damaged(LISTS, path):
        first = ", ".join(wanted[:IN_TITLE]) + (" ..." if len(wanted) > IN_TITLE else "")
        now = datetime.now(UTC).isoformat(timespec="seconds")
        kept = GeneList(ref, title or f"{len(wanted):,} genes: {first}", wanted, species, now)
        settings().uploads.mkdir(parents=True, exist_ok=True)
        keep_record(LISTS, path, asdict(kept))
    return ref


def find_genes(ref: str) -> GeneList | None:
    """Return a gene list by its ref; None if there is none, or its names are damaged, of which the ref is the hash."""
    if not REF.fullmatch(ref):
        return None
    path = settings().uploads / f"{ref}.json"
    whole = read_record(LISTS, path)
    kept = read_doubted(LISTS, path) if whole is None else whole
    try:
        found = GeneList(
            ref=kept["ref"],
            title=str(kept["title"]) if whole is not None else f"{kept['title']} {DOUBTED}",
            names=tuple(map(str, kept["names"])),
            species_given=kept["species_given"],
            created=str(kept["created"]),
        )
    except (TypeError, KeyError):
        return None
    return found if ref == f"genes-{found.sha256[:12]}" else None


def list_genes() -> list[GeneList]:
    """Return the gene lists that are there, newest first."""
    found = (find_genes(path.stem) for path in settings().uploads.glob("genes-*.json"))
    return sorted(filter(None, found), key=lambda one: (one.created, one.ref), reverse=True)


def _digest(names: Sequence[str], species: str | None) -> str:
    return hashlib.sha256(json.dumps([sorted(names), species]).encode()).hexdigest()
