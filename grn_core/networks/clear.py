"""Keep genes off the lines of others: A - B - C in one line would look like an edge from A to B."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

TF_CLEAR, TARGET_CLEAR = 0.3, 0.14
"""Least distance of a TF and of another gene from a line that is not its own: its largest size, and a margin."""

MOST_WORK = 120_000
"""Genes times lines up to which genes are moved; in larger drawings lines lie too close for it."""

MOST_TRIES = 80
"""Genes that are tried elsewhere, all in all: what is not mended by then is crowded."""

GOLDEN = np.pi * (3 - np.sqrt(5))
STEPS = np.arange(1, 161)
SPIRAL = 0.12 * np.sqrt(STEPS)[:, None] * np.column_stack([np.cos(STEPS * GOLDEN), np.sin(STEPS * GOLDEN)])
"""Moves that are tried, the shortest first."""


def off_lines(
    points: np.ndarray,
    pairs: Sequence[tuple[int, ...]],
    clear: np.ndarray,
    labels: np.ndarray,
    *,
    reach: float = 2.0,
    held: np.ndarray | None = None,
) -> np.ndarray:
    """Move genes, or the ends of lines, until no gene lies on a line that is not its own, as far as that is possible.

    Each move is the shortest that clears the gene and its own lines, or else the one that leaves least in the way; it
    lays no label over another. Nothing is drawn by chance.

    Parameters
    ----------
    points
        Positions, shape (n, 2).
    pairs
        Numbers of the two ends of each line; a gene's line to itself counts for nothing.
    clear
        Least distance of each gene from lines that are not its own, shape (n,).
    labels
        Width and height of each label, shape (n, 2).
    reach
        The furthest that a gene gets from where it was.
    held
        Which genes stay, shape (n,); none if None.

    Returns
    -------
    numpy.ndarray
        Positions, shape (n, 2); those given where there are more than `MOST_WORK` genes times lines.
    """
    lines = np.array(sorted({(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]}), dtype=np.int64)
    if not len(lines) or len(points) * len(lines) > MOST_WORK:
        return points
    start, points, tries, moved = points, points.copy(), 0, True
    while moved:
        moved = False
        depth = in_the_way(points, lines, clear)
        for place in np.argsort(-depth, axis=None, kind="stable")[: np.count_nonzero(depth)]:  # the worst first
            gene, line = divmod(int(place), len(lines))
            for one in (gene, *lines[line]):
                if in_the_way(points, lines[[line]], clear)[gene, 0] == 0:
                    break
                if tries == MOST_TRIES:
                    return points
                if held is None or not held[one]:
                    tries += 1
                    moved |= _move(points, one, start[one], lines=lines, clear=clear, labels=labels, reach=reach)
    return points


def in_the_way(points: np.ndarray, lines: np.ndarray, clear: np.ndarray) -> np.ndarray:
    """Return how far each gene reaches into the way of each line, as a share of `clear`, (n, lines); its own: 0."""
    depth = _depth(points[:, None], points[lines[:, 0]], points[lines[:, 1]], clear[:, None])
    for end in lines.T:
        depth[end, np.arange(len(lines))] = 0
    return depth


def _depth(point: np.ndarray, a: np.ndarray, b: np.ndarray, clear: np.ndarray) -> np.ndarray:
    """Return 1 for a point on the line from `a` to `b`, down to 0 from the distance `clear` on; shapes (..., 2)."""
    along = b - a
    share = ((point - a) * along).sum(axis=-1) / np.maximum((along**2).sum(axis=-1), 1e-12)
    apart = np.linalg.norm(point - a - np.clip(share, 0, 1)[..., None] * along, axis=-1)
    return np.asarray(np.clip(1 - apart / clear, 0, None))


def _move(
    points: np.ndarray,
    gene: int,
    start: np.ndarray,
    *,
    lines: np.ndarray,
    clear: np.ndarray,
    labels: np.ndarray,
    reach: float,
) -> bool:
    """Move one gene in place; say whether it moved."""
    own = (lines == gene).any(axis=1)
    others = np.flatnonzero(np.arange(len(points)) != gene)
    foreign, neighbours = lines[~own], lines[own].sum(axis=1) - gene
    tried = points[gene] + np.concatenate([np.zeros((1, 2)), SPIRAL])
    tried = tried[(np.linalg.norm(tried - start, axis=1) <= reach) | (np.arange(len(tried)) == 0)]
    covered = _covered(tried, points[others], (labels[others] + labels[gene]) / 2)
    tried = tried[covered <= covered[0] + 1e-9]
    left = _depth(tried[:, None], points[foreign[:, 0]], points[foreign[:, 1]], clear[gene]).sum(axis=1)
    for end in neighbours:
        third = others[others != end]
        left += _depth(points[third], tried[:, None], points[end], clear[third]).sum(axis=1)
    best = int(np.argmin(left))  # of equal ones the shortest
    if left[best] > left[0] - 1e-6:
        return False
    points[gene] = tried[best]
    return True


def _covered(tried: np.ndarray, others: np.ndarray, needed: np.ndarray) -> np.ndarray:
    """Return how much of other labels a gene covers at each place that is tried."""
    overlap = np.clip(1 - np.abs(tried[:, None] - others) / needed, 0, None)
    return np.asarray(overlap.prod(axis=-1).sum(axis=1))
