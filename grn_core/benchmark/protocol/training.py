"""One training reference: its pairs, and the translators of all kinds of features trained on them."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from grn_core.benchmark.features.bench import Bench
from grn_core.benchmark.features.cache import COEXPRESSION_CODE, CORPUS_CODE, code_digest, digest, reference_digest
from grn_core.benchmark.features.expression import Cells
from grn_core.benchmark.features.origin import whole_cell_readout
from grn_core.benchmark.pairs.negatives import draw_pairs
from grn_core.benchmark.pairs.splits import Seen
from grn_core.benchmark.protocol.methods import METHODS, Method
from grn_core.benchmark.protocol.protocol import Protocol
from grn_core.benchmark.references.reference import Reference, restrict
from grn_core.errors import RequestError
from grn_core.extractors import EXTRACTORS
from grn_core.extractors.registry import why_not
from grn_core.translator.pairs import Pairs, positive_pairs

if TYPE_CHECKING:
    from torch import Tensor

    from grn_core.translator.mlp import TranslatorMLP

PAIRS_AT_ONCE = 50_000


class Training:
    """What all cells of one training reference share; each part is made when it is first asked for."""

    def __init__(self, protocol: Protocol, bench: Bench) -> None:
        self.protocol, self.bench = protocol, bench
        record = bench.model.record
        if record.unavailable:
            message = f"{record.title} has no VVP and no GDT, and so no row in this benchmark: {record.unavailable}"
            raise RequestError(message, needed="a model that takes values", todo="choose another model")
        self.readout = protocol.readout or record.default_readout
        if self.readout not in record.readouts:
            message = f"the model {record.name} has no readout {self.readout!r}"
            raise RequestError(message, needed=f"one of {', '.join(record.readouts)}")
        self.whole_readout = whole_cell_readout(record, self.readout)
        self.withheld = protocol.withheld()
        self._references: dict[str, Reference] = {}
        self._cells: dict[str, Cells | None] = {}
        self._trained: dict[tuple[str, str], tuple[TranslatorMLP, Tensor]] = {}
        self.reference = self.restricted(protocol.train)

    def restricted(self, name: str) -> Reference:
        """Read a reference and keep what the model knows of it."""
        if name not in self._references:
            self._references[name] = restrict(self.protocol.read(name), frozenset(self.bench.model.vocabulary))
        return self._references[name]

    def cells(self, reference: Reference) -> Cells | None:
        """Measured cells of a reference's dataset."""
        if reference.dataset not in self._cells:
            self._cells[reference.dataset] = self.protocol.read_cells(reference)
        return self._cells[reference.dataset]

    def methods(self) -> tuple[list[Method], list[str]]:
        """Rows of the table that can be computed, and why others cannot."""
        record, protocol, kept, notes = self.bench.model.record, self.protocol, [], []
        for method in METHODS:
            reasons = {name: why_not(EXTRACTORS[name], record) for name in sorted(method.extractors)}
            lacking = {name: reason for name, reason in reasons.items() if reason}
            if lacking:
                reason = next(iter(lacking.values()))
                notes.append(f"{method.name} is left out: {record.name} has no {', '.join(lacking)}: {reason}.")
            elif not (
                (method.score == "corpus" and protocol.corpus is None)
                or (method.translator == "untrained" and self.bench.handles["untrained"] is None)
                or (method.adapted and not self.can_adapt())
                or (method.score == "cells" and method.coexpression not in protocol.coexpression)
            ):
                kept.append(method)
        return kept, notes

    def can_adapt(self) -> bool:
        """Whether rows of an adapted model were asked for and the model can be adapted."""
        from grn_core.adapt.options import can_adapt

        return bool(self.protocol.adapt) and can_adapt(self.bench.model.record.family)

    def variant(self, reference: Reference, method: Method) -> str:
        """Whose features a method reads: those of the translator's network, or of it adapted to a test's cells."""
        if not method.adapted:
            return method.translator
        name = f"adapted to {reference.dataset}"
        if name not in self.bench.handles:
            from grn_core.adapt.options import Adaptation, AdaptOptions
            from grn_core.adapt.store import adapted_handle

            adaptation = Adaptation(
                self.protocol.read_dataset(reference), None, AdaptOptions(steps=self.protocol.adapt)
            )
            options = {"home": self.bench.home, "progress": self.bench.progress}
            self.bench.handles[name] = adapted_handle(self.bench.model, adaptation, **options)
        return name

    def key(self, reference: Reference, split: str, method: Method) -> dict[str, Any]:
        """Everything that decides a cell; a control without a model is the same for every model."""
        key = {
            "train": reference_digest(self.reference),
            "withheld": sorted(self.withheld),
            "test": reference_digest(reference),
            "split": split,
            "negatives": self.protocol.negatives,
            "n_seeds": self.protocol.n_seeds,
            "method": method.name,
        }
        if method.translator or method.score in ("pert", "attn"):
            handle = self.bench.handles[self.variant(reference, method) or "own"]
            grid = [list(handle.record.grid), handle.record.background]
            key |= {"model": handle.sha, "readout": self.readout, "grid": grid}
        if method.reads_cells:
            both = [self.cells(one) for one in (self.reference, reference)]
            key["cells"] = ["" if one is None else one.sha for one in both]
        if method.score == "cells":
            key["code of co-expression"] = code_digest(COEXPRESSION_CODE)
        if method.score == "corpus":
            key["code of the corpus"] = code_digest(CORPUS_CODE)
            files = sorted(path for path in Path(self.protocol.corpus).iterdir() if path.is_file())
            key["corpus"] = [[path.name, path.stat().st_size, path.stat().st_mtime_ns] for path in files]
            key["vocabulary"] = digest(list(self.bench.model.vocabulary))
        return key

    def draw(self, reference: Reference, allowed: np.ndarray, *, negatives: str) -> list[Pairs]:
        """Draw pairs of a reference, one draw a seed."""
        positives, n_genes = positive_pairs(reference.edges, reference.genes), len(reference.genes)
        options = {"negatives": negatives, "allowed": allowed}
        return [draw_pairs(positives, n_genes, seed=seed, **options) for seed in range(self.protocol.n_seeds)]

    @cached_property
    def pairs(self) -> list[Pairs]:
        """Pairs that the translators are trained on, one draw a seed."""
        genes = self.reference.genes
        allowed = ~np.eye(len(genes), dtype=bool)
        position = {gene: index for index, gene in enumerate(genes)}
        for source, target in self.withheld:
            if source in position and target in position:
                allowed[position[source], position[target]] = False
        return self.draw(self.reference, allowed, negatives=self.protocol.training_negatives)

    @cached_property
    def seen(self) -> Seen:
        """All pairs of all draws."""
        return Seen.of(self.reference.genes, self.pairs)

    def features(self, reference: Reference, draws: list[Pairs], kind: str, variant: str) -> list[Tensor]:
        """Features (N, length) of every draw; draws that are one object are looked up once."""
        import torch

        distinct = {id(one): one for one in draws}
        ends = np.cumsum([len(one) for one in distinct.values()])[:-1]
        pairs = np.concatenate([np.stack([one.source, one.target], axis=1) for one in distinct.values()])
        options = {"readout": self.readout, "whole_readout": self.whole_readout, "variant": variant}
        if "pert" in kind:
            options["cells"] = self.cells(reference)
        found = [self.bench.part(part, reference.genes, pairs, **options) for part in kind.split("+")]
        whole = np.concatenate(found, axis=1) if len(found) > 1 else found[0]
        parts = dict(zip(distinct, np.split(np.ascontiguousarray(whole, dtype=np.float32), ends), strict=True))
        return [torch.from_numpy(parts[id(one)]) for one in draws]

    def trained(self, variant: str, kind: str) -> tuple[TranslatorMLP, Tensor]:
        """Translators of all seeds on one kind of features, and their logits on the held-back training pairs."""
        if (variant, kind) not in self._trained:
            import torch

            from grn_core.translator.train import TrainingSet, train_translator

            features = self.features(self.reference, self.pairs, kind, variant)
            self.bench.progress("train translator", 0, 1)
            sets = [
                TrainingSet({kind: own}, label, held)
                for own, (label, held) in zip(features, self.labels(variant), strict=True)
            ]
            network = train_translator(sets, seed=0)[kind]
            logits = [one[own.held] for one, own in zip(seed_logits(network, features), sets, strict=True)]
            self._trained[variant, kind] = network, torch.cat(logits)
            self.bench.progress("train translator", 1, 1)
        return self._trained[variant, kind]

    def labels(self, variant: str) -> list[tuple[Tensor, Tensor]]:
        """Labels and held-back pairs of every seed; permuted labels for ``shuffled``."""
        import torch

        from grn_core.translator.train import TrainingOptions, split_held_back

        found = []
        for number, pairs in enumerate(self.pairs):
            label = torch.from_numpy(pairs.label)
            if variant == "shuffled":
                label = label[torch.from_numpy(np.random.default_rng([0, number, 3]).permutation(len(label)))]
            found.append((label, split_held_back(len(label), TrainingOptions().held_back, seed=number)))
        return found

    def temperature(self, method: Method) -> float:
        """Temperature of a method's logits, on held-back training pairs."""
        import torch

        from grn_core.translator.train import fit_temperature

        logits = torch.stack([self.trained(method.translator, kind)[1] for kind in method.inputs]).mean(0)
        return fit_temperature(logits, torch.cat([label[held] for label, held in self.labels(method.translator)]))


def seed_logits(network: TranslatorMLP, features: list[Tensor]) -> list[Tensor]:
    """Logits (N,) of each seed's own MLP on that seed's features."""
    import torch

    found = []
    with torch.no_grad():
        for start in range(0, len(features[0]), PAIRS_AT_ONCE):
            some = torch.stack([one[start : start + PAIRS_AT_ONCE] for one in features])
            found.append(network(some))
    return list(torch.cat(found, dim=1))
