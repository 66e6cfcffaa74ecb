"""Match a dataset's gene names to canonical human symbols, and say what was done and lost."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from grn_core.errors import GeneError
from grn_core.genes import spelling, tables
from grn_core.genes.species import genomes_of, other_species

RECOGNISED = 0.25
"""Share of known names from which on a list is one of genes: of words of three letters 1 in 20 is a gene by chance, of
thirty cells named c0, c1, ... 1 in 5."""
NUMBERS_KNOWN = 0.6
"""Share of whole numbers that must be NCBI gene numbers: of cells that are numbered a fifth are by chance."""
ID_TYPES = {"ensembl": "Ensembl ids", "transcript": "Ensembl transcript ids", "ncbi": "NCBI gene numbers"}
_ENSEMBL = re.compile(r"^(ENS(?:MUS)?G\d{11})(?:\.\d+)?(?:_PAR_Y)?$", re.IGNORECASE)
_TRANSCRIPT = re.compile(r"^(ENS(?:MUS)?T\d{11})(?:\.\d+)?(?:_PAR_Y)?$", re.IGNORECASE)


_IDS = {"ensembl": _ENSEMBL, "transcript": _TRANSCRIPT}


def is_ensembl(name: str) -> bool:
    """Whether a name has the form of a human or mouse Ensembl gene id, with or without a version."""
    return _ENSEMBL.match(name) is not None


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
        tail = f"{self.n_matched:,} of {len(self.names):,} matched, {self.n_unknown:,} not known"
        lost = f", {self.n_without_ortholog:,} without a 1:1 human ortholog" if self.species == "mouse" else ""
        return f"{head[0].upper()}{head[1:]}: {tail}{lost}."


def match_genes(names: Sequence[str], *, species: str | None = None, common: bool = False) -> GeneMatch:
    """Match gene names to canonical human symbols.

    Parameters
    ----------
    names
        Symbols or Ensembl ids (versions are ignored), one kind and one species for the whole list. Mouse symbols may
        be in upper case, as BEELINE writes them.
    species
        ``human`` or ``mouse``; found from the names if not given.
    common
        Whether a name that is no symbol, old or new, may be a common one (``p53``, ``OCT4``): for names that a person
        wrote. The names of a data file are never read so: an antibody named CD3 is not the gene CD3E.

    Returns
    -------
    GeneMatch
        One entry per name, in the given order. Nothing is dropped; names that match nothing carry None.

    Raises
    ------
    GeneError
        If `species` is not known, or `names` is empty.

    Notes
    -----
    A symbol of today always wins; a name that is none is looked up among the older symbols (``T`` is ``TBXT``).
    A common name counts where it means one gene only.
    Mouse genes reach a human symbol only through 1:1 orthologs, never by upper-casing: ``H2-K1`` has no
    1:1 ortholog and is lost, and the loss is counted.
    """
    names = tuple(str(name) for name in names)
    if not names:
        message = "there is no gene name to match"
        raise GeneError(message, needed="at least one gene", todo="check which axis of the table holds the genes")
    given = species is not None
    clean = spelling.cleaned(names, n_known=_n_known)
    look = clean.names
    id_type = _id_type(look)
    other, evidence = other_species(look)
    genomes = [] if common else genomes_of(look, clean.genomes)
    if species is None and genomes:
        species = max(tables.SPECIES, key=genomes.count)
    if id_type in _IDS and species is None:
        n_mouse = sum(name[:6].upper() == "ENSMUS" for name in look)
        species = "mouse" if n_mouse > len(look) / 2 else "human"
    if species is None:
        species = _species_of(look, {kind: _own_symbols(look, kind, id_type) for kind in tables.SPECIES})
    own = _own_symbols(look, tables.check_species(species), id_type)
    for place, label in enumerate(clean.labels):
        if label and own[place] is None:
            own[place] = _own_symbols((label,), species, "symbol")[0]
    foreign = tuple(place for place, genome in enumerate(genomes) if genome not in ("", species))
    for place in foreign:
        own[place] = None
    notes = list(clean.notes)
    if id_type == "symbol":
        look, own = _mended(look, own, species, notes)
    if common:
        own = [_common(name, species) if symbol is None else symbol for name, symbol in zip(look, own, strict=True)]
    if foreign:
        also = "mouse" if species == "human" else "human"
        notes.append(
            f"Human and mouse genes are mixed: {len(foreign):,} of {len(look):,} names are {also} and are left out. "
            f"The {species} genes are used{' as asked' if given else ''}; say the species to have the {also} genes."
        )
    match = _finish(tuple(look), own, species, id_type)
    return replace(
        match,
        labels=clean.labels if any(clean.labels) else (),
        notes=tuple(notes),
        other_genome=foreign,
        other_species=other,
        evidence=evidence,
        species_given=given,
    )


def _id_type(names: Sequence[str]) -> str:
    """Tell what most of the names are."""
    for id_type, pattern in _IDS.items():
        if sum(pattern.match(name) is not None for name in names) > len(names) / 2:
            return id_type
    numbers = [int(name) for name in names if name.isascii() and name.isdigit() and len(name) < 10]
    if len(numbers) > 0.9 * len(names) and max(numbers) - min(numbers) + 1 > 1.5 * len(numbers):
        known = max(sum(str(number) in tables.ncbi_to_symbol(kind) for number in numbers) for kind in tables.SPECIES)
        if known >= NUMBERS_KNOWN * len(names):
            return "ncbi"
    return "symbol"


def _n_known(names: Sequence[str]) -> int:
    """Return how many of some names the table of one species knows, the better one."""
    own = (_own_symbols(names, species, _id_type(names)) for species in tables.SPECIES)
    return max(sum(symbol is not None for symbol in found) for found in own)


def _mended(
    names: Sequence[str], own: list[str | None], species: str, notes: list[str]
) -> tuple[tuple[str, ...], list[str | None]]:
    """Read unknown names as R or a spreadsheet may have changed them, where that makes one known gene."""
    look, own = list(names), list(own)
    spelt, dated, lost = [], [], []
    for place, name in enumerate(names):
        if own[place] is not None:
            continue
        if meant := spelling.date_meanings(name):
            found = sorted(set(filter(None, _own_symbols(meant, species, "symbol"))))
            if len(found) == 1 and len(meant) == 1:
                own[place] = look[place] = found[0]
                dated.append(f"{name} is {found[0]}")
            else:
                lost.append(f"{name} ({' or '.join(meant)})")
        elif other := spelling.variants(name):
            hits = [
                (one, symbol)
                for one, symbol in zip(other, _own_symbols(other, species, "symbol"), strict=True)
                if symbol
            ]
            if len({symbol for _, symbol in hits}) == 1:
                look[place], own[place] = hits[0]
                spelt.append(f"{name} is {hits[0][0]}")
    if spelt:
        notes.append(f"Dots and underscores were read as hyphens in {len(spelt):,} names: {_some(spelt)}.")
    if dated:
        notes.append(
            f"A spreadsheet had made dates of {len(dated):,} gene names, which were read back: {_some(dated)}."
        )
    if lost:
        notes.append(f"A spreadsheet made dates of {len(lost):,} more names, of unknown genes: {_some(lost)}.")
    return tuple(look), own


def _some(words: Sequence[str]) -> str:
    return ", ".join(words[:5]) + (" and more" if len(words) > 5 else "")


def meanings(name: str) -> tuple[str, ...]:
    """Return the human genes that a common name, or a symbol with other hyphens, means; none for another name."""
    key = tables.folded(name)
    symbol = tables.by_upper_case("human").get(key)
    return (symbol,) if symbol else tables.synonyms().get(key, ())


def _common(name: str, species: str) -> str | None:
    """Symbol, in its own species, of the one gene that a common name means: None for none, or for several."""
    genes = meanings(name)
    if len(genes) != 1 and species == "mouse":  # a human symbol, old or new, of a gene that mouse calls otherwise
        genes = tuple(filter(None, _own_symbols((name,), "human", "symbol")))
    if len(genes) != 1 or genes[0] not in tables.human_symbols():
        return None
    return genes[0] if species == "human" else tables.ortholog_to_mouse().get(genes[0])


def not_recognised(unknown: Sequence[str], *, n_names: int) -> str:
    """Say of `n_names` names, nearly all of them `unknown`, that they are no gene names, and what to do."""
    n_known, some = n_names - len(unknown), ", ".join(unknown[:3])
    known = f"{n_known:,} of the {n_names:,} names {'is a known gene' if n_known == 1 else 'are known genes'}"
    return (
        f"The gene names are not recognised: {known}; unknown are, for example, {some}. "
        "Needed: human or mouse gene symbols or Ensembl gene ids. What to do: put such names in their place."
    )


def present_names(names: Sequence[str]) -> tuple[str, ...]:
    """Human symbols under the names of today: those of a model's vocabulary may be older than our tables.

    An older name becomes the canonical symbol that it is an alias of, unless that symbol is in the list itself or two
    names of the list mean it; every other name stays as it is.
    """
    known, aliases = tables.human_symbols(), tables.human_aliases()
    newer = [None if name in known else aliases.get(name) for name in names]
    times = Counter(newer) + Counter(names)
    return tuple(new if new and times[new] == 1 else name for name, new in zip(names, newer, strict=True))


def _own_symbols(names: Sequence[str], species: str, id_type: str) -> list[str | None]:
    """Symbol of each name in `species`: that of an id, a symbol of today, then an alias; the exact spelling first."""
    if id_type == "ncbi":
        numbers = tables.ncbi_to_symbol(species)
        return [numbers.get(name) for name in names]
    known, upper, ids = tables.symbols(species), tables.by_upper_case(species), tables.ensembl_to_symbol(species)
    aliases, upper_aliases = tables.aliases(species), tables.aliases_by_upper_case(species)

    def find(name: str) -> str | None:
        if hit := _ENSEMBL.match(name):
            return ids.get(hit.group(1).upper())
        if hit := _TRANSCRIPT.match(name):
            return tables.transcript_to_symbol(species).get(hit.group(1).upper())
        key = name.upper()
        return upper.get(key) or aliases.get(name) or upper_aliases.get(key)

    return [name if name in known else find(name) for name in names]


def _species_of(names: Sequence[str], candidates: dict[str, list[str | None]]) -> str:
    """Choose the species that knows more names; a tie is decided by exact spelling (``Gata1`` or ``GATA1``)."""

    def evidence(kind: str) -> tuple[int, int]:
        found = candidates[kind]
        same = sum(name == symbol for name, symbol in zip(names, found, strict=True))
        return sum(symbol is not None for symbol in found), same

    return max(tables.SPECIES, key=evidence)


def _finish(names: tuple[str, ...], own: Sequence[str | None], species: str, id_type: str) -> GeneMatch:
    to_human = tables.ortholog_to_human() if species == "mouse" else None
    symbols = tuple(own) if to_human is None else tuple(to_human.get(name) if name else None for name in own)
    return GeneMatch(names=names, symbols=symbols, own_symbols=tuple(own), species=species, id_type=id_type)
