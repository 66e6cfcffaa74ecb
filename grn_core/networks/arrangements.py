"""The ways in which the genes of a network are placed: one function and one record each, the same every time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from grn_core.networks.communities import communities
from grn_core.networks.layout import ASPECT, TARGET_LABEL, TF_LABEL, cleared, layout, pack

if TYPE_CHECKING:
    import networkx as nx

Positions = dict[str, tuple[float, float]]
SWEEPS = 8
"""Rounds in which genes are moved towards the middle of their neighbours."""

SIDEWAYS = 0.5
"""The furthest that a gene leaves its row or circle to lie off the lines of others."""


@dataclass(frozen=True)
class Arrangement:
    """A way to place genes.

    Attributes
    ----------
    name
        What it is asked for by.
    title
        For menus.
    place
        ``place(graph, aspect=..., seed=...) -> positions``.
    """

    name: str
    title: str
    place: Callable[..., Positions] = field(repr=False)


def layered(graph: nx.DiGraph[str], *, aspect: float = ASPECT, seed: int = 0) -> Positions:  # noqa: ARG001 - draws nothing
    """Place TFs above the genes that they act on, each near the middle of its neighbours (barycentres).

    Parameters
    ----------
    graph
        Graph of `grn_core.networks.build_graph`.
    aspect
        Width of the drawing divided by its height.
    seed
        Of no effect: nothing is drawn by chance.
    """
    tfs = sorted(gene for gene in graph if graph.nodes[gene].get("is_tf") and graph.out_degree(gene))
    others = sorted(set(graph) - set(tfs))
    spot = {gene: place / max(len(part) - 1, 1) for part in (tfs, others) for place, gene in enumerate(part)}
    for _ in range(SWEEPS):
        for part in (others, tfs):
            middle = {gene: _middle(graph, gene, spot) for gene in part}
            part.sort(key=lambda gene: (middle[gene], gene))
            spot |= {gene: place / max(len(part) - 1, 1) for place, gene in enumerate(part)}
    area = len(tfs) * TF_LABEL[0] + len(others) * TARGET_LABEL[0]
    width = max(np.sqrt(aspect * area * 1.2), 1.0)
    places: Positions = {}
    depth = 0.0
    for part, (wide, high) in ((tfs, TF_LABEL), (others, TARGET_LABEL)):
        n_rows = max(1, round(len(part) * wide / width))
        for place, gene in enumerate(part):
            row = place % n_rows
            x = (place + 0.5) / len(part) * max(width, np.ceil(len(part) / n_rows) * wide)
            places[gene] = (float(x), -(depth + row * high * 1.4))
        depth += n_rows * high * 1.4 + max(width / aspect * 0.25, 1.0)
    return _centred(cleared(graph, places, reach=SIDEWAYS))


def _middle(graph: nx.DiGraph[str], gene: str, spot: Mapping[str, float]) -> float:
    """Return the mean place of a gene's neighbours; its own where it has none."""
    around = [spot[other] for other in sorted({*graph.successors(gene), *graph.predecessors(gene)} - {gene})]
    return float(np.mean(around)) if around else spot[gene]


def circles(graph: nx.DiGraph[str], *, aspect: float = ASPECT, seed: int = 0) -> Positions:
    """Place each community on a circle of its own, TFs first, the largest community first.

    Parameters
    ----------
    graph
        Graph of `grn_core.networks.build_graph`.
    aspect
        Width of the drawing divided by its height.
    seed
        Of `grn_core.networks.communities.communities`.
    """
    groups: dict[int, list[str]] = {}
    for gene, number in communities(graph, seed=seed).items():
        groups.setdefault(number, []).append(gene)
    parts, names = [], []
    for number in sorted(groups):
        genes = sorted(groups[number], key=lambda gene: (not graph.nodes[gene].get("is_tf"), gene))
        radius = max(len(genes) * TARGET_LABEL[0] / (2 * np.pi), 0.5 if len(genes) > 1 else 0.0)
        turn = np.pi / 2 - 2 * np.pi * np.arange(len(genes)) / len(genes)
        points = radius * np.column_stack([np.cos(turn), np.sin(turn)])
        parts.append(points - points.min(axis=0))
        names.append(genes)
    packed = pack(parts, aspect=aspect)
    places = {
        gene: (float(x), float(y))
        for genes, points in zip(names, packed, strict=True)
        for gene, (x, y) in zip(genes, points, strict=True)
    }
    return _centred(cleared(graph, places, reach=SIDEWAYS))


def _centred(places: Positions) -> Positions:
    if not places:
        return places
    points = np.array(list(places.values()))
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    return {gene: (float(x - middle[0]), float(y - middle[1])) for gene, (x, y) in places.items()}


ARRANGEMENTS = {
    record.name: record
    for record in (
        Arrangement("force", "Force: tied genes lie close", layout),
        Arrangement("layered", "Layers: TFs above their targets", layered),
        Arrangement("circles", "Circles: one for each community", circles),
    )
}
