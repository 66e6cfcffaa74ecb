"""Which end of an edge is the TF, where the names of the columns do not say it or the genes speak against them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from grn_core.datasets.questions import question_of
from grn_core.datasets.reading import Candidate, Question
from grn_core.errors import DataError
from grn_core.genes import GeneMatch, default_tf_list, human_tfs_of, match_genes
from grn_core.networks.imports.records import EdgeList

AS_WRITTEN, TURNED = "as-written", "turned"
DIRECTIONS = (AS_WRITTEN, TURNED)
MANY, CLEARLY = 0.5, 2
"""Share of TFs that makes an end look like that of the TFs, and how many times that of the other end it is."""


def turned(edges: EdgeList) -> EdgeList:
    """Return edges that lead the other way."""
    return replace(edges, source=edges.target, target=edges.source)


def about_direction(edges: EdgeList, found: GeneMatch) -> tuple[tuple[Question, ...], list[str]]:
    """Ask which way edges lead where it cannot be told, and say how it was told where only the genes tell it.

    It is asked where clearly more of the targets than of the sources are TFs, whatever the file calls them; and where
    the names of the columns do not say which is which, and the genes do not either.

    Parameters
    ----------
    edges
        As a file has them.
    found
        Its names, matched.
    """
    if not edges.directed or not found.recognised or edges.symbols:
        return (), []
    tfs = human_tfs_of(default_tf_list(found.species))
    symbol = {name: one for name, one in zip(found.names, found.symbols, strict=True) if one}
    ends = [
        {symbol[name] for place in np.unique(end) if (name := edges.names[place]) in symbol}
        for end in (edges.source, edges.target)
    ]
    if not all(ends):
        return (), []
    held = [len(end & tfs) for end in ends]
    source, target = (n / len(end) for n, end in zip(held, ends, strict=True))
    shares = f"{held[0]:,} of {len(ends[0]):,} sources and {held[1]:,} of {len(ends[1]):,} targets are known TFs"
    called = "the columns have no names" if edges.ends and edges.ends[0].isdigit() else "no column is called a source"
    if target >= MANY and target >= CLEARLY * source:
        guess = TURNED if edges.ends else AS_WRITTEN
        why = f"as the file has it, {shares}"
    elif not edges.ends:
        return (), []
    elif (source >= MANY and source >= CLEARLY * target) or edges.ends[0].isdigit():
        note = f"{called[0].upper()}{called[1:]}: the column {edges.ends[0]!r} is taken for the TFs; {shares}."
        return (), [note]
    else:
        guess, why = AS_WRITTEN, f"{called}, and {shares}"
    n = len(ends[0] | ends[1])
    first, second = edges.ends or ("source", "target")
    candidates = (
        Candidate(AS_WRITTEN, f"from {first} to {second}, as written", held[0], n),
        Candidate(TURNED, f"from {second} to {first}, turned round", held[1], n),
    )
    return question_of("direction", "which end of an edge is the TF", why=why, guess=guess, candidates=candidates), []


def refuse_turned(edges: EdgeList, *, title: str) -> None:
    """Refuse a reference network whose direction is open.

    Raises
    ------
    DataError
        Its edges may lead from targets to TFs.
    """
    names = [edges.names[place] for place in np.unique(np.concatenate([edges.source, edges.target]))]
    asked, _ = about_direction(edges, match_genes(names)) if names else ((), [])
    if asked:
        message = f"it cannot be told of {title} which end of an edge is the TF: {asked[0].why}"
        raise DataError(message, needed="TFs as sources", todo="call the columns source and target, TFs first")
