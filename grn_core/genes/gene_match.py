"""GeneMatch: what became of each gene name, and the words for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from grn_core.genes.ids import ID_TYPES

RECOGNISED = 0.25
"""Share of known names from which on a list is one of genes: of words of three letters 1 in 20 is a gene by chance, of
thirty cells named c0, c1, ... 1 in 5."""


@dataclass(frozen=True)
class GeneMatch:
    """What became of each gene name.

    Attributes
    ----------
    names
        The names as given, in the given order, without what programs put around them (`grn_core.genes.spelling`).
    symbols
        For each name the canonical human symbol, or None where there is none.
    own_symbols
        For each name the symbol in its own species, or None where the name is not known.
    species
        ``human`` or ``mouse``.
    id_type
        ``symbol``, ``ensembl``, ``transcript`` or ``ncbi``.
    labels
        The symbols that were joined to ids, ``""`` elsewhere; empty where none was.
    notes
        What was done to the names, in sentences.
    other_genome
        Places of the names that are of the other one of two species, where human and mouse are mixed.
    other_species, evidence
        A species that is neither human nor mouse, of which the names are, and how that was told; else ``""``.
    species_given
        Whether the species is the user's word.
    rivals, why_doubtful
        Where the names do not tell the species for sure and the user does not: what each species would give, as
        ``(species, TFs, genes with a human symbol)``, the one that was taken first; and why, a clause.
    """

    names: tuple[str, ...]
    symbols: tuple[str | None, ...]
    own_symbols: tuple[str | None, ...]
    species: str
    id_type: str
    labels: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    other_genome: tuple[int, ...] = ()
    other_species: str = ""
    evidence: str = ""
    species_given: bool = False
    rivals: tuple[tuple[str, int, int], ...] = ()
    why_doubtful: str = ""

    @property
    def warning(self) -> str:
        """What every result must say: that genes of another species are read as ours, as the user asked."""
        if not (self.other_species and self.species_given):
            return ""
        return (
            f"These genes look like those of {self.other_species} ({self.evidence}). They were read as {self.species} "
            "genes, as asked, wherever they are spelt alike: such genes need not be orthologs, and no result was "
            f"checked for {self.other_species}."
        )

    def take(self, places: Sequence[int]) -> GeneMatch:
        """Return what became of some of the names, in the order of their `places`."""
        number = {place: n for n, place in enumerate(places)}
        return replace(
            self,
            labels=tuple(self.labels[place] for place in places) if self.labels else (),
            other_genome=tuple(number[place] for place in self.other_genome if place in number),
            names=tuple(self.names[place] for place in places),
            symbols=tuple(self.symbols[place] for place in places),
            own_symbols=tuple(self.own_symbols[place] for place in places),
        )

    @property
    def n_matched(self) -> int:
        """Number of names that have a human symbol."""
        return sum(symbol is not None for symbol in self.symbols)

    @property
    def n_unknown(self) -> int:
        """Number of names that no table of the species knows."""
        return sum(symbol is None for symbol in self.own_symbols)

    @property
    def recognised(self) -> bool:
        """Whether enough names are known to say which species they are of (`RECOGNISED`)."""
        return len(self.names) - self.n_unknown >= RECOGNISED * len(self.names)

    @property
    def n_old_names(self) -> int:
        """Number of symbols that were read as an older (or newer) name of a known gene."""
        if self.id_type != "symbol":
            return 0
        pairs = zip(self.names, self.own_symbols, strict=True)
        return sum(own is not None and own.upper() != name.upper() for name, own in pairs)

    @property
    def n_without_ortholog(self) -> int:
        """Number of known genes that have no 1:1 human ortholog (0 for human data)."""
        return len(self.names) - self.n_unknown - self.n_matched

    @property
    def unmatched(self) -> tuple[str, ...]:
        """The names without a human symbol, in the given order."""
        return tuple(name for name, symbol in zip(self.names, self.symbols, strict=True) if symbol is None)

    @property
    def all_notes(self) -> tuple[str, ...]:
        """The warning, what was converted and lost, and what was done to the names."""
        return (*filter(None, (self.warning,)), self.converted, *self.notes)

    @property
    def converted(self) -> str:
        """One sentence on what was converted and what was lost; other words where the names are not recognised."""
        if not self.recognised:
            return self.how_read
        tail = f"{self.n_matched:,} of {len(self.names):,} matched, {self.n_unknown:,} not known"
        lost = f", {self.n_without_ortholog:,} without a 1:1 human ortholog" if self.species == "mouse" else ""
        return f"{self.how_read.removesuffix('.')}: {tail}{lost}."

    @property
    def how_read(self) -> str:
        """How the names were read: `converted` without its figures."""
        if not self.recognised:
            pairs = zip(self.names, self.own_symbols, strict=True)
            return not_recognised([name for name, own in pairs if own is None], n_names=len(self.names))
        steps = []
        if self.id_type != "symbol":
            steps.append(f"{self.species} {ID_TYPES[self.id_type]} were converted to symbols")
        if self.n_old_names:
            one, many = (
                "name was read as an older or other name of a known gene",
                "names were read as older or other names of known genes",
            )
            steps.append(f"{self.n_old_names:,} {one if self.n_old_names == 1 else many}")
        if self.species == "mouse":
            steps.append("mouse genes were mapped to human through 1:1 orthologs")
        head = " and ".join(steps) or "human symbols, used as they are"
        return f"{head[0].upper()}{head[1:]}."


def not_recognised(unknown: Sequence[str], *, n_names: int) -> str:
    """Say of `n_names` names, nearly all of them `unknown`, that they are no gene names, and what to do."""
    n_known, some = n_names - len(unknown), ", ".join(unknown[:3])
    known = f"{n_known:,} of the {n_names:,} names {'is a known gene' if n_known == 1 else 'are known genes'}"
    return (
        f"The gene names are not recognised: {known}; unknown are, for example, {some}. "
        "Needed: human or mouse gene symbols or Ensembl gene ids. What to do: put such names in their place."
    )
