"""Which genes may be sources: a TF list by name, or the user's own names, each of them accounted for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from grn_core import genes as gene_tables
from grn_core.errors import GeneError

REASONS = {
    "unknown": "no known gene name",
    "ambiguous": "several genes have this name",
    "ortholog": "no 1:1 human ortholog",
    "data": "not in the data",
    "model": "not in the model's vocabulary",
    "few": "fewer than 3, or than 1%, of the chosen cells show it",
}
"""Why a TF is no source of a panel."""
FEW, MOST_NAMED = "few", 12
"""The one reason that TFs of a list by its name have here, and how many of them a note names."""


@dataclass(frozen=True)
class LostTF:
    """A TF that the user named, or of a list by its name, and that is no source of the panel.

    Attributes
    ----------
    name
        As the user wrote it; of a list by its name as the data have it.
    reason
        A key of `REASONS`.
    meanings
        The genes that an ambiguous name means.
    """

    name: str
    reason: str
    meanings: tuple[str, ...] = ()

    @property
    def why(self) -> str:
        """The reason, for people."""
        return REASONS[self.reason] + (f": {', '.join(self.meanings)}" if self.meanings else "")

    @property
    def words(self) -> str:
        """Name and reason, for people."""
        return f"{self.name} ({self.why})"


@dataclass(frozen=True)
class TFChoice:
    """A choice of sources.

    Attributes
    ----------
    symbols
        Canonical human symbols.
    named
        Symbol and each name that the user wrote, where the user named the TFs one by one; empty for a list by its name.
    lost
        Names that mean no gene of the species, or none with a human ortholog.
    """

    symbols: frozenset[str]
    named: tuple[tuple[str, str], ...] = ()
    lost: tuple[LostTF, ...] = ()

    def without(self, kept: Collection[str], reason: str) -> tuple[LostTF, ...]:
        """Return the named TFs whose symbol is not among `kept`, with a reason."""
        return tuple(LostTF(name, reason) for symbol, name in self.named if symbol not in kept)


def choose_tfs(tfs: str | Iterable[str], *, species: str, data_symbols: Mapping[str, str] | None = None) -> TFChoice:
    """Return the sources that a list or the user's names mean.

    Parameters
    ----------
    tfs
        ``auto`` (the list of the data's species), the name of another list, or names of TFs: symbols, ids or common
        names (``p53``, ``OCT4``), each where it means one gene.
    species
        Of the data.
    data_symbols
        Names as the data have them -> canonical symbol; they come before the tables.

    Raises
    ------
    GeneError
        If there is no such list, or no name is given.
    """
    if isinstance(tfs, str):
        name = gene_tables.default_tf_list(species) if tfs == gene_tables.AUTO else tfs
        return TFChoice(gene_tables.human_tfs_of(name))
    names = tuple(dict.fromkeys(str(name) for name in tfs))
    if not names:
        message = "the list of TFs is empty"
        raise GeneError(message, needed="at least one TF", todo="name the TFs, or choose the human or mouse list")
    match = gene_tables.match_genes(names, species=species, common=True)
    named: dict[tuple[str, str], tuple[str, str]] = {}
    lost = []
    for name, symbol, own in zip(names, match.symbols, match.own_symbols, strict=True):
        found = (data_symbols or {}).get(name) or symbol
        if found is not None:
            named.setdefault((found, name.casefold()), (found, name))  # one name, however its letters are written
        else:
            lost.append(why_lost(name, is_known=own is not None))
    return TFChoice(frozenset(symbol for symbol, _ in named), tuple(named.values()), tuple(lost))


def why_lost(name: str, *, is_known: bool) -> LostTF:
    """Say why a name means no canonical gene; `is_known` whether it is a gene of its own species."""
    meant = () if is_known else gene_tables.meanings(name)
    if len(meant) > 1:
        return LostTF(name, "ambiguous", meant)
    return LostTF(name, "ortholog" if is_known or meant else "unknown")


def note_of_lost(lost: Sequence[LostTF]) -> tuple[str, ...]:
    """Say which TFs are no sources and why: every one that was named, and how many of a list too few cells show."""
    named, few = ([one for one in lost if (one.reason == FEW) is rare] for rare in (False, True))
    said = []
    if named:
        are = "TF that was named is no source" if len(named) == 1 else "TFs that were named are no sources"
        said.append(f"{len(named):,} {are}: {', '.join(one.words for one in named)}.")
    if few:
        are = "TF of the list is no source" if len(few) == 1 else "TFs of the list are no sources"
        some = ", ".join(one.name for one in few[:MOST_NAMED]) + (" and more" if len(few) > MOST_NAMED else "")
        said.append(f"{len(few):,} {are}, because {REASONS[FEW].replace(' it', ' them')}: {some}.")
    return tuple(said)
