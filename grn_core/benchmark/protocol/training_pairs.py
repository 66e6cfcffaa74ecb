"""The pairs that translators are trained on: drawn of each reference, once a seed, with their labels."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from grn_core.benchmark.pairs.negatives import draw_pairs
from grn_core.benchmark.pairs.splits import Seen
from grn_core.benchmark.references.reference import Reference, restrict
from grn_core.translator.pairs import Pairs, positive_pairs

if TYPE_CHECKING:
    from torch import Tensor


class TrainingPairs:
    """Pairs of references; they are drawn when they are first asked for.

    Parameters
    ----------
    references, beside
        Training references, and those whose edges are known beside; of each what the model knows is kept.
    vocabulary
        Genes of the model.
    n_seeds, negatives, withheld
        As of `grn_core.benchmark.protocol.training.Training`.
    """

    def __init__(
        self,
        references: Sequence[Reference],
        beside: Sequence[Reference],
        *,
        vocabulary: frozenset[str],
        n_seeds: int,
        negatives: str,
        withheld: frozenset[tuple[str, str]],
    ) -> None:
        self.vocabulary, self.n_seeds, self.negatives, self.withheld = vocabulary, n_seeds, negatives, withheld
        self.references = tuple(self.known(one) for one in references)
        self.beside = tuple(self.known(one) for one in beside)

    def known(self, reference: Reference) -> Reference:
        """Keep what the model knows of a reference."""
        return restrict(reference, self.vocabulary)

    def draw(self, reference: Reference, allowed: np.ndarray, *, negatives: str) -> list[Pairs]:
        """Draw pairs of a reference, one draw a seed; `allowed` as in `draw_pairs`."""
        positives, n_genes = positive_pairs(reference.edges, reference.genes), len(reference.genes)
        return [
            draw_pairs(positives, n_genes, seed=seed, negatives=negatives, allowed=allowed)
            for seed in range(self.n_seeds)
        ]

    @cached_property
    def draws(self) -> list[list[Pairs]]:
        """Pairs that are trained on: of each reference one draw a seed."""
        return self._drawn(self.references)

    @cached_property
    def draws_beside(self) -> list[list[Pairs]]:
        """Pairs that are known beside; the same."""
        return self._drawn(self.beside)

    def _drawn(self, references: Sequence[Reference]) -> list[list[Pairs]]:
        found = []
        for reference in references:
            genes = reference.genes
            allowed = ~np.eye(len(genes), dtype=bool)
            position = {gene: index for index, gene in enumerate(genes)}
            for source, target in self.withheld:
                if source in position and target in position:
                    allowed[position[source], position[target]] = False
            found.append(self.draw(reference, allowed, negatives=self.negatives))
        return found

    @cached_property
    def seen(self) -> Seen:
        """All pairs of all draws, edges and negatives alike, of what is known beside too."""
        references, draws = (*self.references, *self.beside), [*self.draws, *self.draws_beside]
        every = [Seen.of(one.genes, own).pairs for one, own in zip(references, draws, strict=True)]
        return Seen(frozenset().union(*every))

    def labels(self, variant: str) -> list[tuple[Tensor, Tensor]]:
        """Labels and held-back pairs of every seed; permuted labels for ``shuffled``, a control that learns nothing."""
        return labels_of(self.draws, variant)


def labels_of(draws: Sequence[list[Pairs]], variant: str) -> list[tuple[Tensor, Tensor]]:
    """Labels and held-back pairs of every seed of some draws.

    Parameters
    ----------
    draws
        Of each reference one draw a seed.
    variant
        ``shuffled`` permutes the labels of each seed.

    Returns
    -------
    list
        Of each seed the labels (N,) of its pairs, one reference after the other, and which are held back (N,).
    """
    import torch

    from grn_core.translator.train import TrainingOptions, split_held_back

    found = []
    for number, own in enumerate(zip(*draws, strict=True)):
        label = torch.cat([torch.from_numpy(pairs.label) for pairs in own])
        if variant == "shuffled":
            label = label[torch.from_numpy(np.random.default_rng([0, number, 3]).permutation(len(label)))]
        found.append((label, split_held_back(len(label), TrainingOptions().held_back, seed=number)))
    return found
