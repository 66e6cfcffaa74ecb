"""Positive and negative TF-target pairs of a reference network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from grn_core.errors import DataError

UNIVERSES = ("tf-restricted", "all-pairs")


@dataclass(frozen=True)
class Pairs:
    """Labelled pairs over a gene list.

    Attributes
    ----------
    source, target
        Positions in the gene list (N,).
    label
        1 = edge of the reference, 0 = not (N,).
    universe
        Where negatives come from: ``tf-restricted`` or ``all-pairs``.
    """

    source: np.ndarray
    target: np.ndarray
    label: np.ndarray
    universe: str

    def __len__(self) -> int:
        return len(self.label)

    def describe(self) -> dict[str, float]:
        """The universe in numbers: sources, targets, positives, prevalence."""
        return {
            "n_sources": len(np.unique(self.source)),
            "n_targets": len(np.unique(self.target)),
            "n_positives": int(self.label.sum()),
            "prevalence": float(self.label.mean()),
        }

    def take(self, rows: np.ndarray) -> Pairs:
        """A subset, by mask or row numbers."""
        return Pairs(self.source[rows], self.target[rows], self.label[rows], self.universe)


def positive_pairs(edges: pd.DataFrame, genes: Sequence[str]) -> np.ndarray:
    """Edges of a reference as positions in `genes`.

    Parameters
    ----------
    edges
        Columns ``source`` and ``target``, gene names.
    genes
        Gene list; edges with an end outside of it, self loops and duplicates are dropped.

    Returns
    -------
    ndarray
        (N, 2) source and target, sorted.
    """
    position = {gene: index for index, gene in enumerate(genes)}
    source, target = edges["source"].map(position), edges["target"].map(position)
    keep = source.notna() & target.notna() & (source != target)
    pairs = np.stack([source[keep], target[keep]], axis=1).astype(np.int64)
    return np.unique(pairs, axis=0)


def sample_pairs(
    positives: np.ndarray,
    n_genes: int,
    *,
    seed: int,
    universe: str = "tf-restricted",
    ratio: float = 1.0,
    seen: np.ndarray | None = None,
) -> Pairs:
    """All positives and, per positive, `ratio` negatives drawn uniformly.

    Parameters
    ----------
    positives
        (N, 2) from `positive_pairs`.
    n_genes
        Length of the gene list.
    seed
        Decides the negatives.
    universe
        ``tf-restricted``: negatives from (sources that have an edge) x (all genes) minus positives and self pairs;
        ``all-pairs``: both ends from all genes (far easier: telling a TF from another gene already scores).
    ratio
        Negatives per positive; fewer if the universe holds fewer.
    seen
        (N, 2) pairs that are neither positives nor negatives here, e.g. those a translator was trained on.

    Returns
    -------
    Pairs
        Positives first.

    Raises
    ------
    DataError
        If there is no positive pair, or none but those of `seen`.
    """
    sources = np.unique(positives[:, 0]) if universe == "tf-restricted" else np.arange(n_genes)
    edges = positives
    if seen is not None and len(seen):
        positives = positives[~np.isin(_codes(positives, n_genes), _codes(seen, n_genes))]
    if len(edges) == 0:
        message = "the reference has no edge between genes of the list"
        raise DataError(message, needed="at least one", todo="check the species and the names of the reference")
    if len(positives) == 0:
        message = "every edge of the reference is among the pairs seen before"
        raise DataError(message, needed="at least one other", todo="measure on a reference with other edges")
    if universe not in UNIVERSES:
        message = f"universe {universe!r} is not known"
        raise DataError(message, needed=" or ".join(UNIVERSES))
    free = np.ones((len(sources), n_genes), dtype=bool)
    for taken in (edges,) if seen is None else (edges, seen[np.isin(seen[:, 0], sources)]):
        free[np.searchsorted(sources, taken[:, 0]), taken[:, 1]] = False
    free[np.arange(len(sources)), sources] = False
    pool = np.flatnonzero(free)
    n_negatives = min(len(pool), round(ratio * len(positives)))
    drawn = np.random.default_rng(seed).choice(pool, n_negatives, replace=False)
    negatives = np.stack([sources[drawn // n_genes], drawn % n_genes], axis=1)
    both = np.concatenate([positives, negatives])
    label = np.concatenate([np.ones(len(positives)), np.zeros(len(negatives))])
    return Pairs(both[:, 0], both[:, 1], label.astype(np.float32), universe)


def _codes(pairs: np.ndarray, n_genes: int) -> np.ndarray:
    codes: np.ndarray = pairs[:, 0] * n_genes + pairs[:, 1]
    return codes
