"""How well a model's edges generalise, beside controls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from grn_core.runs.jobs import JobKind
from grn_core.runs.request import BY_CONTENT, Request, refuse

if TYPE_CHECKING:
    from pathlib import Path

    from grn_core.progress import Progress


@dataclass(frozen=True, kw_only=True)
class BenchmarkRequest(Request):
    """What a benchmark measures; the model takes part in the id by its content.

    Attributes
    ----------
    model
        Name or folder of a foundation model.
    n_seeds
        Number of draws.
    options
        Further options (`grn_core.benchmark.job.DEFAULTS`) as (name, value) pairs, or a mapping.
    """

    kind: ClassVar[str] = "benchmark"

    model: str = field(default="compact", metadata=BY_CONTENT)
    n_seeds: int = 5
    options: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        """Put the options in canonical order."""
        given = self.options.items() if isinstance(self.options, Mapping) else self.options
        self._set("options", tuple(sorted((str(name), str(value)) for name, value in given)))
        if self.n_seeds < 1:
            refuse(f"{self.n_seeds} seeds were asked for", "at least 1")

    @property
    def subject(self) -> str:
        """Title, or what it is."""
        return self.title or "Benchmark"

    def hashes(self) -> dict[str, str]:
        """Return the hash of the weights and that of the code that measures."""
        from grn_core.benchmark.job import hashes

        return hashes(self.model)

    def packages(self) -> tuple[str, ...]:
        """Return the packages that compute."""
        return ("numpy", "rustscenic", "scikit-learn", "scipy", "torch")


def _benchmark(request: BenchmarkRequest, folder: Path, progress: Progress) -> dict[str, Any]:
    from grn_core.benchmark.job import run_job

    return run_job(request.model, dict(request.options), folder, n_seeds=request.n_seeds, progress=progress)


BENCHMARK = JobKind(
    request=BenchmarkRequest,
    run=_benchmark,
    result="results/manifest.json",
    stages={"corpus": 0.1, "measure": 0.9},
)
