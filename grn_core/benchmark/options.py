"""What a benchmark is asked for, as one value: page, command line, run and Python build it; torch-free."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_type_hints

from grn_core.adapt.options import check_steps
from grn_core.benchmark.pairs.negatives import BEELINE, NEGATIVES
from grn_core.benchmark.pairs.splits import SPLITS
from grn_core.benchmark.perturbed.names import SUITE as PERTURBATION
from grn_core.benchmark.perturbed.names import titles_of
from grn_core.benchmark.protocol.methods import ON_REQUEST
from grn_core.benchmark.protocol.protocol import FEWEST_SEEDS, parts_of
from grn_core.benchmark.references.called import BEELINE_SETS
from grn_core.benchmark.references.curated import NAMES as CURATED
from grn_core.coexpression import METHODS as COEXPRESSION
from grn_core.errors import RequestError
from grn_core.extractors import EXTRACTORS
from grn_core.genes.usual import OMNIPATH
from grn_core.translator.registry import DEFAULT as TRANSLATOR

SUITES = ("ugrn", "transfer", "curated", "own", PERTURBATION)
ON_BEELINE = ("ugrn", "transfer")
"""Suites that are tested on BEELINE's reference networks."""

ONLY_SO = {"n_seeds": FEWEST_SEEDS, "splits": ("all",), "coexpression": (), "expression": None}
"""Options that change nothing of the suite of perturbed TFs; they would make two of one benchmark."""


@dataclass(frozen=True, kw_only=True)
class BenchmarkOptions:
    """A benchmark, described completely.

    Lists are put in canonical order and freed of duplicates, and what the suite decides is filled in, so that equal
    benchmarks are equal values.

    Attributes
    ----------
    suite
        ``ugrn``: train on some references, test on other datasets; ``transfer``: train on each, test on each other;
        ``curated``: BEELINE's Boolean models; ``own``: the user's network; ``perturbation``: what changed when TFs were
        perturbed.
    model, readout
        Foundation model, and the output that is read (its default if None).
    n_seeds
        Number of draws.
    references
        Folder with ``NETWORK_DATASET_TFsplusN.tsv.gz``; of ``perturbation`` it adds controls of the translator's own.
    expression
        Folder with ``DATASET/ExpressionData.csv``; the one called ``expression`` beside `references` if None.
    size
        N of TFs+N, of ``ugrn`` and ``transfer``; ``("500",)`` if empty.
    train
        Training references, ``DATASET:NETWORK`` or ``omnipath``. If empty ``hESC:STRING`` for ``ugrn``, each that is
        there for ``transfer``, ``omnipath`` for ``curated`` and ``own``.
    tests
        Names of the tests: ``DATASET:NETWORK``, or Boolean models for ``curated``. If empty those of leave-dataset-out
        (``ugrn``), every other reference (``transfer``), every Boolean model (``curated``).
    splits
        Out of `SPLITS`.
    negatives
        Out of `NEGATIVES`, a table each; ``("tf-restricted",)`` if empty, and always ``("beeline",)`` for ``curated``.
    coexpression
        Methods on measured cells.
    corpus
        Folder of the pre-training data: adds the controls that need it.
    adapt
        Steps by which the model is adapted to the cells of a test, for the rows of that name; 0 leaves them out.
    extractors
        Extractors whose translator has a row only where it is asked for, `grn_core.benchmark.protocol.methods`; others
        have theirs anyway and are left out here.
    reference
        Of ``own``: name of an uploaded network, or the path of an edge list.
    genes
        Of ``own``: gene panel, the universe of targets; the genes of the network if empty.
    cells
        Of ``own``: file of measured cells, by its path or by the ref that holds the user's word on it.
    tables
        Of ``perturbation``: ``TITLE=FILE`` each, see `grn_core.benchmark.perturbed.tables.read_table`.
    translator
        Of ``perturbation``: whose edges are measured; the one that is taken unless the user chooses, if empty.
    """

    suite: str = "ugrn"
    model: str = "compact"
    readout: str | None = None
    n_seeds: int = FEWEST_SEEDS
    references: Path | None = None
    expression: Path | None = None
    size: tuple[str, ...] = ()
    train: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    splits: tuple[str, ...] = ("all",)
    negatives: tuple[str, ...] = ()
    coexpression: tuple[str, ...] = ()
    corpus: Path | None = None
    adapt: int = 0
    extractors: tuple[str, ...] = ()
    reference: str = ""
    genes: tuple[str, ...] = ()
    cells: Path | None = None
    tables: tuple[str, ...] = ()
    translator: str = ""

    def __post_init__(self) -> None:
        """Fill in what the suite decides, put lists in order, and refuse what is not known.

        Raises
        ------
        RequestError
            A name is not known, an option has no part in the suite, or a number is out of range.
        """
        _known("suite", [self.suite], SUITES)
        if self.n_seeds < 1:
            message = f"{self.n_seeds} seeds were asked for"
            raise RequestError(message, needed=f"at least 1, and {FEWEST_SEEDS} for figures that are reported")
        check_steps(self.adapt)
        self._refuse_what_has_no_part()
        on_beeline, curated = self.suite in ON_BEELINE, self.suite == "curated"
        usual = {"ugrn": ("hESC:STRING",), "transfer": (), PERTURBATION: ()}.get(self.suite, (OMNIPATH,))
        self._set("size", _known("gene set", self.size, BEELINE_SETS) or (("500",) if on_beeline else ()))
        self._set("splits", _known("split", self.splits, tuple(SPLITS)))
        extractors = _known("extractor", self.extractors, tuple(EXTRACTORS))
        self._set("extractors", tuple(name for name in extractors if name in ON_REQUEST))
        self._set("coexpression", _known("co-expression method", self.coexpression, tuple(COEXPRESSION)))
        usual_negatives = () if self.suite == PERTURBATION else ("tf-restricted",)
        self._set("negatives", _known("negatives", self.negatives, NEGATIVES) or usual_negatives)
        self._set("train", tuple(sorted(set(self.train))) or usual)
        self._set("tables", tuple(sorted(set(self.tables))))
        self._set("tests", tuple(sorted(set(self.tests))))
        self._set("genes", tuple(sorted(set(self.genes))))
        if curated:
            self._set("negatives", (BEELINE,))
            self._set("tests", _known("Boolean model", self.tests, CURATED) or CURATED)
        if not self.splits:
            message = "no split was chosen"
            raise RequestError(message, needed=f"at least one of {', '.join(SPLITS)}")
        for name in self.train if not on_beeline else (*self.train, *self.tests):
            if name != OMNIPATH or on_beeline:
                parts_of(name)
        odd = [name for name in self.genes if "," in name or not name.strip()]
        if odd:
            message = f"the gene panel names {odd[0]!r}"
            raise RequestError(message, needed="gene names, which hold no comma")
        if self.suite == PERTURBATION:
            self._set("translator", self.translator or TRANSLATOR)
            for name, value in ONLY_SO.items():
                self._set(name, value)
            titles_of(self.tables)
        if self.suite == "own" and not self.reference:
            message = "the user's network was not given"
            raise RequestError(message, needed="--reference PATH")

    def _refuse_what_has_no_part(self) -> None:
        """Refuse options that the suite would pass over in silence."""
        belongs = {"size": ON_BEELINE, "tests": (*ON_BEELINE, "curated")}
        belongs |= dict.fromkeys(("reference", "genes", "cells"), ("own",))
        belongs |= dict.fromkeys(("tables", "translator"), (PERTURBATION,))
        belongs |= dict.fromkeys(("negatives", "train", "extractors", "adapt", "readout"), SUITES[:-1])
        odd = [name for name, suites in belongs.items() if getattr(self, name) and self.suite not in suites]
        if self.suite == "curated" and not set(self.negatives) <= {BEELINE}:
            odd.append("negatives")
        if odd:
            message = f"{', '.join(odd)} has no part in the suite {self.suite}"
            raise RequestError(message, needed="options of this suite", todo="leave it out, or choose another suite")

    def _set(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)

    @property
    def needs_references(self) -> bool:
        """Whether BEELINE's networks are read."""
        return self.suite in ON_BEELINE or any(name != OMNIPATH for name in self.train)

    def to_json(self) -> dict[str, Any]:
        """Return the options as JSON types, lists as lists and paths as text."""
        found: dict[str, Any] = {}
        for item in dataclasses.fields(self):
            value = getattr(self, item.name)
            found[item.name] = (
                list(value) if isinstance(value, tuple) else str(value) if isinstance(value, Path) else value
            )
        return found

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> BenchmarkOptions:
        """Read `to_json`'s output, or the text of runs of format 1, whose lists are separated by commas.

        Parameters
        ----------
        values
            Some of the options by name; those that are absent have their defaults.

        Raises
        ------
        RequestError
            An option is not known or has a value of another type.
        """
        kinds = get_type_hints(cls)
        unknown = sorted(set(values) - set(kinds))
        if unknown:
            message = f"a benchmark has no option {', '.join(unknown)}"
            raise RequestError(message, needed=f"some of {', '.join(kinds)}")
        return cls(**{name: _read(name, value, kinds[name]) for name, value in values.items()})


def listed(text: str) -> tuple[str, ...]:
    """Split a list that is separated by commas."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _read(name: str, value: Any, kind: Any) -> Any:
    """Read one option of JSON or of text as its type."""
    if kind == tuple[str, ...]:
        if isinstance(value, str):
            return listed(value)
        if isinstance(value, list | tuple) and all(isinstance(one, str) for one in value):
            return tuple(value)
    elif kind is int:
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if isinstance(value, str) and value.removeprefix("-").isdecimal():
            return int(value)
    elif value is None or isinstance(value, str):
        if kind == Path | None:
            return Path(value) if value else None
        if kind == str | None:
            return value or None
        if value is not None:
            return value
    message = f"the option {name} of a benchmark is {value!r}"
    needed = "a list of names" if kind == tuple[str, ...] else "a whole number" if kind is int else "text"
    raise RequestError(message, needed=needed)


def _known(what: str, given: Iterable[str], known: tuple[str, ...]) -> tuple[str, ...]:
    """Return the given names in the order of the known ones; `RequestError` names those that are not known."""
    given = tuple(given)
    unknown = [name for name in given if name not in known]
    if unknown:
        message = f"{what} {', '.join(unknown)}: not known"
        raise RequestError(message, needed=f"one of {', '.join(known)}")
    return tuple(name for name in known if name in given)
