"""Edges that lead from a regulon: its TF is their source, and the sign in its name theirs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from grn_core.genes import match_genes, regulon
from grn_core.in_words import counted
from grn_core.networks.imports.records import EdgeList

EXAMPLES = 3


def of_regulons(edges: EdgeList) -> tuple[EdgeList, list[str]]:
    """Call sources that are regulons by their TF, where that is a known gene, and say so.

    The sign in a regulon's name is that of its edges, unless the file says their sign itself.
    """
    if edges.symbols or not len(edges):
        return edges, []
    called = {int(place): regulon(edges.names[place]) for place in np.unique(edges.source)}
    called = {place: one for place, one in called.items() if one[0] != edges.names[place].strip()}
    if not called:
        return edges, []
    found = match_genes([tf for tf, _ in called.values()])
    called = {place: one for (place, one), own in zip(called.items(), found.own_symbols, strict=True) if own}
    if not called:
        return edges, []
    names = list(edges.names)
    number = {name: place for place, name in enumerate(names)}
    source = np.arange(len(names))
    signs = np.zeros(len(names), dtype=np.int8)
    for place, (tf, sign) in called.items():
        if tf not in number:
            number[tf] = len(names)
            names.append(tf)
        source[place], signs[place] = number[tf], sign
    signed = signs[edges.source] if edges.sign is None else np.where(edges.sign == 0, signs[edges.source], edges.sign)
    some = ", ".join(f"{edges.names[place]} is {tf}" for place, (tf, _) in list(called.items())[:EXAMPLES])
    how = counted(len(called), "source is a regulon, and is", "sources are regulons, and are")
    note = f"{how} read as their TF: {some}."
    ids = (*edges.ids, *[""] * (len(names) - len(edges.names))) if edges.ids else ()
    whole = signed.astype(np.int8) if np.any(signed) else edges.sign
    return replace(edges, names=tuple(names), ids=ids, source=source[edges.source], sign=whole), [note]
