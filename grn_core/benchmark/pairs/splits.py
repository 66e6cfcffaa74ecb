"""Which pairs of a test reference may be asked, given what a translator has seen in training."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from grn_core.errors import RequestError
from grn_core.translator.pairs import Pairs

SPLITS = {
    "all": "pairs of the training set left out",
    "unseen-target": "only targets that are in no training pair",
    "unseen-both": "only TFs and targets that are in no training pair",
    "kept": "pairs of the training set kept",
}
STRICT = ("all", "unseen-target", "unseen-both")
"""Those that ask no training pair."""


@dataclass(frozen=True)
class Seen:
    """What training has shown: (source, target) symbols of every pair, edges and negatives alike."""

    pairs: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, genes: Sequence[str], draws: Iterable[Pairs]) -> Seen:
        """Gather the pairs of several draws (`Pairs`) over one gene list."""
        return cls(
            frozenset(
                (genes[source], genes[target])
                for pairs in draws
                for source, target in zip(pairs.source, pairs.target, strict=True)
            )
        )

    @cached_property
    def genes(self) -> frozenset[str]:
        """Genes that are in a pair, at either end."""
        return frozenset(gene for pair in self.pairs for gene in pair)


def allowed_pairs(genes: Sequence[str], seen: Seen, split: str) -> np.ndarray:
    """Which ordered pairs of a gene list a split may ask.

    Parameters
    ----------
    genes
        L genes of the test reference.
    seen
        What training has shown.
    split
        ``all``: every pair that is not itself a training pair. ``unseen-target``: the target is in no training pair, at
        either end. ``unseen-both``: nor is the source. ``kept``: every pair, training pairs too.

    Returns
    -------
    ndarray
        (L, L) bool, row = source, column = target; never a gene with itself.

    Raises
    ------
    RequestError
        If there is no such split.
    """
    if split not in SPLITS:
        message = f"there is no split {split!r}"
        raise RequestError(message, needed=f"one of {', '.join(SPLITS)}")
    new = np.array([gene not in seen.genes for gene in genes], dtype=bool)
    allowed = ~np.eye(len(genes), dtype=bool)
    if split == "kept":
        return allowed
    if split == "all":
        position = {gene: index for index, gene in enumerate(genes)}
        for source, target in seen.pairs:
            if source in position and target in position:
                allowed[position[source], position[target]] = False
        return allowed
    allowed &= new[None, :]
    return allowed & new[:, None] if split == "unseen-both" else allowed
