"""Keep genes off the lines of others: A - B - C in one line would look like an edge from A to B."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

TF_CLEAR, TARGET_CLEAR = 0.3, 0.14
"""Least distance of a TF and of another gene from a line that is not its own: its largest size, and a margin."""

MOST_WORK = 25_000
"""Genes times lines up to which genes are moved; in larger drawings lines lie too close for it."""

MOST_TRIES = 80
"""Genes that are tried elsewhere, all in all: what is not mended by then is crowded."""

MOST_OWN = 12
"""Lines of a gene that is moved: with more of them it would bring as many genes into the way as it clears."""

GOLDEN = np.pi * (3 - np.sqrt(5))
STEPS = np.arange(1, 81)
SPIRAL = 0.17 * np.sqrt(STEPS)[:, None] * np.column_stack([np.cos(STEPS * GOLDEN), np.sin(STEPS * GOLDEN)])
"""Moves that are tried, the shortest first."""
MARGIN = 0.25
"""How far the drawing may grow to each side."""

FURTHEST = float(np.linalg.norm(SPIRAL[-1]))


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
    lays no label over another, and the drawing stays as large as it is but for `MARGIN`. Nothing is drawn by chance.

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
    stays = np.bincount(lines.ravel(), minlength=len(points)) > MOST_OWN
    stays |= False if held is None else held
    start, points, tries, moved = points, points.copy(), 0, True
    frame = points.min(axis=0) - MARGIN, points.max(axis=0) + MARGIN
    depth = in_the_way(points, lines, clear)
    while moved:
        moved = False
        for place in np.argsort(-depth, axis=None, kind="stable")[: np.count_nonzero(depth)]:  # the worst first
            gene, line = divmod(int(place), len(lines))
            for one in (gene, *lines[line].tolist()):
                if depth[gene, line] == 0:
                    break
                if tries == MOST_TRIES:
                    return points
                if stays[one]:
                    continue
                tries += 1
                if _move(points, one, start[one], lines=lines, clear=clear, labels=labels, reach=reach, frame=frame):
                    moved = True
                    own = (lines == one).any(axis=1)
                    depth[one] = in_the_way(points, lines, clear, genes=np.array([one]))[0]
                    depth[:, own] = in_the_way(points, lines[own], clear)
    return points


def in_the_way(
    points: np.ndarray, lines: np.ndarray, clear: np.ndarray, *, genes: np.ndarray | None = None
) -> np.ndarray:
    """Return how far each gene, or some, reaches into the way of each line, as a share of `clear`; its own: 0."""
    chosen = np.arange(len(points)) if genes is None else genes
    depth = _depth(points[chosen, None], points[lines[:, 0]], points[lines[:, 1]], clear[chosen, None])
    depth[(chosen[:, None] == lines[:, 0]) | (chosen[:, None] == lines[:, 1])] = 0
    return depth


def _depth(point: np.ndarray, a: np.ndarray, b: np.ndarray, clear: np.ndarray) -> np.ndarray:
    """Return 1 for a point on the line from `a` to `b`, down to 0 from the distance `clear` on; shapes (..., 2)."""
    x, y = point[..., 0] - a[..., 0], point[..., 1] - a[..., 1]
    along_x, along_y = b[..., 0] - a[..., 0], b[..., 1] - a[..., 1]
    share = np.clip((x * along_x + y * along_y) / np.maximum(along_x**2 + along_y**2, 1e-12), 0, 1)
    x, y = x - share * along_x, y - share * along_y
    return np.asarray(np.maximum(1 - np.sqrt(x * x + y * y) / clear, 0))


def _move(
    points: np.ndarray,
    gene: int,
    start: np.ndarray,
    *,
    lines: np.ndarray,
    clear: np.ndarray,
    labels: np.ndarray,
    reach: float,
    frame: tuple[np.ndarray, np.ndarray],
) -> bool:
    """Move one gene in place; say whether it moved."""
    own = (lines == gene).any(axis=1)
    others = np.flatnonzero(np.arange(len(points)) != gene)
    foreign, neighbours = lines[~own], lines[own].sum(axis=1) - gene
    tried = points[gene] + np.concatenate([np.zeros((1, 2)), SPIRAL])
    inside = (np.linalg.norm(tried - start, axis=1) <= reach) & ((tried >= frame[0]) & (tried <= frame[1])).all(axis=1)
    tried = tried[inside | (np.arange(len(tried)) == 0)]
    covered = _covered(tried, points[others], (labels[others] + labels[gene]) / 2)
    tried = tried[covered <= covered[0] + 1e-9]
    near = _depth(points[gene], points[foreign[:, 0]], points[foreign[:, 1]], np.array(FURTHEST + clear[gene])) > 0
    foreign = foreign[near]
    left = _depth(tried[:, None], points[foreign[:, 0]], points[foreign[:, 1]], clear[gene]).sum(axis=1)
    for end in neighbours:
        third = others[others != end]
        least, most = (
            side(points[end], ends) for side, ends in ((np.minimum, tried.min(axis=0)), (np.maximum, tried.max(axis=0)))
        )
        margin = clear[third, None]
        third = third[((points[third] > least - margin) & (points[third] < most + margin)).all(axis=1)]
        left += _depth(points[third], tried[:, None], points[end], clear[third]).sum(axis=1)
    best = int(np.argmin(left))  # of equal ones the shortest
    if left[best] > left[0] - 1e-6:
        return False
    points[gene] = tried[best]
    return True


def _covered(tried: np.ndarray, others: np.ndarray, needed: np.ndarray) -> np.ndarray:
    """Return how much of other labels a gene covers at each place that is tried."""
    near = (np.abs(tried[0] - others) < needed + FURTHEST).all(axis=1)
    overlap = np.clip(1 - np.abs(tried[:, None] - others[near]) / needed[near], 0, None)
    return np.asarray(overlap.prod(axis=-1).sum(axis=1))
