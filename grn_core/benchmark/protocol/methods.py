"""The rows of the benchmark's table, made from the registries of methods; reading them needs no torch."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from grn_core.benchmark.features.bench import PRODUCT
from grn_core.coexpression import METHODS as COEXPRESSION
from grn_core.extractors import EXTRACTORS
from grn_core.extractors.registry import DEFAULT, ENDS, TERMS, end_of, is_of_both, is_term
from grn_core.translator.measured import ENSEMBLE, WITH_GENES, WITH_NEIGHBOURS

AVERAGED = tuple(sorted(DEFAULT))
"""What the ensemble of the paper reads."""
NEIGHBOURS = "neighbours"
ON_REQUEST = ("attn", NEIGHBOURS)
"""Extractors whose translator has rows only where it is asked for: the paper has none, and one takes minutes."""


@dataclass(frozen=True)
class Method:
    """A row of the table.

    Attributes
    ----------
    name, kind
        Name in the table; ``method`` (of the paper), ``extension``, ``coexpression`` or ``control``.
    score
        Where a pair's score comes from: ``translator``, ``origin`` (what an extractor says without one), ``degree`` (of
        the training network), ``corpus`` (pre-training data without a model), ``coexpression`` (measured cells).
    extractors
        What translators read, one translator each, logits put together as `grn_core.translator.terms.together` does;
        ``a+b`` is one translator on both side by side.
        Names out of `EXTRACTORS`, and `PRODUCT`. Of ``origin`` the one whose own score it is.
    translator
        ``own``; ``untrained``: on features of a network with random weights; ``shuffled``: on permuted labels.
    coexpression
        Name of the co-expression method.
    adapted
        The features are of the model adapted to the test's own cells; the translators are of the model as it is.
    """

    name: str
    kind: str
    score: str = "translator"
    extractors: tuple[str, ...] = ()
    translator: str = ""
    coexpression: str = ""
    adapted: bool = False

    @property
    def is_control(self) -> bool:
        """Whether the row is there to unmask a false success."""
        return self.kind == "control"

    @property
    def reads_model(self) -> bool:
        """Whether the model takes part."""
        return bool(self.extractors)

    @property
    def features(self) -> frozenset[str]:
        """Single features that are read."""
        return frozenset(one for several in self.extractors for one in several.split("+"))

    @property
    def needed(self) -> frozenset[str]:
        """Extractors that the model must serve."""
        return frozenset("emb" if one == PRODUCT else one for one in self.features)

    @property
    def reads_whole_cell(self) -> bool:
        """Whether the model is asked about all genes of the set in one cell."""
        return any(EXTRACTORS[name].asks == "cell" for name in self.needed)

    @property
    def reads_cells(self) -> bool:
        """Whether the mean of the dataset's cells takes part."""
        return self.score == "coexpression" or self.adapted or self.reads_whole_cell


def methods(*, asked: Collection[str] = ()) -> tuple[Method, ...]:
    """Return the rows that a table can have, in its order, whatever the model.

    An extractor of the paper's ensemble has a row by its label, every other one ``X (origin)`` where its record has a
    score without a translator, and ``X (translator)``; of those in `ON_REQUEST` the latter only if it is asked for.

    Parameters
    ----------
    asked
        Names of extractors whose translator is asked for.
    """
    others = [record for record in EXTRACTORS.values() if record.name not in DEFAULT]
    learnt = [one.name for one in others if not one.is_term and (one.name not in ON_REQUEST or one.name in asked)]
    return (
        *(_read(EXTRACTORS[name].label, (name,)) for name in DEFAULT),
        _read(ENSEMBLE, AVERAGED),
        *(
            Method(f"{record.label} (origin)", "method", score="origin", extractors=(record.name,))
            for record in others
            if record.origin is not None
        ),
        *(_read(f"{EXTRACTORS[name].label} (translator)", (name,)) for name in learnt),
        *(_read(f"{EXTRACTORS[name].label} (translator)", (name,), kind="extension") for name in ENDS),
        _read(WITH_GENES, (*AVERAGED, *ENDS), kind="extension"),
        *(_with_neighbours() if NEIGHBOURS in asked else ()),
        _read("VVP + GDT", ("gdt+vvp",), kind="extension"),
        _read("VVP + GDT + product", (f"gdt+vvp+{PRODUCT}",), kind="extension"),
        *(_read(f"{EXTRACTORS[name].label}, adapted", (name,), kind="extension", adapted=True) for name in DEFAULT),
        _read(f"{ENSEMBLE}, adapted", AVERAGED, kind="extension", adapted=True),
        *trained_controls(AVERAGED),
        _read(f"Random weights, {WITH_GENES}", (*AVERAGED, *ENDS), kind="control", translator="untrained"),
        *(_untrained_neighbours() if NEIGHBOURS in asked else ()),
        *UNTRAINED_CONTROLS,
        *(
            Method(record.title, "coexpression", score="coexpression", coexpression=name)
            for name, record in COEXPRESSION.items()
        ),
    )


def _with_neighbours() -> tuple[Method, ...]:
    """Return the rows that are told what is known of similar genes."""
    alone = f"{EXTRACTORS[NEIGHBOURS].label} (translator)"
    return (
        _read(alone, (NEIGHBOURS,), kind="extension"),
        _read(WITH_NEIGHBOURS, (*AVERAGED, *TERMS), kind="extension"),
    )


def _untrained_neighbours() -> tuple[Method, ...]:
    """Return the control of these: the same known pairs, compared by vectors of chance."""
    name = f"Random weights, {WITH_NEIGHBOURS}"
    return (_read(name, (*AVERAGED, *TERMS), kind="control", translator="untrained"),)


def trained_controls(extractors: tuple[str, ...]) -> tuple[Method, ...]:
    """Return the controls that have a translator of their own on some extractors."""
    return (
        _read("Random weights", extractors, kind="control", translator="untrained"),
        _read("Shuffled labels", extractors, kind="control", translator="shuffled"),
    )


UNTRAINED_CONTROLS = (
    Method("Degree only", "control", score="degree"),
    Method("Corpus correlation", "control", score="corpus"),
    Method("SVD cosine", "control", score="corpus"),
)
"""Controls that read neither a model nor a translator."""


def _read(
    name: str,
    extractors: tuple[str, ...],
    *,
    kind: str = "method",
    translator: str = "own",
    adapted: bool = False,
) -> Method:
    return Method(name, kind, extractors=extractors, translator=translator, adapted=adapted)


def own_rows(extractors: Collection[str]) -> list[Method]:
    """Rows of a translator: every extractor that it has learnt, of several their ensembles, the last that of all."""
    rows = [
        Method(record.label, "method", extractors=(name,), translator="own")
        for name, record in EXTRACTORS.items()
        if name in extractors
    ]
    pairs = [name for name in extractors if not is_term(name)]
    with_genes = [name for name in extractors if not is_of_both(name)]
    rows += [ensemble_of(some) for some in dict.fromkeys(map(tuple, (pairs, with_genes, extractors))) if len(some) > 1]
    return rows


def ensemble_of(extractors: Collection[str]) -> Method:
    """The row that reads several extractors, a translator each, their logits put together."""
    terms = {
        " + gene terms": any(map(end_of, extractors)),
        " + neighbours": any(map(is_of_both, extractors)),
    }
    added = "" if all(map(is_term, extractors)) else "".join(name for name, here in terms.items() if here)
    return Method(f"{ENSEMBLE}{added}", "method", extractors=tuple(extractors), translator="own")
