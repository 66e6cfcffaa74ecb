"""GenePanel: the genes, the TFs among them and their measured means, which is all that a model is asked about."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from grn_core import genes as gene_tables
from grn_core.datasets.labels import GeneName, gene_names, names_in_data, unlike
from grn_core.datasets.tf_choice import FEW, LostTF, TFChoice, choose_tfs, note_of_lost
from grn_core.errors import DataError, GeneError
from grn_core.genes.foreign import what_they_are
from grn_core.in_words import none_of
from grn_core.settings import settings

MOST_NAMED = 40
"""Lost TFs that a note names; a longer list says that there are more."""
LACKS = " does not know "
"""What a note says of a vocabulary and the genes that it lacks."""


@dataclass(frozen=True, eq=False)
class GenePanel:
    """Genes of one question, in canonical order.

    Attributes
    ----------
    genes
        Canonical human symbols, sorted.
    labels
        What results call each gene, no two alike: its symbol in the user's data, e.g. a mouse symbol; where the data
        have ids, the symbol that the file or our table gives.
    sources
        Positions in `genes` of the TFs whose targets are asked, ascending.
    mean
        (n_genes,) float32, mean log1p(CP10k) over the chosen cells; 0 where nothing was measured.
    dataset_ref, dataset_sha
        The dataset it was chosen from; ``""`` for a gene list.
    notes
        What was left out, in plain sentences.
    ids
        The Ensembl id of each gene in the user's data, as it stands there; ``""`` where it has none.
    named_tfs
        Canonical symbol and each name that the user wrote, of the TFs that were named one by one.
    lost_tfs
        TFs that are no sources, each with its reason: those that were named, and those of a list that are in the data
        and that too few cells show.
    """

    genes: tuple[str, ...]
    labels: tuple[str, ...]
    sources: tuple[int, ...]
    mean: np.ndarray
    dataset_ref: str = ""
    dataset_sha: str = ""
    notes: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    named_tfs: tuple[tuple[str, str], ...] = ()
    lost_tfs: tuple[LostTF, ...] = ()

    def __post_init__(self) -> None:
        """Give genes without an id an empty one."""
        if not self.ids:
            object.__setattr__(self, "ids", ("",) * len(self.genes))

    @property
    def source_names(self) -> tuple[str, ...]:
        """Labels of the sources."""
        return tuple(self.labels[position] for position in self.sources)

    def digest(self) -> str:
        """SHA-256 of what decides a result: genes, labels, ids, sources and means."""
        names = json.dumps([self.genes, self.labels, self.sources, self.ids])
        return hashlib.sha256(names.encode() + self.mean.astype("<f4").tobytes()).hexdigest()

    def known_to(self, vocabulary: Collection[str], *, model: str = "the model") -> GenePanel:
        """Restrict the panel to the genes that a model knows.

        Parameters
        ----------
        vocabulary
            Human symbols that the model knows.
        model
            Its title, for the note.

        Returns
        -------
        GenePanel
            The panel itself where the model knows every gene; else one with a note that counts and names what was left
            out, and with the TFs that the user had named among the lost ones.

        Raises
        ------
        GeneError
            If fewer than two genes or no TF remain.
        """
        tfs = [self.genes[position] for position in self.sources]
        label = dict(zip(self.genes, self.labels, strict=True))
        known, notes = known_genes(label, vocabulary, model=model, tfs=tfs)
        if len(known) == len(self.genes):
            return self
        kept = [position for position, gene in enumerate(self.genes) if gene in known]
        place = {position: number for number, position in enumerate(kept)}
        sources = tuple(place[position] for position in self.sources if position in place)
        if len(kept) < 2 or not sources:
            left = f"{len(kept):,} of the {len(self.genes):,} genes" if sources else "no TF"
            message = f"{model} knows {left} of the panel"
            raise GeneError(message, needed="at least 2 genes and one TF", todo="choose another model or other genes")
        genes = tuple(self.genes[position] for position in kept)
        lost = tuple(LostTF(name, "model") for symbol, name in self.named_tfs if symbol not in known)
        return replace(
            self,
            genes=genes,
            labels=tuple(self.labels[position] for position in kept),
            ids=tuple(self.ids[position] for position in kept),
            sources=sources,
            mean=self.mean[kept],
            notes=(*self.notes, *notes, *note_of_lost(lost)),
            named_tfs=tuple(pair for pair in self.named_tfs if pair[0] in known),
            lost_tfs=(*self.lost_tfs, *lost),
        )


def genes_only(
    names: Sequence[str],
    *,
    tfs: str | Iterable[str] = "auto",
    species: str | None = None,
    vocabulary: Collection[str] | None = None,
    model: str = "the model",
) -> GenePanel:
    """Make a panel from a gene list, without any measured cell (means are 0).

    Parameters
    ----------
    names
        Symbols or Ensembl ids, human or mouse.
    tfs
        As in `Dataset.panel`. A list by its name makes sources of those among the genes; TFs that are named one by one
        join the genes.
    species
        ``human`` or ``mouse``; found from the names if not given.
    vocabulary, model
        As in `Dataset.panel`.

    Returns
    -------
    GenePanel
        The genes, as canonical human symbols and as they were named, and which of them are sources: the TFs.

    Raises
    ------
    GeneError
        If no name is known, fewer than two genes or no TF remain, or more than the limits in the settings.
    """
    match = gene_tables.match_genes(names, species=species, common=True)
    check_genes(match, where="the gene list")
    choice = choose_tfs(tfs, species=match.species)
    if choice.named:
        match = gene_tables.match_genes(
            [*match.names, *(name for _, name in choice.named)], species=match.species, common=True
        )
    shown = gene_names(match.symbols, *names_in_data(match))
    labels = {symbol: name.label for symbol, name in shown.items()}
    known, notes = known_genes(labels, vocabulary, model=model, tfs=choice.symbols)
    check_known(known, labels, model=model)
    lost = choice.lost + choice.without(known, "model")
    return make_panel(known, shown, choice, lost=lost, notes=(*match.all_notes, *notes))


def check_genes(match: gene_tables.GeneMatch, *, where: str) -> None:
    """Refuse names of which not one is a known gene, and those of a species that is neither human nor mouse."""
    needed = "human or mouse gene symbols or Ensembl gene ids"
    if match.other_species and not (match.species_given and match.n_matched):
        found = f"the names in {where} are genes of {match.other_species}: {match.evidence}"
        todo = (
            "map the genes to their 1:1 human orthologs first, or name the species (human) to take them as the human "
            "genes that are spelt alike, with a warning on every result"
        )
        raise GeneError(found, needed=needed, todo=todo)
    if match.n_matched:
        return
    known = len(match.names) - match.n_unknown
    found = f"{none_of(len(match.names), 'name')} in {where} is a known gene, e.g. {examples(match.names)}"
    if known:
        found = f"{none_of(known, 'known mouse gene')} has a 1:1 human ortholog, e.g. {examples(match.names)}"
    if what := what_they_are(match.names):
        found = f"{found}; they look like {what}"
    raise GeneError(found, needed=needed, todo="put such names there, or name the species if it was taken wrongly")


def known_genes(
    labels: Mapping[str, str], vocabulary: Collection[str] | None, *, model: str, tfs: Collection[str] = ()
) -> tuple[frozenset[str], tuple[str, ...]]:
    """Return the genes that a vocabulary holds, and a note that counts and names those that it lacks.

    Parameters
    ----------
    labels
        Canonical symbol -> what it is called.
    vocabulary
        Human symbols; None holds every gene.
    model
        Whose vocabulary it is.
    tfs
        The genes that are TFs, by canonical symbol: the note names those that are lost.
    """
    known = frozenset(labels) if vocabulary is None else frozenset(labels).intersection(vocabulary)
    lost = sorted(label for symbol, label in labels.items() if symbol not in known)
    if not lost:
        return known, ()
    lost_tfs = sorted(labels[symbol] for symbol in set(tfs).intersection(labels) - known)
    count, title = f"{len(lost):,} of the {len(labels):,} genes", f"{model[:1].upper()}{model[1:]}"
    note = f"{title}{LACKS}{count}, e.g. {examples(lost)}"
    note += f"; these TFs are among them: {examples(lost_tfs, n=MOST_NAMED)}." if lost_tfs else "; no TF is among them."
    return known, (note,)


def is_of_vocabulary(note: str) -> bool:
    """Whether a note of a panel is the one of `known_genes`."""
    return LACKS in note


def check_known(known: Collection[str], labels: Mapping[str, str], *, model: str) -> None:
    """Refuse genes of which a model knows not one."""
    if labels and not known:
        message = f"{model} knows {none_of(len(labels), 'gene')}, e.g. {examples(sorted(labels.values()))}"
        raise GeneError(message, needed="genes in its vocabulary", todo="choose another model or other genes")


def make_panel(
    chosen: Iterable[str],
    names: Mapping[str, GeneName],
    choice: TFChoice,
    *,
    means: Mapping[str, float] | None = None,
    lost: tuple[LostTF, ...] = (),
    notes: tuple[str, ...] = (),
) -> GenePanel:
    """Put chosen symbols in canonical order, find the sources among them and check the limits."""
    genes = tuple(sorted(chosen))
    sources = tuple(i for i, symbol in enumerate(genes) if symbol in choice.symbols)
    check_panel(genes, sources, lost=lost)
    mean = np.array([(means or {}).get(symbol, 0.0) for symbol in genes], dtype=np.float32)
    return GenePanel(
        genes,
        unlike(genes, (names[symbol].label for symbol in genes)),
        sources,
        mean,
        ids=tuple(names[symbol].id for symbol in genes),
        notes=(*notes, *note_of_lost(lost)),
        named_tfs=tuple(pair for pair in choice.named if pair[0] in set(genes)),
        lost_tfs=lost,
    )


def check_panel(genes: Sequence[str], sources: Sequence[int], *, lost: Sequence[LostTF] = ()) -> None:
    """Refuse a panel that cannot be asked: too few genes, no source, or more than the limits in the settings."""
    limits = settings()
    if len(genes) < 2:
        message = f"only {len(genes)} usable gene is left" if genes else "no usable gene is left"
        raise GeneError(message, needed="at least 2 genes", todo="choose more genes, more cells or another model")
    if not sources:
        message = f"none of the {len(genes):,} genes is on the TF list, e.g. {examples(genes)}"
        if lost:
            listed = all(tf.reason == FEW for tf in lost)
            one, many = ("of the list",) * 2 if listed else ("that was named", "that were named")
            none = none_of(len(lost), f"TF {one}", f"TFs {many}")
            message = f"{none} can be a source: {examples([tf.words for tf in lost])}"
        raise GeneError(message, needed="at least one TF", todo="add TFs to the genes, or give a TF list of your own")
    if len(genes) > limits.max_genes:
        message = f"the panel would hold {len(genes):,} genes"
        raise DataError(message, needed=f"at most {limits.max_genes:,}", todo="choose fewer genes or set GRN_MAX_GENES")
    if len(sources) > limits.max_sources:
        message = f"the panel would hold {len(sources):,} TFs"
        raise DataError(message, needed=f"at most {limits.max_sources:,}", todo="name fewer TFs or set GRN_MAX_SOURCES")


def examples(names: Sequence[str], *, n: int = 3) -> str:
    """The first names of a list, for a message."""
    return ", ".join(names[:n]) + (" and more" if len(names) > n else "")
