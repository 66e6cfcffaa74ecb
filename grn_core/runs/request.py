"""What a user asks a worker to compute, and the id that follows from it."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from grn_core.adapt import check_steps
from grn_core.errors import RequestError
from grn_core.genes import TF_LISTS
from grn_core.runs.jobs import job_kind

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT = 1
"""Raised whenever the same request would be computed to other numbers by newer code."""
GENES_ONLY = "genes"
"""The dataset ref of a bare gene list: no measured cell."""
BACKGROUNDS = ("virtual", "context")


@dataclass(frozen=True, kw_only=True)
class RunRequest:
    """One piece of long work, described completely.

    Lists whose order does not matter are sorted and freed of duplicates, so that equal requests are equal values.

    Attributes
    ----------
    kind
        Name in the registry of `grn_core.runs.jobs`.
    dataset_ref, dataset_sha
        The dataset and the hash of its content; `GENES_ONLY` and no hash for a bare gene list.
    species
        Of a bare gene list: ``human``, ``mouse`` or None (recognised from the names). A dataset knows its own.
    n_variable, tfs, genes
        Options of the panel: number of variable genes, TF list (a name in `grn_core.genes.TF_LISTS`, or gene names),
        own gene list.
    cells
        ``(column, values)``: only cells whose `column` holds one of `values`; None is every cell.
    model, readout, background, methods, translator, seeds
        Options of `grn_core.inference.infer`.
    adapt
        Steps by which the model's pre-training is continued on the chosen cells first (`grn_core.adapt`); None, which
        0 becomes, asks the model as it is and takes no part in the id.
    extra
        Options of kinds of work that have their own, as (name, value) pairs, or a mapping; e.g. those of a benchmark.
    title
        The dataset's title, for people; takes no part in the id.
    """

    kind: str = "infer"
    dataset_ref: str
    dataset_sha: str = ""
    species: str | None = None
    n_variable: int = 500
    tfs: str | tuple[str, ...] = "auto"
    genes: tuple[str, ...] | None = None
    cells: tuple[str, tuple[str, ...]] | None = None
    model: str = "compact"
    readout: str | None = None
    background: str = "virtual"
    methods: tuple[str, ...] = ("gdt", "vvp")
    translator: str = "omnipath"
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)
    adapt: int | None = None
    extra: tuple[tuple[str, str], ...] = ()
    title: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        """Put lists in canonical order and refuse what no worker could compute."""
        given = self.tfs
        if not isinstance(given, str):
            object.__setattr__(self, "tfs", _sorted(given))
        if self.genes is not None:
            object.__setattr__(self, "genes", _sorted(self.genes))
        if self.cells is not None:
            column, values = self.cells
            object.__setattr__(self, "cells", (str(column), _sorted(str(value) for value in values)))
        extra = sorted((str(name), str(value)) for name, value in dict(self.extra).items())
        object.__setattr__(self, "extra", tuple(extra))
        object.__setattr__(self, "methods", _sorted(self.methods))
        object.__setattr__(self, "seeds", _sorted(int(seed) for seed in self.seeds))
        object.__setattr__(self, "adapt", int(self.adapt or 0) or None)
        self._check()

    def _check(self) -> None:
        if isinstance(self.tfs, str) and self.tfs not in TF_LISTS:
            _refuse(f"unknown TF list {self.tfs!r}", f"one of {', '.join(TF_LISTS)}, or gene names")
        if not self.tfs:
            _refuse("the TF list is empty", "at least one TF")
        if self.background not in BACKGROUNDS:
            _refuse(f"unknown background {self.background!r}", " or ".join(BACKGROUNDS))
        if self.species not in (None, "human", "mouse"):
            _refuse(f"unknown species {self.species!r}", "human or mouse")
        if self.n_variable < 0:
            _refuse(f"the number of variable genes is {self.n_variable}", "0 or more")
        if not self.methods:
            _refuse("no method was chosen", "at least one, e.g. vvp")
        if not self.seeds or self.seeds[0] < 0:
            _refuse(f"the seeds are {list(self.seeds)}", "at least one seed, each 0 or more")
        if self.genes is not None and not self.genes:
            _refuse("the gene list is empty", "at least two genes")
        if self.dataset_ref == GENES_ONLY and self.genes is None:
            _refuse("a request without a dataset has no gene list", "gene names")
        if self.cells is not None and not self.cells[1]:
            _refuse(f"no value of {self.cells[0]!r} was chosen", "at least one")
        if self.adapt is not None:
            check_steps(self.adapt)
            if self.dataset_ref == GENES_ONLY:
                _refuse("an adaptation was asked for without a dataset", "measured cells to adapt to")

    def to_json(self) -> dict[str, Any]:
        """Return the request as JSON types."""
        return json.loads(json.dumps(dataclasses.asdict(self)))

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> RunRequest:
        """Read `to_json`'s output."""
        kept = {item.name: values[item.name] for item in dataclasses.fields(cls) if item.name in values}
        if kept.get("cells") is not None:
            kept["cells"] = tuple(kept["cells"])
        return cls(**kept)

    def hashes(self) -> dict[str, str]:
        """Return the content hashes of everything beside the dataset that decides the result; torch-free."""
        return job_kind(self.kind).hashes(self)

    def check(self) -> None:
        """Refuse, before there is a run, what model, translator or method cannot be asked; torch-free.

        Raises
        ------
        GrnError
            A subclass that says what was found, needed and what to do.
        """
        self.hashes()  # weights and methods that are not there
        job_kind(self.kind).check(self)

    def run_id(self) -> str:
        """Return the 16 hexadecimal digits that name this work.

        Equal requests on equal content have the same id on every machine; options that the kind of job does not read
        take no part.
        """
        options = {name: getattr(self, name) for name in job_kind(self.kind).options}
        content = {"format": FORMAT, "kind": self.kind, "dataset": self.dataset_sha, **options, "hashes": self.hashes()}
        canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(canonical.encode()).hexdigest()[:16]


def _sorted(values: Any) -> tuple:
    return tuple(sorted(set(values)))


def _refuse(found: str, needed: str) -> None:
    raise RequestError(found, needed=needed, todo="change the request")
