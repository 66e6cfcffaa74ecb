"""What the colours of a drawing say: the sign, the community, the expression in some cells, a reference network."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from grn_core.networks.colours import (
    GROUPS,
    KNOWN,
    MISSED,
    NEUTRAL,
    SCALE,
    SIGN_COLOURS,
    UNKNOWN,
    mixed,
    on_scale,
)
from grn_core.networks.communities import communities

if TYPE_CHECKING:
    import networkx as nx

Edge = tuple[str, str]
SURE = 0.999
"""Agreement from which a sign counts as certain."""
MOST_MISSED = 300
MOST_NAMED = 2


@dataclass(frozen=True)
class Painting:
    """The colours of a drawing.

    Attributes
    ----------
    nodes
        Gene to colour; the others keep the colour of their kind.
    edges
        (source, target) to colour; the others keep that of their sign.
    faint
        Edges that are drawn faintly.
    entries
        What the legend says: (mark, colour, words); a mark is ``dot``, ``line``, ``line faint``, ``dashed`` or
        ``scale``.
    missed
        Pairs of drawn genes that are drawn as dashed lines without being edges of the network.
    reading
        How to read it, in a sentence or two.
    """

    nodes: Mapping[str, str] = field(default_factory=dict)
    edges: Mapping[Edge, str] = field(default_factory=dict)
    faint: frozenset[Edge] = frozenset()
    entries: tuple[tuple[str, str, str], ...] = ()
    missed: tuple[Edge, ...] = ()
    reading: str = ""


def by_sign(graph: nx.DiGraph[str]) -> Painting:
    """Colour edges by their sign, the greyer the fewer levels of the TF agree on it (``sign_agreement``)."""
    unsure = {
        (source, target): mixed(SIGN_COLOURS[data["sign"]], NEUTRAL, 2 * (1 - data["sign_agreement"]))
        for source, target, data in graph.edges(data=True)
        if data["sign"] and data.get("sign_agreement", 1.0) < SURE
    }
    if not unsure:
        return Painting()
    words = "The greyer an edge, the fewer levels of its TF agree on its sign."
    return Painting(edges=unsure, entries=(("line", NEUTRAL, "greyer: sign less certain"),), reading=words)


def by_community(graph: nx.DiGraph[str]) -> Painting:
    """Colour genes by their community, and edges within one alike."""
    found = communities(graph)
    colour = {gene: GROUPS[number] if number < len(GROUPS) else NEUTRAL for gene, number in found.items()}
    edges = {(a, b): colour[a] if found[a] == found[b] else NEUTRAL for a, b in graph.edges}
    entries = [
        ("dot", GROUPS[number], _named(graph, [gene for gene in found if found[gene] == number]))
        for number in range(min(len(set(found.values())), len(GROUPS)))
    ]
    if len(set(found.values())) > len(GROUPS):
        entries.append(("dot", NEUTRAL, "smaller communities"))
    words = (
        "A community (Leiden) is a group of genes with more edges among them than to others, named by its best "
        "connected genes. Grey edges lead from one to another."
    )
    return Painting(nodes=colour, edges=edges, entries=tuple(entries), reading=words)


def _named(graph: nx.DiGraph[str], genes: list[str]) -> str:
    """Name a community by its genes of the most edges, and count the others."""
    first = sorted(genes, key=lambda gene: (-graph.degree(gene), gene))[:MOST_NAMED]
    others = len(genes) - len(first)
    return ", ".join(first) + (f" + {others}" if others else "")


def by_expression(
    graph: nx.DiGraph[str], means: Mapping[str, float], *, where: str, units: str = "log1p(CP10k)"
) -> Painting:
    """Colour genes by their mean expression.

    Parameters
    ----------
    graph
        Graph of `grn_core.networks.build_graph`.
    means
        Gene to its mean over some cells; genes without one are neutral.
    where, units
        Which cells, and what their values are, in words.
    """
    known = {gene: means[gene] for gene in graph if gene in means}
    high = max(known.values(), default=0.0) or 1.0
    colour = {gene: on_scale(known[gene] / high) if gene in known else NEUTRAL for gene in graph}
    entries = (("scale", ",".join(SCALE), f"mean expression, 0 to {high:z.2g}"),)
    words = f"Colour of a gene: its mean in {where} ({units}), from 0 to the highest of the drawn genes."
    return Painting(nodes=colour, entries=entries, reading=words)


def by_reference(graph: nx.DiGraph[str], known: Collection[Edge], *, name: str) -> Painting:
    """Colour edges by whether a reference network has them, and add those that it alone has.

    Parameters
    ----------
    graph
        Graph of `grn_core.networks.build_graph`.
    known
        Edges of the reference that the run has scored, of `scored_pairs`.
    name
        Of the reference.
    """
    known = set(known)
    covered = {source for source, _ in known}
    drawn = set(graph.edges)
    edges = {edge: KNOWN if edge in known else UNKNOWN for edge in drawn}
    missed = sorted(edge for edge in known - drawn if edge[0] in graph and edge[1] in graph)
    entries = [
        ("line", KNOWN, f"known: {sum(edge in known for edge in drawn):,}"),
        ("line", UNKNOWN, f"unknown: {sum(edge not in known for edge in drawn):,}"),
        ("dashed", MISSED, f"missed: {len(missed):,}"),
    ]
    outside = sum(edge[0] not in covered for edge in drawn)
    words = (
        f"Known: {name} has the edge. Unknown: it has not, which does not say that the edge is wrong; the TFs of "
        f"{outside:,} of the drawn edges have no target in it at all. Missed: it has an edge between two drawn "
        "genes that the run ranks lower."
    )
    return Painting(edges=edges, entries=tuple(entries), missed=tuple(missed[:MOST_MISSED]), reading=words)


def scored_pairs(edges: pd.DataFrame, reference: pd.DataFrame) -> frozenset[Edge]:
    """Return the edges of a reference that a run has scored, by the labels of the run.

    Parameters
    ----------
    edges
        Of a run; its canonical symbols are looked up.
    reference
        Columns ``source`` and ``target``, canonical human symbols.
    """
    ends = [f"{end}_symbol" if f"{end}_symbol" in edges else end for end in ("source", "target")]
    some = edges[edges[ends[0]].isin(set(reference["source"])) & edges[ends[1]].isin(set(reference["target"]))]
    pairs = set(zip(reference["source"], reference["target"], strict=True))
    symbols = zip(some[ends[0]], some[ends[1]], strict=True)
    labels = zip(some["source"], some["target"], strict=True)
    return frozenset(label for label, symbol in zip(labels, symbols, strict=True) if symbol in pairs)
