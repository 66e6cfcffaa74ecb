"""Cells of the UGRN table: one method on one test reference under one split, after one training reference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from grn_core.benchmark.cache import KINDS, FeatureCache, digest, reference_digest
from grn_core.benchmark.handle import ModelHandle
from grn_core.benchmark.metrics import measure, per_source, summarise
from grn_core.benchmark.negatives import draw_pairs, natural_prevalence
from grn_core.benchmark.protocol import Protocol
from grn_core.benchmark.references import Reference, restrict
from grn_core.benchmark.splits import Seen, allowed_pairs
from grn_core.errors import DataError, RequestError
from grn_core.progress import Progress
from grn_core.translator.pairs import Pairs, positive_pairs

if TYPE_CHECKING:
    from grn_core.benchmark.evaluate import LabelledPairs
    from grn_core.translator.mlp import TranslatorMLP


@dataclass(frozen=True)
class Method:
    """A row of the table: `kinds` are read by the translators called `translator`, or no model takes part."""

    name: str
    kinds: tuple[str, ...] = ()
    translator: str = ""
    is_control: bool = True
    needs_corpus: bool = False


METHODS = (
    Method("VVP", ("vvp",), "own", is_control=False),
    Method("GDT", ("gdt",), "own", is_control=False),
    Method("Ensemble", KINDS, "own", is_control=False),
    Method("Random weights: Ensemble", KINDS, "untrained"),
    Method("Shuffled labels: Ensemble", KINDS, "shuffled"),
    Method("Degree only"),
    Method("Corpus correlation", needs_corpus=True),
    Method("SVD cosine", needs_corpus=True),
)


class Training:
    """What all cells of one training reference share; each part is made when it is first asked for."""

    def __init__(
        self,
        protocol: Protocol,
        model: ModelHandle,
        untrained: ModelHandle | None,
        home: Path | None,
        progress: Progress,
    ) -> None:
        self.protocol, self.home, self.progress = protocol, home, progress
        self.handles = {"own": model, "shuffled": model, "untrained": untrained}
        self.vocabulary = model.vocabulary
        self.readout = protocol.readout or model.record.default_readout
        if self.readout not in model.record.readouts:
            message = f"the model {model.record.name} has no readout {self.readout!r}"
            raise RequestError(message, needed=f"one of {', '.join(model.record.readouts)}")
        self._references: dict[str, Reference] = {}
        self.reference = self.restricted(protocol.train)
        self._caches: dict[tuple[str, tuple[str, ...]], FeatureCache] = {}
        self._networks: dict[str, dict[str, TranslatorMLP]] = {}

    def restricted(self, name: str) -> Reference:
        """Read a reference and keep what the model knows of it."""
        if name not in self._references:
            self._references[name] = restrict(self.protocol.read(name), frozenset(self.vocabulary))
        return self._references[name]

    def key(self, reference: Reference, split: str, method: Method) -> dict[str, Any]:
        """Everything that decides a cell; a control without a model is the same for every model."""
        key = {
            "suite": "ugrn",
            "train": reference_digest(self.reference),
            "test": reference_digest(reference),
            "split": split,
            "negatives": self.protocol.negatives,
            "n_seeds": self.protocol.n_seeds,
            "method": method.name,
        }
        if method.translator:
            handle = self.handles[method.translator]
            grid = [list(handle.record.grid), handle.record.background]
            key |= {"model": handle.sha, "readout": self.readout, "grid": grid}
        if method.needs_corpus:
            files = sorted(path for path in Path(self.protocol.corpus).iterdir() if path.is_file())
            key["corpus"] = [[path.name, path.stat().st_size, path.stat().st_mtime_ns] for path in files]
            key["vocabulary"] = digest(list(self.vocabulary))
        return key

    def draw(self, reference: Reference, allowed: np.ndarray) -> list[Pairs]:
        """Draw pairs of a reference, one draw a seed."""
        positives, n_genes = positive_pairs(reference.edges, reference.genes), len(reference.genes)
        options = {"negatives": self.protocol.negatives, "allowed": allowed}
        return [draw_pairs(positives, n_genes, seed=seed, **options) for seed in range(self.protocol.n_seeds)]

    @cached_property
    def pairs(self) -> list[Pairs]:
        """Pairs that the translators are trained on, one draw a seed."""
        return self.draw(self.reference, ~np.eye(len(self.reference.genes), dtype=bool))

    @cached_property
    def seen(self) -> Seen:
        """All pairs of all draws."""
        return Seen.of(self.reference.genes, self.pairs)

    def labelled(self, reference: Reference, draws: Sequence[Pairs], variant: str) -> LabelledPairs:
        """Look up, or extract, the features of all draws of one reference."""
        import torch

        from grn_core.benchmark.evaluate import LabelledPairs

        handle = self.handles[variant]
        place = (handle.sha, reference.genes)
        if place not in self._caches:
            self._caches[place] = FeatureCache(handle, reference.genes, readout=self.readout, home=self.home)
        every = np.concatenate([np.stack([one.source, one.target], axis=1) for one in draws])
        found = self._caches[place].get(every, progress=self.progress)
        ends = np.cumsum([len(one) for one in draws])[:-1]
        parts = {kind: [torch.from_numpy(one) for one in np.split(found[kind], ends)] for kind in KINDS}
        features = tuple({kind: parts[kind][seed] for kind in KINDS} for seed in range(len(draws)))
        return LabelledPairs(reference, tuple(draws), features)

    def networks(self, variant: str) -> dict[str, TranslatorMLP]:
        """Translators of all seeds: ``own``, ``shuffled`` labels, or on features of the ``untrained`` network."""
        if variant not in self._networks:
            from grn_core.benchmark.evaluate import fit

            data = self.labelled(self.reference, self.pairs, variant)
            self.progress("train translator", 0, 1)
            self._networks[variant], _ = fit([data], shuffled=variant == "shuffled")
            self.progress("train translator", 1, 1)
        return self._networks[variant]

    @cached_property
    def corpus_scores(self) -> dict[str, Any]:
        """Controls that need the corpus and no model."""
        from grn_core.benchmark.controls import corpus_controls

        return corpus_controls(Path(self.protocol.corpus), self.vocabulary, progress=self.progress)


class HeldOut:
    """One test reference under one split; pairs and features are made when they are first asked for."""

    def __init__(self, training: Training, reference: Reference, split: str) -> None:
        self.training, self.reference, self.split = training, reference, split

    @cached_property
    def allowed(self) -> np.ndarray:
        """Pairs that the split may ask, (genes, genes)."""
        return allowed_pairs(self.reference.genes, self.training.seen, self.split)

    @cached_property
    def pairs(self) -> list[Pairs]:
        """Pairs that are asked, one draw a seed."""
        return self.training.draw(self.reference, self.allowed)

    def measure(self, method: Method) -> dict[str, Any]:
        """Measure one method: ``row`` and ``per_tf``, or ``note`` where nothing is left to be asked."""
        allowed = self.allowed  # training pairs are drawn first: an error there is no matter of this test
        try:
            draws = self.pairs
        except DataError as error:
            return {"note": f"{self.reference.name}, split {self.split}, is left out: {error.found}."}
        genes, negatives = self.reference.genes, self.training.protocol.negatives
        positives = positive_pairs(self.reference.edges, genes)
        natural = natural_prevalence(positives, len(genes), negatives=negatives, allowed=allowed)
        if any(one.label.all() for one in draws):
            return {"note": f"{self.reference.name}, split {self.split}, is left out: no non-edge is left."}
        scores = self.scores(method, draws)
        measured = [measure(p, s, natural_prevalence=natural) for p, s in zip(draws, scores, strict=True)]
        own = pd.concat([per_source(p, s) for p, s in zip(draws, scores, strict=True)])
        own = own.groupby("source")[["auprc", "prevalence"]].mean().reset_index()
        own["source"] = [genes[int(position)] for position in own["source"]]
        return {"row": summarise(measured), "per_tf": own.to_dict("records")}

    def scores(self, method: Method, draws: Sequence[Pairs]) -> list[np.ndarray]:
        """Scores of every draw's pairs, seed by seed."""
        training = self.training
        if method.translator:
            from grn_core.translator.train import ensemble_logits

            networks = training.networks(method.translator)
            data = training.labelled(self.reference, draws, method.translator)
            chosen = {kind: networks[kind] for kind in method.kinds}
            return [
                ensemble_logits(chosen, {kind: own[kind] for kind in method.kinds})[seed].numpy()
                for seed, own in enumerate(data.features)
            ]
        if method.needs_corpus:
            score = training.corpus_scores[method.name](self.reference.genes)
        else:
            from grn_core.benchmark.evaluate import LabelledPairs, degree_score

            score = degree_score(
                [LabelledPairs(training.reference, (), ())], LabelledPairs(self.reference, tuple(draws), ())
            )
        return [score(pairs.source, pairs.target) for pairs in draws]
