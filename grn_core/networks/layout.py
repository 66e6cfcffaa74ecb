"""Place the genes of a network on a plane: on the server, the same every time."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

import numpy as np

from grn_core.networks.clear import GOLDEN, TARGET_CLEAR, TF_CLEAR, off_lines

if TYPE_CHECKING:
    import networkx as nx

ASPECT = 1.0
"""Width of the packed drawing divided by its height, where nothing else is asked."""

TF_LABEL, TARGET_LABEL = (0.85, 0.4), (0.6, 0.36)
"""Width and height that a TF's box and another gene's dot with its name take up, in the units of the positions."""

ROOM = 2.5
"""A component gets at least this many times the area of its labels before they are pushed apart."""

KEPT = 0.6
"""Share of the genes that must have a place in another drawing for that drawing to be kept."""

STRETCHES = tuple(np.linspace(0.7, 2.0, 27))
"""Widths of the shelves that are tried, as shares of the width that the areas of the components ask for."""

WIDEST = 1.6
"""The most that a component is drawn out along its longer axis, so that it fills a wide canvas."""

GAP = 1.0
"""Distance between components, in units of the typical distance between neighbours."""


def layout(
    graph: nx.DiGraph[str],
    *,
    seed: int = 0,
    aspect: float = ASPECT,
    anchors: Mapping[str, tuple[float, float]] | None = None,
) -> dict[str, tuple[float, float]]:
    """Lay out every connected component by itself and pack them, the largest first.

    Springs between all genes of a component, as long as the path between them (Kamada and Kawai, in igraph), place it
    compactly, from a start drawn with `seed` for the genes in alphabetical order: neither the order of nodes nor that
    of edges changes the result.

    Parameters
    ----------
    graph
        Any directed graph; directions do not matter here.
    seed
        Seed of the starting positions.
    aspect
        Width of the drawing divided by its height.
    anchors
        Places of genes in another drawing of the same run. Where they name most of the genes, these keep their places,
        and the others are put beside their neighbours: what is filtered away or brought in moves nothing.

    Returns
    -------
    dict
        Gene to (x, y). Neighbours are about 1 apart, or more where labels need it; the drawing is centred on (0, 0).
    """
    if anchors is not None and len(anchors.keys() & graph.nodes) >= KEPT * len(graph):
        return _beside(graph, anchors)
    import networkx as nx

    components = [sorted(part) for part in nx.weakly_connected_components(graph)]
    components.sort(key=lambda part: (-len(part), part[0]))
    generator = np.random.default_rng(seed)
    places = pack([_forces(graph.subgraph(part), part, generator, aspect) for part in components], aspect=aspect)
    return {
        gene: (float(x), float(y))
        for part, points in zip(components, places, strict=True)
        for gene, (x, y) in zip(part, points, strict=True)
    }


def _forces(graph: nx.DiGraph[str], genes: list[str], generator: np.random.Generator, aspect: float) -> np.ndarray:
    """Return (n, 2) positions of one connected component, its lower left corner at (0, 0)."""
    import igraph

    start = generator.standard_normal((len(genes), 2)) * np.sqrt(len(genes))
    if len(genes) == 1:
        return np.zeros((1, 2))
    index = {gene: place for place, gene in enumerate(genes)}
    pairs = sorted({tuple(sorted((index[a], index[b]))) for a, b in graph.edges if a != b})
    drawn = igraph.Graph(n=len(genes), edges=pairs)
    points = np.asarray(drawn.layout_kamada_kawai(seed=start.tolist()).coords)
    lengths = np.linalg.norm(points[[a for a, _ in pairs]] - points[[b for _, b in pairs]], axis=1)
    labels, clear = _room(graph, genes)
    points = _turn_flat(points / max(float(np.median(lengths)), 1e-9))
    wide, high = np.ptp(points, axis=0)
    points[:, 0] *= min(max(aspect * high / max(wide, 1e-9), 1.0), WIDEST)
    points = _separate(points, labels)
    points = off_lines(points, pairs, clear=clear, labels=labels)
    return np.asarray(points - points.min(axis=0))


def _separate(points: np.ndarray, labels: np.ndarray, *, rounds: int = 200) -> np.ndarray:
    """Spread genes until their labels hardly overlap, each pair along the axis that needs the smaller move.

    Parameters
    ----------
    points
        Positions, shape (n, 2).
    labels
        Width and height of each label, shape (n, 2).
    rounds
        Most rounds of pushing.
    """
    from scipy.spatial import cKDTree

    area = float(np.prod(np.ptp(points, axis=0) + labels.mean(axis=0)))
    points = points * max(1.0, np.sqrt(ROOM * float(labels.prod(axis=1).sum()) / area))
    reach = float(np.linalg.norm(labels.max(axis=0)))
    for _ in range(rounds):
        one, other = cKDTree(points).query_pairs(reach, output_type="ndarray").T
        apart = points[one] - points[other]
        needed = (labels[one] + labels[other]) / 2
        overlap = needed - np.abs(apart)
        touching = (overlap > 0.02).all(axis=1)
        if not touching.any():
            break
        along_x = overlap[:, 0] / needed[:, 0] < overlap[:, 1] / needed[:, 1]
        chosen = touching[:, None] & np.column_stack([along_x, ~along_x])
        push = np.where(chosen, np.copysign(overlap, apart), 0) * 0.3
        np.add.at(points, one, push)
        np.subtract.at(points, other, push)
    return points


def _turn_flat(points: np.ndarray) -> np.ndarray:
    """Turn the longest extent of `points` to lie along x, with a fixed handedness."""
    centred = points - points.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    turned: np.ndarray = centred @ axes.T
    turned *= np.where(turned[0] < 0, -1.0, 1.0)
    return turned


def _beside(graph: nx.DiGraph[str], anchors: Mapping[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
    """Keep the places of the genes that have one, and put each of the others near its neighbours, on free ground."""
    import networkx as nx

    places = {gene: anchors[gene] for gene in sorted(graph) if gene in anchors}
    waiting = [gene for gene in sorted(graph) if gene not in places]
    while waiting:
        around = {
            gene: [places[other] for other in sorted(nx.all_neighbors(graph, gene)) if other in places]
            for gene in waiting
        }
        gene = max(waiting, key=lambda one: (len(around[one]), -waiting.index(one)))
        corner = np.array(list(places.values())).min(axis=0)
        wished = np.mean(around[gene], axis=0) if around[gene] else corner - 1.0
        places[gene] = _free(wished, np.array(list(places.values())))
        waiting.remove(gene)
    return cleared(graph, places, held=anchors.keys())


def cleared(
    graph: nx.DiGraph[str],
    places: Mapping[str, tuple[float, float]],
    *,
    held: Collection[str] = (),
    reach: float = 2.0,
) -> dict[str, tuple[float, float]]:
    """Bring genes off the lines of others, see `grn_core.networks.clear.off_lines`; those in `held` stay."""
    genes = sorted(graph)
    index = {gene: place for place, gene in enumerate(genes)}
    labels, clear = _room(graph, genes)
    points = off_lines(
        np.array([places[gene] for gene in genes]).reshape(-1, 2),
        [(index[a], index[b]) for a, b in graph.edges],
        clear=clear,
        labels=labels,
        reach=reach,
        held=np.array([gene in held for gene in genes], dtype=bool),
    )
    return {gene: (float(x), float(y)) for gene, (x, y) in zip(genes, points, strict=True)}


def _room(graph: nx.DiGraph[str], genes: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return width and height of each gene's label, (n, 2), and how far foreign lines are to stay away, (n,)."""
    is_tf = np.array([bool(graph.nodes[gene].get("is_tf")) for gene in genes], dtype=bool)
    return np.where(is_tf[:, None], TF_LABEL, TARGET_LABEL), np.where(is_tf, TF_CLEAR, TARGET_CLEAR)


def _free(wished: np.ndarray, taken: np.ndarray) -> tuple[float, float]:
    """Return the free place that is nearest to a wished one, on a spiral around it."""
    for step in range(1, 4000):
        angle, radius = step * GOLDEN, 0.35 * np.sqrt(step)
        place = wished + radius * np.array([np.cos(angle), np.sin(angle)])
        if not (np.abs(taken - place) < TARGET_LABEL).all(axis=1).any():
            break
    return float(place[0]), float(place[1])


def pack(parts: list[np.ndarray], *, aspect: float = ASPECT) -> list[np.ndarray]:
    """Put components on shelves, from the top left, and centre the whole.

    Parameters
    ----------
    parts
        Positions of the genes of each component, shape (genes, 2), the lower left corner at (0, 0).
    aspect
        Width of the whole divided by its height.
    """
    if not parts:
        return []
    sizes = [part.max(axis=0) + GAP for part in parts]
    area = float(np.sqrt(aspect * sum(w * h for w, h in sizes)))
    tried = [_shelves(parts, sizes, max(area * stretch, *(w for w, _ in sizes))) for stretch in STRETCHES]
    placed = min(tried, key=lambda found: _needed(found, aspect))
    corner = np.concatenate(placed)
    middle = (corner.min(axis=0) + corner.max(axis=0)) / 2
    return [part - middle for part in placed]


def _needed(placed: list[np.ndarray], aspect: float) -> float:
    """Return the height of a canvas of `aspect` that holds everything; of equal ones the first is taken."""
    wide, high = np.ptp(np.concatenate(placed), axis=0)
    return round(max(float(wide) / aspect, float(high)), 6)


def _shelves(parts: list[np.ndarray], sizes: list[np.ndarray], width: float) -> list[np.ndarray]:
    """Put components beside each other up to a width, then on the next shelf below."""
    placed, x, y, shelf = [], 0.0, 0.0, 0.0
    for part, (w, h) in zip(parts, sizes, strict=True):
        if x > 0 and x + w > width * 1.05:
            x, y, shelf = 0.0, y + shelf, 0.0
        placed.append(part + np.array([x, -y - float(part[:, 1].max())]))
        x, shelf = x + w, max(shelf, h)
    return placed
