"""One test reference under one split, after a training: the pairs that are asked."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path

import numpy as np

from grn_core.benchmark.features.expression import Cells
from grn_core.benchmark.pairs.negatives import BEELINE
from grn_core.benchmark.pairs.splits import allowed_pairs
from grn_core.benchmark.protocol.methods import Method
from grn_core.benchmark.protocol.training import Training
from grn_core.benchmark.references.reference import Reference
from grn_core.errors import DataError, RequestError
from grn_core.translator.pairs import Pairs, positive_pairs


def not_adapted(reference: Reference) -> str:
    """Refuse an adapted row where nothing can be adapted."""
    message = f"no model was adapted to {reference.dataset}"
    raise RequestError(message, needed="a protocol with adaptation")


class HeldOut:
    """One test; pairs and features are made when they are first asked for.

    Parameters
    ----------
    training
        What the translators are trained on.
    reference
        The test, restricted to the model's vocabulary.
    split
        One of `SPLITS`.
    negatives
        One of `NEGATIVES`.
    cells
        Measured cells of the test's dataset; None where there are none.
    measured
        Ask only pairs of genes that these cells measure: the universe of co-expression.
    corpus
        Pre-training data, for the controls that need it.
    adapted
        Returns the bench's name of the model adapted to a reference's cells.
    """

    def __init__(
        self,
        training: Training,
        reference: Reference,
        split: str = "all",
        *,
        negatives: str = "tf-restricted",
        cells: Cells | None = None,
        measured: bool = False,
        corpus: Path | None = None,
        adapted: Callable[[Reference], str] = not_adapted,
    ) -> None:
        self.training, self.reference, self.split, self.negatives = training, reference, split, negatives
        self.cells, self.measured, self.corpus, self._adapted = cells, measured, corpus, adapted

    @property
    def name(self) -> str:
        """The test in words."""
        return f"{self.reference.name}{', measured genes' if self.measured else ''}, split {self.split}"

    def variant(self, method: Method) -> str:
        """Whose features a method reads: those of the translator's network, or of it adapted to the test's cells."""
        return self._adapted(self.reference) if method.adapted else method.translator

    @cached_property
    def allowed(self) -> np.ndarray:
        """Pairs that may be asked, (genes, genes)."""
        allowed = allowed_pairs(self.reference.genes, self.training.seen, self.split)
        if self.measured:
            here = np.full(len(self.reference.genes), fill_value=False)
            if self.cells is not None:
                here = self.cells.columns(self.reference.genes) >= 0
            allowed &= here[:, None] & here[None, :]
        return allowed

    @cached_property
    def positives(self) -> np.ndarray:
        """Edges of the reference, (N, 2)."""
        return positive_pairs(self.reference.edges, self.reference.genes)

    @cached_property
    def pairs(self) -> list[Pairs]:
        """Pairs that are asked, one draw a seed; `DataError` where no edge or no negative is left."""
        draws = self.training.draw(self.reference, self.allowed, negatives=self.negatives)
        if any(one.label.all() for one in draws):
            message = "no negative is left"
            raise DataError(message, needed="at least one", todo="measure on a reference with other pairs")
        return draws[:1] * len(draws) if self.negatives == BEELINE else draws

    @cached_property
    def signs(self) -> np.ndarray | None:
        """Signs of the edges, (genes, genes): +1, -1, 0 where nothing is said; None for a reference without signs."""
        edges, genes = self.reference.edges, self.reference.genes
        if "sign" not in edges or not (edges["sign"] != 0).any():
            return None
        position = {gene: index for index, gene in enumerate(genes)}
        signs = np.zeros((len(genes), len(genes)))
        signs[edges["source"].map(position), edges["target"].map(position)] = edges["sign"]
        return signs
