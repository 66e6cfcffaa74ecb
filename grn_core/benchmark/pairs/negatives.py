"""Edges of a reference and its negatives: as many drawn uniformly or matched on in-degree, or every ordered pair."""

from __future__ import annotations

import numpy as np

from grn_core.errors import DataError, RequestError
from grn_core.translator.pairs import UNIVERSES, Pairs, sample_pairs

DEGREE_MATCHED = "degree-matched"
BEELINE = "beeline"
NEGATIVES = (*UNIVERSES, DEGREE_MATCHED, BEELINE)


def draw_pairs(
    positives: np.ndarray, n_genes: int, *, seed: int, negatives: str = "tf-restricted", allowed: np.ndarray
) -> Pairs:
    """Draw labelled pairs of one reference.

    Parameters
    ----------
    positives
        (N, 2) edges, from `positive_pairs`.
    n_genes
        Length L of the gene list.
    seed
        Decides the draw.
    negatives
        ``tf-restricted`` and ``all-pairs`` as in `sample_pairs`; ``degree-matched`` as in `degree_matched`; ``beeline``
        as in `every_pair`, the same for every seed.
    allowed
        (L, L) bool, row = source: the pairs that may be drawn, edges and negatives, from `allowed_pairs`.

    Raises
    ------
    RequestError
        If there is no such kind of negatives.
    DataError
        If no edge may be drawn.
    """
    if negatives not in NEGATIVES:
        message = f"negatives {negatives!r} are not known"
        raise RequestError(message, needed=f"one of {', '.join(NEGATIVES)}")
    if negatives == DEGREE_MATCHED:
        return degree_matched(positives, n_genes, seed=seed, allowed=allowed)
    if negatives == BEELINE:
        return every_pair(positives, n_genes, allowed=allowed)
    return sample_pairs(positives, n_genes, seed=seed, universe=negatives, seen=np.argwhere(~allowed))


def degree_matched(positives: np.ndarray, n_genes: int, *, seed: int, allowed: np.ndarray) -> Pairs:
    """Draw, for every target, as many negatives as it has edges, so that which gene is the target says nothing.

    The sources of negatives are those that have an edge. Where a target has more edges than there are sources free to
    be its negatives, as many of its edges are drawn as there are of these.

    Parameters
    ----------
    positives, n_genes, seed, allowed
        As in `draw_pairs`.

    Returns
    -------
    Pairs
        Edges first; every target is in as many edges as negatives.

    Raises
    ------
    DataError
        If no target has both an edge and a negative that may be drawn.
    """
    is_edge = np.zeros((n_genes, n_genes), dtype=bool)
    is_edge[positives[:, 0], positives[:, 1]] = True
    sources = np.unique(positives[:, 0])
    usable = allowed & ~np.eye(n_genes, dtype=bool)
    edges, free = usable[sources] & is_edge[sources], usable[sources] & ~is_edge[sources]
    rng = np.random.default_rng([seed, 11])
    drawn: tuple[list[np.ndarray], list[np.ndarray]] = ([], [])
    for target in np.flatnonzero(edges.any(0) & free.any(0)):
        n_pairs = min(edges[:, target].sum(), free[:, target].sum())
        for taken, members in zip(drawn, (edges[:, target], free[:, target]), strict=True):
            own = np.sort(rng.choice(sources[members], n_pairs, replace=False))
            taken.append(np.stack([own, np.full(n_pairs, target)], axis=1))
    if not drawn[0]:
        message = "no target has both an edge and a negative among the pairs that may be asked"
        raise DataError(message, needed="at least one", todo="choose another reference or split, or uniform negatives")
    both = np.concatenate([*drawn[0], *drawn[1]])
    label = np.repeat(np.array([1.0, 0.0], dtype=np.float32), len(both) // 2)
    return Pairs(both[:, 0], both[:, 1], label, DEGREE_MATCHED)


def every_pair(positives: np.ndarray, n_genes: int, *, allowed: np.ndarray) -> Pairs:
    """Every ordered pair of two different genes that have an edge, as BEELINE measures (Pratapa et al. 2020).

    Parameters
    ----------
    positives, n_genes, allowed
        As in `draw_pairs`.

    Raises
    ------
    DataError
        If no edge may be asked.
    """
    ends = np.zeros(n_genes, dtype=bool)
    ends[positives.ravel()] = True
    is_edge = np.zeros((n_genes, n_genes), dtype=bool)
    is_edge[positives[:, 0], positives[:, 1]] = True
    source, target = np.nonzero(allowed & ~np.eye(n_genes, dtype=bool) & ends[:, None] & ends[None, :])
    label = is_edge[source, target].astype(np.float32)
    if not label.any():
        message = "no edge is among the pairs that may be asked"
        raise DataError(message, needed="at least one", todo="choose another reference or split")
    return Pairs(source, target, label, BEELINE)


def natural_prevalence(positives: np.ndarray, n_genes: int, *, negatives: str, allowed: np.ndarray) -> float | None:
    """Share of edges among all pairs that negatives are drawn from, edges included; None where not uniform.

    Parameters
    ----------
    positives, n_genes, negatives, allowed
        As in `draw_pairs`.
    """
    if negatives in (DEGREE_MATCHED, BEELINE):
        return None
    sources = np.unique(positives[:, 0]) if negatives == "tf-restricted" else np.arange(n_genes)
    universe = allowed[sources].sum() - allowed[sources, sources].sum()
    return float(allowed[positives[:, 0], positives[:, 1]].sum() / universe) if universe else None
