"""The rows of the benchmark's table; reading them needs no torch."""

from __future__ import annotations

from dataclasses import dataclass

from grn_core.benchmark.features.cache import KINDS
from grn_core.coexpression import METHODS as COEXPRESSION
from grn_core.extractors import EXTRACTORS


@dataclass(frozen=True)
class Method:
    """A row of the table.

    Attributes
    ----------
    name, kind
        Name in the table; ``method`` (of the paper), ``extension``, ``coexpression`` or ``control``.
    score
        Where a pair's score comes from: ``translator``, ``pert`` and ``attn`` (read off the model), ``degree`` (of the
        training network), ``corpus`` (pre-training data without a model), ``cells`` (co-expression).
    inputs
        Pair features that the translators read, one translator each, logits averaged; ``a+b`` is one translator on
        both. ``vvp``, ``gdt``; ``pert``: the model's answer to setting the source to 0 in the mean cell; ``emb`` and
        ``product``: sum and element-wise product of the two gene embeddings.
    translator
        ``own``; ``untrained``: on features of a network with random weights; ``shuffled``: on permuted labels.
    coexpression
        Name of the co-expression method, for ``cells``.
    adapted
        The features are of the model adapted to the test's own cells; the translators are of the model as it is.
    """

    name: str
    kind: str
    score: str = "translator"
    inputs: tuple[str, ...] = ()
    translator: str = ""
    coexpression: str = ""
    adapted: bool = False

    @property
    def is_control(self) -> bool:
        """Whether the row is there to unmask a false success."""
        return self.kind == "control"

    @property
    def parts(self) -> frozenset[str]:
        """Single pair features that are read."""
        return frozenset(part for kind in self.inputs for part in kind.split("+"))

    @property
    def extractors(self) -> frozenset[str]:
        """Extractors that the model must serve."""
        asked = {"emb" if part == "product" else part for part in self.parts} | {self.score}
        return frozenset(asked & set(EXTRACTORS))

    @property
    def reads_whole_cell(self) -> bool:
        """Whether the model is asked about all genes of the set in one cell."""
        return self.score in ("pert", "attn") or "pert" in self.parts

    @property
    def reads_cells(self) -> bool:
        """Whether the mean of the dataset's cells takes part."""
        return self.score == "cells" or self.adapted or self.reads_whole_cell


METHODS = (
    Method("VVP", "method", inputs=("vvp",), translator="own"),
    Method("GDT", "method", inputs=("gdt",), translator="own"),
    Method("Ensemble", "method", inputs=KINDS, translator="own"),
    Method("Pert (origin)", "method", score="pert"),
    Method("Attn (origin)", "method", score="attn"),
    Method("Pert (translator)", "method", inputs=("pert",), translator="own"),
    Method("Emb (translator)", "method", inputs=("emb",), translator="own"),
    Method("VVP + GDT", "extension", inputs=("gdt+vvp",), translator="own"),
    Method("VVP + GDT + product", "extension", inputs=("gdt+vvp+product",), translator="own"),
    Method("VVP, adapted", "extension", inputs=("vvp",), translator="own", adapted=True),
    Method("GDT, adapted", "extension", inputs=("gdt",), translator="own", adapted=True),
    Method("Ensemble, adapted", "extension", inputs=KINDS, translator="own", adapted=True),
    Method("Random weights", "control", inputs=KINDS, translator="untrained"),
    Method("Shuffled labels", "control", inputs=KINDS, translator="shuffled"),
    Method("Degree only", "control", score="degree"),
    Method("Corpus correlation", "control", score="corpus"),
    Method("SVD cosine", "control", score="corpus"),
    *(Method(record.title, "coexpression", score="cells", coexpression=name) for name, record in COEXPRESSION.items()),
)
