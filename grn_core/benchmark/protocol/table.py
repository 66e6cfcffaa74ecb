"""One protocol as a table that is yet to be filled: which rows it can have, and what decides each measurement."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from grn_core.benchmark.features.bench import Bench
from grn_core.benchmark.features.cache import COEXPRESSION_CODE, CORPUS_CODE, code_digest, digest, reference_digest
from grn_core.benchmark.features.expression import Cells
from grn_core.benchmark.protocol.held_out import HeldOut
from grn_core.benchmark.protocol.methods import Method, methods
from grn_core.benchmark.protocol.protocol import Protocol
from grn_core.benchmark.protocol.training import Training
from grn_core.benchmark.references.reference import Reference
from grn_core.errors import RequestError
from grn_core.extractors import EXTRACTORS
from grn_core.extractors.registry import why_not
from grn_core.pretrain.files import corpus_sha


class Table:
    """The tests of one protocol, after its training; each part is made when it is first asked for."""

    def __init__(self, protocol: Protocol, bench: Bench) -> None:
        self.protocol, self.bench = protocol, bench
        record = bench.model.record
        if record.unavailable:
            message = f"{record.title} has no VVP and no GDT, and so no row in this benchmark: {record.unavailable}"
            raise RequestError(message, needed="a model that takes values", todo="choose another model")
        self._references: dict[str, Reference] = {}
        self._cells: dict[str, Cells | None] = {}
        self.training = Training(
            [protocol.read(protocol.train)],
            bench,
            n_seeds=protocol.n_seeds,
            readout=protocol.readout,
            negatives=protocol.training_negatives,
            withheld=protocol.withheld(),
            cells=self.cells,
        )

    def reference(self, name: str) -> Reference:
        """Read a test reference and keep what the model knows of it."""
        if name not in self._references:
            self._references[name] = self.training.known(self.protocol.read(name))
        return self._references[name]

    def cells(self, reference: Reference) -> Cells | None:
        """Measured cells of a reference's dataset."""
        if reference.dataset not in self._cells:
            self._cells[reference.dataset] = self.protocol.read_cells(reference)
        return self._cells[reference.dataset]

    def methods(self) -> tuple[list[Method], list[str]]:
        """Rows of the table that can be computed, and why others cannot."""
        record, protocol = self.bench.model.record, self.protocol
        kept: list[Method] = []
        notes: list[str] = []
        for method in methods(asked=protocol.extractors):
            reasons = {name: why_not(EXTRACTORS[name], record) for name in sorted(method.needed)}
            lacking = {name: reason for name, reason in reasons.items() if reason}
            if lacking:
                reason = next(iter(lacking.values()))
                notes.append(f"{method.name} is left out: {record.name} has no {', '.join(lacking)}: {reason}.")
            elif not (
                (method.score == "corpus" and protocol.corpus is None)
                or (method.translator == "untrained" and self.bench.handles["untrained"] is None)
                or (method.adapted and not self.can_adapt())
                or (method.score == "coexpression" and method.coexpression not in protocol.coexpression)
            ):
                kept.append(method)
        return kept, notes

    def can_adapt(self) -> bool:
        """Whether rows of an adapted model were asked for and the model can be adapted."""
        from grn_core.adapt.options import can_adapt

        return bool(self.protocol.adapt) and can_adapt(self.bench.model.record.family)

    def adapted(self, reference: Reference) -> str:
        """Make the model adapted to a test's cells known to the bench, and return its name there."""
        name = f"adapted to {reference.dataset}"
        if name not in self.bench.handles:
            from grn_core.adapt.options import Adaptation, AdaptOptions
            from grn_core.adapt.store import adapted_handle

            data = self.protocol.read_dataset(reference)
            if data is None:
                message = f"there are no measured cells of {reference.dataset} to adapt to"
                raise RequestError(message, needed="cells", todo="leave the adaptation out")
            self.bench.handles[name] = adapted_handle(
                self.bench.model,
                Adaptation(data, None, AdaptOptions(steps=self.protocol.adapt)),
                home=self.bench.home,
                progress=self.bench.progress,
            )
        return name

    def held_out(self, reference: Reference, split: str, *, measured: bool = False) -> HeldOut:
        """One test under one split; `measured`: among the genes that its own cells measure."""
        return HeldOut(
            self.training,
            reference,
            split,
            negatives=self.protocol.negatives,
            cells=self.cells(reference),
            measured=measured,
            corpus=self.protocol.corpus,
            adapted=self.adapted,
        )

    def key(self, test: HeldOut, method: Method) -> dict[str, Any]:
        """Everything that decides a measurement; a control without a model is the same for every model."""
        reference, training, protocol = test.reference, self.training, self.protocol
        key: dict[str, Any] = {
            "train": [reference_digest(one) for one in training.references],
            "withheld": sorted(training.withheld),
            "test": reference_digest(reference),
            "split": test.split,
            "negatives": protocol.negatives,
            "n_seeds": protocol.n_seeds,
            "method": method.name,
        }
        if method.reads_model:
            handle = self.bench.handle(test.variant(method) or "own")
            grid = [list(handle.record.grid), handle.record.background]
            key |= {"model": handle.sha, "readout": training.readout, "grid": grid}
        if method.reads_cells:
            both = [self.cells(one) for one in (*training.references, reference)]
            key["cells"] = ["" if one is None else one.sha for one in both]
        if method.score == "coexpression":
            key["code of co-expression"] = code_digest(COEXPRESSION_CODE)
        if method.score == "corpus" and protocol.corpus is not None:
            key["code of the corpus"] = code_digest(CORPUS_CODE)
            key["corpus"] = corpus_sha(Path(protocol.corpus))
            key["vocabulary"] = digest(list(self.bench.model.vocabulary))
        if test.measured and test.cells is not None:
            key["measured"] = test.cells.sha
        return key
