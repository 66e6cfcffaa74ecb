"""GenePanel: the genes, the TFs among them and their measured means, which is all that a model is asked about."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from grn_core import genes as gene_tables
from grn_core.datasets.values import gene_moments
from grn_core.errors import DataError, GeneError
from grn_core.settings import settings

MIN_DETECTED, MIN_SHARE = 3, 0.01  # a gene must be seen in 3 cells (as scanpy asks) and in 1 % of them (as SCENIC does)
MIN_TREND = 20  # with fewer genes than this, a trend of variance over mean cannot be told from the genes themselves


@dataclass(frozen=True, eq=False)
class GenePanel:
    """Genes of one question, in canonical order.

    Attributes
    ----------
    genes
        Canonical human symbols, sorted.
    labels
        The name of each gene in the user's data, e.g. a mouse symbol; what results show.
    sources
        Positions in `genes` of the TFs whose targets are asked, ascending.
    mean
        (n_genes,) float32, mean log1p(CP10k) over the chosen cells; 0 where nothing was measured.
    dataset_ref, dataset_sha
        The dataset it was chosen from; ``""`` for a gene list.
    notes
        What was left out, in plain sentences.
    """

    genes: tuple[str, ...]
    labels: tuple[str, ...]
    sources: tuple[int, ...]
    mean: np.ndarray
    dataset_ref: str = ""
    dataset_sha: str = ""
    notes: tuple[str, ...] = ()

    @property
    def source_names(self) -> tuple[str, ...]:
        """Labels of the sources."""
        return tuple(self.labels[position] for position in self.sources)

    def digest(self) -> str:
        """SHA-256 of what decides a result: genes, labels, sources and means."""
        names = json.dumps([self.genes, self.labels, self.sources])
        return hashlib.sha256(names.encode() + self.mean.astype("<f4").tobytes()).hexdigest()

    def known_to(self, vocabulary: Collection[str], *, model: str) -> GenePanel:
        """Return the panel without the genes that a model does not know; a note counts and names them.

        Parameters
        ----------
        vocabulary
            Canonical human symbols that the model knows.
        model
            Its title, for the note.

        Returns
        -------
        GenePanel
            This panel itself where the model knows every gene.

        Raises
        ------
        GeneError
            If fewer than two genes or no TF would remain.
        """
        known = frozenset(vocabulary)
        kept = [position for position, symbol in enumerate(self.genes) if symbol in known]
        if len(kept) == len(self.genes):
            return self
        lost = sorted(label for label, symbol in zip(self.labels, self.genes, strict=True) if symbol not in known)
        tfs = sorted(self.labels[position] for position in self.sources if self.genes[position] not in known)
        note = f"{model} does not know {len(lost):,} of the {len(self.genes):,} genes, e.g. {examples(lost)}"
        note += f"; these TFs are among them: {', '.join(tfs)}." if tfs else "; no TF is among them."
        place = {old: new for new, old in enumerate(kept)}
        sources = tuple(place[position] for position in self.sources if position in place)
        if len(kept) < 2 or not sources:
            left = f"{len(kept):,} of the {len(self.genes):,} genes" if sources else "no TF"
            message = f"{model} knows {left} of the panel"
            raise GeneError(message, needed="at least 2 genes and one TF", todo="choose another model or other genes")
        genes, labels = (tuple(names[position] for position in kept) for names in (self.genes, self.labels))
        notes = (*self.notes, note)
        return replace(self, genes=genes, labels=labels, sources=sources, mean=self.mean[kept], notes=notes)


def genes_only(
    names: Sequence[str],
    *,
    tfs: str | Iterable[str] = "auto",
    species: str | None = None,
    vocabulary: Collection[str] | None = None,
) -> GenePanel:
    """Make a panel from a gene list, without any measured cell (means are 0).

    Parameters
    ----------
    names
        Symbols or Ensembl ids, human or mouse.
    tfs, vocabulary
        As in `Dataset.panel`; only genes of the list can be sources.
    species
        ``human`` or ``mouse``; found from the names if not given.

    Raises
    ------
    GeneError
        If no name is known, fewer than two genes or no TF remain, or more than the limits in the settings.
    """
    match = gene_tables.match_genes(names, species=species)
    check_genes(match, where="the gene list")
    wanted, tf_notes = tf_symbols(tfs, species=match.species)
    chosen, notes = usable_symbols(match, vocabulary)
    return make_panel(chosen, label_of(match), wanted, notes=(match.converted, *notes, *tf_notes))


def check_genes(match: gene_tables.GeneMatch, *, where: str) -> None:
    """Refuse names of which not one is a known gene."""
    if match.n_matched:
        return
    known = len(match.names) - match.n_unknown
    found = f"none of the {len(match.names):,} names in {where} is a known gene, e.g. {examples(match.names)}"
    if known:
        found = f"none of the {known:,} known mouse genes has a 1:1 human ortholog, e.g. {examples(match.names)}"
    needed = "human or mouse gene symbols or Ensembl gene ids"
    raise GeneError(found, needed=needed, todo="put such names there, or name the species if it was taken wrongly")


def tf_symbols(tfs: str | Iterable[str], *, species: str) -> tuple[frozenset[str], tuple[str, ...]]:
    """Return the canonical symbols of a TF list ("auto": the data's species, "human", "mouse" or names), and notes."""
    if isinstance(tfs, str):
        return gene_tables.human_tfs_of(species if tfs == "auto" else tfs), ()
    names = tuple(tfs)
    if not names:
        message = "the list of TFs is empty"
        raise GeneError(message, needed="at least one TF", todo="name the TFs, or choose the human or mouse list")
    match = gene_tables.match_genes(names, species=species)
    lost = f"{len(match.unmatched)} of {len(names)} given TFs are not known, e.g. {examples(match.unmatched)}."
    return frozenset(filter(None, match.symbols)), (lost,) if match.unmatched else ()


def usable_symbols(
    match: gene_tables.GeneMatch, vocabulary: Collection[str] | None
) -> tuple[frozenset[str], tuple[str, ...]]:
    """Return the symbols of a match that the vocabulary holds too, and what was lost."""
    symbols = frozenset(filter(None, match.symbols))
    if vocabulary is None:
        return symbols, ()
    known = symbols.intersection(vocabulary)
    if not known:
        message = (
            f"none of the {len(symbols):,} known genes is in the model's vocabulary, e.g. {examples(sorted(symbols))}"
        )
        raise GeneError(message, needed="genes that the model knows", todo="choose another model or other genes")
    lost = sorted(symbols - known)
    note = f"Not in the model's vocabulary: {len(lost):,} of {len(symbols):,} genes, e.g. {examples(lost)}."
    return known, (note,) if lost else ()


def label_of(match: gene_tables.GeneMatch) -> dict[str, str]:
    """Symbol -> the user's name for it; where several names share a symbol: the symbol itself, or the first by name."""
    labels: dict[str, str] = {}
    for name, symbol in sorted(zip(match.names, match.symbols, strict=True), key=lambda pair: pair[0]):
        if symbol is not None and (symbol not in labels or name == symbol):
            labels[symbol] = name
    return labels


def seen_in_enough(detected: np.ndarray, *, n_cells: int) -> np.ndarray:
    """Whether each gene is seen in at least 3 cells and 1 % of the cells; `detected` counts its cells."""
    return detected >= max(MIN_DETECTED, MIN_SHARE * n_cells)


def variable_genes(expression: sparse.csr_matrix, symbols: Sequence[str], *, n_variable: int) -> frozenset[str]:
    """Choose the genes whose variance exceeds most what their mean lets expect.

    The expected variance is a quadratic in log mean, fitted to log variance over all genes given; the excess is the
    ratio of the two, as in the standardised variance of Seurat v3. Ties go by name, so the order of columns decides
    nothing.

    Parameters
    ----------
    expression
        (cells, genes) log1p(CP10k), genes in the order of `symbols`, which must be sorted.
    n_variable
        How many; all genes that vary at all if there are fewer.
    """
    mean, variance, detected = gene_moments(expression)
    able = np.flatnonzero(seen_in_enough(detected, n_cells=expression.shape[0]) & (variance > 0))
    excess = np.log10(variance[able])
    if len(able) >= MIN_TREND:
        level = np.log10(mean[able])
        excess = excess - np.polynomial.Polynomial.fit(level, excess, 2)(level)
    order = sorted(range(len(able)), key=lambda i: (-round(float(excess[i]), 9), symbols[able[i]]))
    return frozenset(symbols[able[i]] for i in order[:n_variable])


def make_panel(
    chosen: Iterable[str],
    labels: dict[str, str],
    tfs: Collection[str],
    *,
    means: dict[str, float] | None = None,
    notes: tuple[str, ...] = (),
) -> GenePanel:
    """Put chosen symbols in canonical order, find the sources among them and check the limits."""
    genes = tuple(sorted(chosen))
    sources = tuple(i for i, symbol in enumerate(genes) if symbol in tfs)
    limits = settings()
    if len(genes) < 2:
        message = f"only {len(genes)} usable gene is left" if genes else "no usable gene is left"
        raise GeneError(message, needed="at least 2 genes", todo="choose more genes, more cells or another model")
    if not sources:
        message = f"none of the {len(genes):,} genes is on the TF list, e.g. {examples(genes)}"
        raise GeneError(message, needed="at least one TF", todo="add TFs to the genes, or give a TF list of your own")
    if len(genes) > limits.max_genes:
        message = f"the panel would hold {len(genes):,} genes"
        raise DataError(message, needed=f"at most {limits.max_genes:,}", todo="choose fewer genes or set GRN_MAX_GENES")
    if len(sources) > limits.max_sources:
        message = f"the panel would hold {len(sources):,} TFs"
        raise DataError(message, needed=f"at most {limits.max_sources:,}", todo="name fewer TFs or set GRN_MAX_SOURCES")
    mean = np.array([(means or {}).get(symbol, 0.0) for symbol in genes], dtype=np.float32)
    return GenePanel(genes, tuple(labels[symbol] for symbol in genes), sources, mean, notes=notes)


def examples(names: Sequence[str], *, n: int = 3) -> str:
    """The first names of a list, for a message."""
    return ", ".join(names[:n]) + (" and more" if len(names) > n else "")
