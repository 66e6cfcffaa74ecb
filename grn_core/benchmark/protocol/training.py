"""Translators of all features, trained on one or more references put together: the one place that trains them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from grn_core.benchmark.features.bench import Bench
from grn_core.benchmark.features.expression import Cells
from grn_core.benchmark.protocol.methods import Method
from grn_core.benchmark.protocol.training_pairs import TrainingPairs, labels_of
from grn_core.benchmark.references.reference import Reference
from grn_core.errors import RequestError
from grn_core.extractors import EXTRACTORS
from grn_core.extractors.registry import is_term
from grn_core.progress import beside
from grn_core.translator.pairs import Pairs

if TYPE_CHECKING:
    from torch import Tensor

    from grn_core.benchmark.references.leakage import TrainedOn
    from grn_core.translator.terms import Network
    from grn_core.translator.train import TrainingSet

PAIRS_AT_ONCE = 50_000


class Training(TrainingPairs):
    """What was trained on; each part is made when it is first asked for.

    Parameters
    ----------
    references
        Training references, put together; of each what the model knows is kept.
    bench
        The model and its features.
    n_seeds
        Draws of negatives, initial weights and orders of the training pairs.
    readout
        Output of the model that is read; its default if None.
    negatives
        How negatives are drawn, see `draw_pairs`.
    beside
        References that are known beside (`grn_core.translator.beside`): they take part in what is said of known edges
        and of each gene, and in nothing else.
    withheld
        Pairs (source, target) that are not trained on.
    cells
        Measured cells of a reference's dataset, for features that read the mean cell.
    n_trained
        How many translators will be trained, of an extractor and a variant each, as far as that is known: progress is
        told of so many.
    """

    def __init__(
        self,
        references: Sequence[Reference],
        bench: Bench,
        *,
        n_seeds: int,
        readout: str | None = None,
        negatives: str = "tf-restricted",
        beside: Sequence[Reference] = (),
        withheld: frozenset[tuple[str, str]] = frozenset(),
        cells: Callable[[Reference], Cells | None] = lambda _: None,
        n_trained: int = 1,
    ) -> None:
        super().__init__(
            references,
            beside,
            vocabulary=frozenset(bench.model.vocabulary),
            n_seeds=n_seeds,
            negatives=negatives,
            withheld=withheld,
        )
        record = bench.model.record
        self.bench, self.cells, self._n_trained = bench, cells, n_trained
        self.readout = readout or record.default_readout
        if self.readout not in record.readouts:
            message = f"the model {record.name} has no readout {self.readout!r}"
            raise RequestError(message, needed=f"one of {', '.join(record.readouts)}")
        self._trained: dict[tuple[str, str], tuple[Network, Tensor]] = {}
        self._with_beside: dict[tuple[str, str], Tensor] = {}
        self._weights: dict[tuple[str, tuple[str, ...]], dict[str, float]] = {}

    @classmethod
    def of_card(cls, card: Mapping[str, Any], known: TrainedOn, bench: Bench) -> Self:
        """Return the training of a translator, as it was.

        Parameters
        ----------
        card
            The translator's card: seeds and readout.
        known
            What it was trained on, see `training_of_card`.
        bench
            The model and its features.
        """
        return cls(
            known.references,
            bench,
            n_seeds=len(card["seeds"]),
            readout=card["readout"],
            beside=known.beside,
            withheld=known.withheld,
        )

    def features(
        self,
        reference: Reference,
        draws: Sequence[Pairs],
        extractors: str,
        variant: str,
        *,
        background: str = "virtual",
    ) -> list[Tensor]:
        """Features (N, length) of every draw; draws that are one object are looked up once.

        Parameters
        ----------
        reference
            Whose genes the pairs are of.
        draws
            The pairs.
        extractors
            One, or ``a+b``: side by side; see `Method.extractors`.
        variant
            Whose features, see `Bench.features`.
        background
            As of `Bench.features`; translators are trained on ``virtual``.
        """
        import torch

        distinct = {id(one): one for one in draws}
        ends = np.cumsum([len(one) for one in distinct.values()])[:-1]
        pairs = np.concatenate([np.stack([one.source, one.target], axis=1) for one in distinct.values()])
        names = extractors.split("+")
        in_cell = any(EXTRACTORS[name].asks == "cell" for name in names if name in EXTRACTORS)
        cells = self.cells(reference) if in_cell else None
        found = [
            self.bench.features(
                name,
                reference.genes,
                pairs,
                variant=variant,
                readout=self.readout,
                background=background,
                cells=cells,
            )
            for name in names
        ]
        whole = np.concatenate(found, axis=1) if len(found) > 1 else found[0]
        parts = dict(zip(distinct, np.split(np.ascontiguousarray(whole, dtype=np.float32), ends), strict=True))
        return [torch.from_numpy(parts[id(one)]) for one in draws]

    def trained(self, variant: str, extractors: str) -> tuple[Network, Tensor]:
        """Translators of all seeds that read `extractors`, and their logits on the held-back training pairs.

        Those logits of a term are of a fit without the gene, or the TF, that it speaks of; what is known beside is in
        the translators and not in them, so that it does not decide how much the term counts.
        """
        if (variant, extractors) not in self._trained:
            import torch

            from grn_core.translator.terms import know_beside

            sets = self._sets(self.references, self.draws, extractors, variant)
            done = len(self._trained)
            total = max(self._n_trained, done + 1)
            listen = partial(self.bench.progress, "train translator", done, total)  # may cancel, also in the middle
            listen()
            network, found = beside(partial(_fitted, sets, extractors), listen)
            if self.beside and is_term(extractors):
                more = self._sets(self.beside, self.draws_beside, extractors, variant)
                network, known = beside(partial(know_beside, network, sets, more, extractors), listen)
                parts = [(own + one)[of.held] for own, one, of in zip(found, known, sets, strict=True)]
                self._with_beside[variant, extractors] = torch.cat(parts)
            logits = [one[own.held] for one, own in zip(found, sets, strict=True)]
            self._trained[variant, extractors] = network, torch.cat(logits)
            self.bench.progress("train translator", done + 1, total)
        return self._trained[variant, extractors]

    def _sets(
        self, references: Sequence[Reference], draws: Sequence[list[Pairs]], extractors: str, variant: str
    ) -> list[TrainingSet]:
        """Features and labels of pairs of references put together, one training set a seed."""
        import torch

        from grn_core.translator.train import TrainingSet

        of_each = [self.features(one, own, extractors, variant) for one, own in zip(references, draws, strict=True)]
        return [
            TrainingSet({extractors: torch.cat(own)}, label, held)
            for own, (label, held) in zip(zip(*of_each, strict=True), labels_of(draws, variant), strict=True)
        ]

    def temperature(self, method: Method, weights: Mapping[str, float] | None = None) -> float:
        """Temperature of a method's logits, on held-back training pairs; its own weights of terms if none are given."""
        from grn_core.translator.terms import together
        from grn_core.translator.train import fit_temperature

        logits = {one: self._held_logits(method.translator, one) for one in method.extractors}
        return fit_temperature(
            together(logits, self.weights(method) if weights is None else weights), self._held_labels(method.translator)
        )

    def weights(self, method: Method) -> dict[str, float]:
        """How much of each term is added to the others, chosen on held-back training pairs."""
        from grn_core.translator.terms import choose_weights

        if all(map(is_term, method.extractors)) or not any(map(is_term, method.extractors)):
            return {}
        key = (method.translator, tuple(sorted(method.extractors)))
        if key not in self._weights:
            logits = {one: self.trained(method.translator, one)[1] for one in method.extractors}
            self._weights[key] = choose_weights(logits, self._held_labels(method.translator))
        return self._weights[key]

    def _held_logits(self, variant: str, extractors: str) -> Tensor:
        """What is said of the held-back training pairs, with what is known beside."""
        own = self.trained(variant, extractors)[1]
        return self._with_beside.get((variant, extractors), own)

    def _held_labels(self, variant: str) -> Tensor:
        import torch

        return torch.cat([label[held] for label, held in self.labels(variant)])


def _fitted(sets: list[TrainingSet], extractors: str) -> tuple[Network, list[Tensor]]:
    """Train what reads `extractors`, of each seed one; return it, and each one's logits of its pairs."""
    from grn_core.translator.terms import train_term
    from grn_core.translator.train import train_translator

    if is_term(extractors):
        return train_term(sets, extractors, seed=0)
    network = train_translator(sets, seed=0)[extractors]
    return network, seed_logits(network, [one.features[extractors] for one in sets])


def seed_logits(network: Network, features: Sequence[Tensor]) -> list[Tensor]:
    """Logits (N,) of each seed's own MLP on that seed's features."""
    import torch

    found = []
    with torch.no_grad():
        for start in range(0, len(features[0]), PAIRS_AT_ONCE):
            some = torch.stack([one[start : start + PAIRS_AT_ONCE] for one in features])
            found.append(network(some))
    return list(torch.cat(found, dim=1))
