"""Match a dataset's gene names to canonical human symbols, and say what was done and lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from grn_core.errors import GeneError
from grn_core.genes import spelling, tables
from grn_core.genes.common_names import common_symbol
from grn_core.genes.copies import without_copy_numbers
from grn_core.genes.gene_match import GeneMatch
from grn_core.genes.ids import OF_ENSEMBL, id_type_of
from grn_core.genes.lookup import n_known, own_symbols, species_of, undecided
from grn_core.genes.mending import mended
from grn_core.genes.species import MIXED, genomes_of, other_species
from grn_core.genes.tf_lists import default_tf_list, human_tfs_of
from grn_core.in_words import counted


def match_genes(
    names: Sequence[str], *, species: str | None = None, common: bool = False, genomes: Sequence[str] = ()
) -> GeneMatch:
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
    genomes
        Of which genome a file says that each name is, ``human``, ``mouse`` or another word, ``""`` where it does not:
        names of another one than the species are no genes here, however they are spelt. Empty where nothing is said.

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
    clean = spelling.cleaned(names, n_known=n_known)
    notes = list(clean.notes)
    look, id_type = clean.names, id_type_of(clean.names)
    if id_type == "symbol":
        look = without_copy_numbers(look, notes)
    other, evidence = other_species(look)
    genomes = list(genomes) or ([] if common else genomes_of(look, clean.genomes))
    doubtful = ""
    n_human, n_mouse = (genomes.count(kind) for kind in ("human", "mouse"))
    if species is None and n_human + n_mouse:
        species = max(tables.SPECIES, key=genomes.count)
    if not given and min(n_human, n_mouse) >= max(2, MIXED * len(look)):
        doubtful = f"the genes are mixed: {n_human:,} names are of human genes and {n_mouse:,} of mouse genes"
    if id_type in OF_ENSEMBL and species is None:
        n_mouse = sum(name[:6].upper() == "ENSMUS" for name in look)
        species = "mouse" if n_mouse > len(look) / 2 else "human"
    if species is None:
        candidates = {kind: own_symbols(look, kind, id_type) for kind in tables.SPECIES}
        species = species_of(look, candidates)
        doubtful = "" if common else undecided(look, candidates)
    own = own_symbols(look, tables.check_species(species), id_type)
    for place, label in enumerate(clean.labels):
        if label and own[place] is None:
            own[place] = own_symbols((label,), species, "symbol")[0]
    foreign = tuple(place for place, genome in enumerate(genomes) if genome not in ("", species))
    for place in foreign:
        own[place] = None
    if id_type == "symbol":
        look, own = mended(look, own, species, notes)
        for place in foreign:
            own[place] = None
    if common:
        own = [
            common_symbol(name, species) if symbol is None else symbol for name, symbol in zip(look, own, strict=True)
        ]
    also = "mouse" if species == "human" else "human"
    if n_also := genomes.count(also):
        notes.append(
            f"Human and mouse genes are mixed: {n_also:,} of {len(look):,} names are {also} and are left out. "
            f"The {species} genes are used{' as asked' if given else ''}; say the species to have the {also} genes."
        )
    if n_others := len(foreign) - n_also:
        told = counted(n_others, "name is also that", "names are also those")
        notes.append(f"{told} of another genome in this file, whose genes are left out.")
    match = _finish(tuple(look), own, species, id_type)
    rivals = _rivals(names, match, genomes) if doubtful else ()
    return replace(
        match,
        rivals=rivals,
        why_doubtful=doubtful,
        labels=clean.labels if any(clean.labels) else (),
        notes=tuple(notes),
        other_genome=foreign,
        other_species=other,
        evidence=evidence,
        species_given=given,
    )


def _rivals(names: Sequence[str], match: GeneMatch, genomes: Sequence[str]) -> tuple[tuple[str, int, int], ...]:
    """Return what each species would give of names that do not tell: the TFs and the genes with a human symbol."""
    others = [match_genes(names, species=kind, genomes=genomes) for kind in tables.SPECIES if kind != match.species]
    found = [(one.species, frozenset(filter(None, one.symbols))) for one in (match, *others)]
    return tuple(
        (kind, len(symbols & human_tfs_of(default_tf_list(kind))), len(symbols)) for kind, symbols in found if symbols
    )


def _finish(names: tuple[str, ...], own: Sequence[str | None], species: str, id_type: str) -> GeneMatch:
    to_human = tables.ortholog_to_human() if species == "mouse" else None
    symbols = tuple(own) if to_human is None else tuple(to_human.get(name) if name else None for name in own)
    return GeneMatch(names=names, symbols=symbols, own_symbols=tuple(own), species=species, id_type=id_type)
