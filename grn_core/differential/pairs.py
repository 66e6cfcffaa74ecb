"""The pairs of a panel whose edges are compared."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Pairs:
    """The pairs of a panel: each source with every other gene.

    Attributes
    ----------
    genes
        Names, no two alike.
    sources
        Positions of the sources.
    """

    genes: tuple[str, ...]
    sources: tuple[int, ...]

    @property
    def places(self) -> tuple[np.ndarray, np.ndarray]:
        """Row (number of the source) and column (gene) of each pair in an array (sources, genes)."""
        own = np.asarray(self.sources, dtype=np.int64)
        row, target = np.nonzero(np.arange(len(self.genes))[None] != own[:, None])
        return row, target

    @property
    def ends(self) -> tuple[np.ndarray, np.ndarray]:
        """Positions of source and target of each pair in `genes`."""
        row, target = self.places
        return np.asarray(self.sources, dtype=np.int64)[row], target

    @property
    def once(self) -> np.ndarray:
        """(pairs,) bool, False for one of the two pairs of any two sources: the same edge where none has a direction.

        Names decide which, so that the order of genes changes nothing.
        """
        source, target = self.ends
        genes, is_source = np.array(self.genes), np.isin(np.arange(len(self.genes)), self.sources)
        once: np.ndarray = ~is_source[target] | (genes[source] < genes[target])
        return once
