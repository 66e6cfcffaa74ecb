"""From edges as a file has them to the table of edges: genes matched, pairs once, ranked where there is an order."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from grn_core.datasets.labels import gene_names, names_in_data, unlike
from grn_core.datasets.questions import about_species
from grn_core.datasets.reading import Question
from grn_core.errors import DataError
from grn_core.genes import GeneMatch, match_genes
from grn_core.in_words import counted
from grn_core.networks.edge_table import edge_table
from grn_core.networks.gene_names import GeneNames
from grn_core.networks.imports.checks import EXAMPLES, check_numbers, check_pairs, check_sources
from grn_core.networks.imports.direction import TURNED, about_direction, turned
from grn_core.networks.imports.records import EdgeList, ScoreOffer, taken
from grn_core.networks.imports.regulons import of_regulons

LISTED = "no scores: every edge of the list counts alike"
IN_ORDER = "place in the file, from 1 for the first edge towards 0"


@dataclass(frozen=True, eq=False)
class Imported:
    """A network that was read from a file.

    Attributes
    ----------
    edges
        Table of edges, see `grn_core.networks.edge_table`; without scores all of them have the score 1.
    title
        What the format is.
    unit
        What the scores are, in words.
    scored
        Whether the file puts some edges before others.
    species
        ``human`` or ``mouse``; ``""`` where hardly any name is known.
    genes
        Names of every gene.
    notes
        What was read how, converted and left out, in sentences.
    offers
        Columns of numbers that may be the scores.
    questions
        What the file does not tell for sure; each is also among the notes.
    doubts
        What was guessed, asked or not, in sentences; each is also among the notes.
    """

    edges: pd.DataFrame
    title: str
    unit: str
    scored: bool
    species: str
    genes: GeneNames
    notes: tuple[str, ...]
    offers: tuple[ScoreOffer, ...] = ()
    questions: tuple[Question, ...] = ()
    doubts: tuple[str, ...] = ()

    @property
    def signed(self) -> bool:
        """Whether the file says activation or repression."""
        return bool((self.edges["sign"] != 0).any())


def match(
    given: EdgeList,
    *,
    title: str,
    species: str | None = None,
    ranked: bool = False,
    signed: bool = False,
    direction: str | None = None,
) -> Imported:
    """Make a table of edges of what a file has; nothing is made up.

    Parameters
    ----------
    given
        The edges.
    title
        What their format is.
    species
        As in `grn_core.genes.match_genes`.
    ranked
        Whether edges without scores stand best first.
    signed
        Whether the sign of a score is that of the edge, and its size the score; else scores count as they are.
    direction
        Whether the edges lead ``as-written`` or are ``turned``; by the TFs among both ends if not given.

    Raises
    ------
    DataError
        No edge is left.
    """
    notes = [f"Read as: {title}.", *given.notes]
    edges = given
    if direction == TURNED:
        edges = turned(edges)
        notes.append("Sources and targets change places, as asked.")
    if signed and edges.score is not None:
        own = np.sign(np.nan_to_num(edges.score)).astype(np.int8)
        edges = replace(edges, sign=own, score=np.abs(edges.score), unit=f"size of {edges.unit}")
    elif (
        edges.score is not None
        and edges.sign is None
        and (0 < (below := int((edges.score < 0).sum())) < len(edges.score))
    ):
        notes.append(
            f"{below:,} scores are below zero and rank last; if that means repression, say that they are signed."
        )
    edges, more = of_regulons(edges)
    notes += more
    edges, more = _sound(edges)
    notes += more
    genes, places, found, more = _genes(edges, species)
    questions = () if found is None else about_species(found)
    doubts = [*given.doubts]
    if found is not None and direction is None:
        asked, told = about_direction(edges, found)
        questions, notes, doubts = (*questions, *asked), [*notes, *told], [*doubts, *told]
        if asked and asked[0].guess == TURNED:
            edges = turned(edges)
    notes += (*(one.doubt for one in questions), *more)
    if found is not None and found.recognised:
        check_sources(edges, found)
        check_numbers(edges, found)
    edges = replace(edges, source=places[edges.source], target=places[edges.target])
    check_pairs(edges)
    scored = edges.score is not None and len(np.unique(edges.score)) > 1
    if edges.score is not None and not scored:
        notes.append("All edges have the same score, which puts none before another.")
    if edges.score is None and ranked:
        order = 1 - np.arange(len(edges)) / len(edges)
        edges, scored = replace(edges, score=order, unit=IN_ORDER), True
        notes.append("The file has no scores: its edges are taken to stand best first.")
    elif edges.score is None:
        edges = replace(edges, score=np.ones(len(edges)))
        notes.append("The file has no scores: no edge is put before another.")
    edges, more = _once(edges, n_genes=len(genes.symbols))
    notes += more
    if not len(edges):
        message = "no edge between two genes is left"
        raise DataError(message, needed="a source and another gene as target in each line", todo="check the columns")
    table = edge_table(
        edges.source,
        edges.target,
        np.ones(len(edges)) if edges.score is None else edges.score,
        genes=genes,
        probability=edges.probability,
        sign=edges.sign,
        sign_agreement=edges.sign_agreement,
        uncertainty=edges.uncertainty,
        directed=edges.directed,
    )
    known = found is None or found.recognised
    return Imported(
        edges=table,
        title=title,
        unit=edges.unit if scored else LISTED,
        scored=scored,
        species="" if not known else "human" if found is None else found.species,
        genes=genes,
        notes=tuple(notes),
        offers=given.offers,
        questions=questions,
        doubts=(*(one.doubt for one in questions), *doubts),
    )


def _sound(edges: EdgeList) -> tuple[EdgeList, list[str]]:
    """Leave out edges that lack an end, a score where others have one, or that lead from a gene to itself."""
    blank = edges.names.index("") if "" in edges.names else -1
    remarks = [] if edges.symbols else [place for place, name in enumerate(edges.names) if name.startswith("#")]
    reasons = {
        "begin with #, as remarks do": np.isin(edges.source, remarks),
        "lack a source or a target": (edges.source == blank) | (edges.target == blank),
        "lead from a gene to itself": edges.source == edges.target,
    }
    known = None if edges.score is None else np.isfinite(edges.score)
    if known is not None and known.any():
        reasons["have no score"] = ~known
    elif known is not None:
        edges = replace(edges, score=None)
    kept, notes = np.ones(len(edges), dtype=bool), []
    for reason, wrong in reasons.items():
        if n := int((wrong & kept).sum()):
            notes.append(f"{n:,} of {len(edges):,} edges {reason}: left out.")
            kept &= ~wrong
    return taken(edges, np.flatnonzero(kept)), notes


def _genes(edges: EdgeList, species: str | None) -> tuple[GeneNames, np.ndarray, GeneMatch | None, list[str]]:
    """Return the genes, the position among them of each name, their match, and what to say of it.

    The match is None where a table of ours has the symbols already.
    """
    if edges.symbols and all(symbol for name, symbol in zip(edges.names, edges.symbols, strict=True) if name):
        ids = edges.ids or ("",) * len(edges.names)
        return GeneNames(edges.symbols, edges.names, ids), np.arange(len(edges.names)), None, []
    used = np.unique(np.concatenate([edges.source, edges.target]))
    if not len(used):
        return GeneNames((), (), ()), np.zeros(len(edges.names), dtype=np.int64), None, []
    names = [edges.names[place] for place in used]
    found = match_genes(names, species=species)
    labels, ids = names_in_data(found)
    symbols = [symbol or label for symbol, label in zip(found.symbols, labels, strict=True)]
    called = gene_names(symbols, labels, ids)
    genes = sorted(called)
    number = {symbol: place for place, symbol in enumerate(genes)}
    places = np.zeros(len(edges.names), dtype=np.int64)
    places[used] = [number[symbol] for symbol in symbols]
    shown = unlike(genes, [called[symbol].label for symbol in genes])
    notes = list(found.all_notes) if found.recognised else ["Hardly any name is a known gene."]
    if found.unmatched:
        some = ", ".join(found.unmatched[:EXAMPLES])
        notes.append(f"{len(found.unmatched):,} of {len(names):,} genes keep the name of the file, e.g. {some}.")
    merged = len(names) - len(genes)
    if merged:
        notes.append(f"{merged:,} names mean a gene that has another name in the file, too: taken together.")
    return GeneNames(tuple(genes), shown, tuple(called[symbol].id for symbol in genes)), places, found, notes


def _once(edges: EdgeList, *, n_genes: int) -> tuple[EdgeList, list[str]]:
    """Keep the best of the edges of a pair; its sign is 0 where they contradict each other."""
    edges = taken(edges, np.flatnonzero(edges.source != edges.target))  # two names of one gene
    if edges.score is None or not len(edges):
        return edges, []
    pair = edges.source * n_genes + edges.target
    order = np.lexsort((np.arange(len(pair)), -edges.score))
    _, first, group = np.unique(pair[order], return_index=True, return_inverse=True)
    if len(first) == len(pair):
        return edges, []
    again = counted(len(pair) - len(first), "line names", "lines name")
    notes = [f"{again} a pair that is there already: the best counts."]
    best = taken(edges, np.sort(order[first]))
    if edges.sign is not None:
        up, down = (np.bincount(group, weights=edges.sign[order] == sign) > 0 for sign in (1, -1))
        signs = dict(zip(pair[order][first].tolist(), (up.astype(int) - down.astype(int)).tolist(), strict=True))
        own = (best.source * n_genes + best.target).tolist()
        best = replace(best, sign=np.array([signs[one] for one in own], dtype=np.int8))
        if both := int((up & down).sum()):
            notes.append(f"{both:,} pairs are named with both signs: they have none.")
    return best, notes
