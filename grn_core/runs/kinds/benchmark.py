"""How well a model's edges generalise, beside controls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

from grn_core.errors import DataError
from grn_core.runs.jobs import JobKind
from grn_core.runs.request import Request

if TYPE_CHECKING:
    from pathlib import Path

    from grn_core.benchmark.options import BenchmarkOptions
    from grn_core.progress import Progress


@dataclass(frozen=True, kw_only=True)
class BenchmarkRequest(Request):
    """What a benchmark measures; the model and every file and folder take part in the id by their content.

    Attributes
    ----------
    options
        What is measured.
    """

    kind: ClassVar[str] = "benchmark"

    options: BenchmarkOptions

    @property
    def model(self) -> str:
        """Name or folder of the model that is measured."""
        return self.options.model

    @property
    def subject(self) -> str:
        """Title, or what it is."""
        return self.title or "Benchmark"

    def to_json(self) -> dict[str, Any]:
        """Return the request as JSON types."""
        return {"kind": self.kind, "title": self.title, "options": self.options.to_json()}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Read `to_json`'s output, or the options as text of format 1."""
        from grn_core.benchmark.options import BenchmarkOptions

        return cls(title=values.get("title", ""), options=BenchmarkOptions.from_json(values["options"]))

    def decides(self) -> dict[str, Any]:
        """Return the options that decide the result."""
        by_content = ("model", "reference", "references", "expression", "corpus", "cells", "tables", "translator")
        return {name: value for name, value in self.options.to_json().items() if name not in by_content}

    def hashes(self) -> dict[str, str]:
        """Return the hashes of the weights, of the code that measures and of every file and folder that is read."""
        from grn_core.benchmark.job import hashes
        from grn_core.benchmark.perturbed.names import named
        from grn_core.benchmark.protocol.protocols import own_network
        from grn_core.datasets.local import hash_of_named
        from grn_core.files import sha256_of
        from grn_core.translator.registry import sha_with_card

        found, options = hashes(self.options), self.options
        if options.reference:
            found = {**found, "reference": sha256_of(own_network(options.reference))}
        for title, path in map(named, options.tables):
            if not path.is_file():
                message = f"the table {title} is gone: there is no file {path}"
                raise DataError(message, needed="the table", todo="put it back, or name it where it lies now")
            found = {**found, f"table {title}": sha256_of(path)}
        if options.translator:
            found = {**found, "translator": sha_with_card(options.translator)}
        return found if options.cells is None else {**found, "cells": hash_of_named(str(options.cells))}

    def look(self) -> None:
        """Refuse, before there is a run, tests that there are not, and tables or a network that cannot be read."""
        from grn_core.benchmark.job import check_named

        super().look()
        check_named(self.options)

    def packages(self) -> tuple[str, ...]:
        """Return the packages that compute."""
        return ("numpy", "rustscenic", "scikit-learn", "scipy", "torch")


def _benchmark(request: BenchmarkRequest, folder: Path, progress: Progress) -> dict[str, Any]:
    from grn_core.benchmark.job import run_job

    return run_job(request.options, folder, progress=progress)


BENCHMARK = JobKind(
    request=BenchmarkRequest,
    run=_benchmark,
    result="results/manifest.json",
    stages={"corpus": 0.1, "measure": 0.9},
)
