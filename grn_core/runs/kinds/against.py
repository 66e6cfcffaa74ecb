"""Finished networks measured against a reference, with intervals, as a run: of many pairs the draws take a while."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from grn_core.benchmark.metrics.draws import N_DRAWS, check_draws
from grn_core.files import write_table
from grn_core.genes.usual import OMNIPATH
from grn_core.runs.jobs import JobKind
from grn_core.runs.kinds.networks import NetworksRequest
from grn_core.runs.request import BY_CONTENT

if TYPE_CHECKING:
    from pathlib import Path

    from grn_core.networks.matched import Matched
    from grn_core.progress import Progress

MOST = 6
"""Networks that are measured together."""
PARTS, RESULT = "parts", "table.parquet"
"""Where draws are kept while others are drawn, and the first of the tables that are kept at the end."""


@dataclass(frozen=True, kw_only=True)
class AgainstRequest(NetworksRequest):
    """Which finished networks, two to six, are measured against which reference; their order does not matter.

    Attributes
    ----------
    reference
        Name of `grn_core.benchmark.references.named.kept_reference`; takes part in the id by its content.
    n_draws, seed
        Of the intervals.
    """

    kind: ClassVar[str] = "against"
    most: ClassVar[int | None] = MOST

    reference: str = field(default=OMNIPATH, metadata=BY_CONTENT)
    n_draws: int = N_DRAWS
    seed: int = 0

    def __post_init__(self) -> None:
        """Put the runs in canonical order and refuse what no worker could compute."""
        super().__post_init__()
        check_draws(self.n_draws, seed=self.seed)

    @property
    def subject(self) -> str:
        """Title, or what it is."""
        return self.title or f"{len(self.runs)} networks"

    def hashes(self) -> dict[str, str]:
        """Return the hash of the reference; the id of a run is the hash of what it holds."""
        from grn_core.benchmark.references.named import reference_sha

        return {"reference": reference_sha(self.reference)}

    def check_matched(self, matched: Matched) -> None:
        """Refuse a reference that knows no TF of the networks, or none of their edges."""
        from grn_core.benchmark.metrics.against import labelled_pairs
        from grn_core.benchmark.references.named import any_reference

        labelled_pairs(matched, any_reference(self.reference).edges)

    def packages(self) -> tuple[str, ...]:
        """Return the packages that compute."""
        return ("numpy", "pandas", "scipy")


def _against(request: AgainstRequest, folder: Path, progress: Progress) -> dict[str, Any]:
    import shutil

    from grn_core.benchmark.metrics.against import against_reference
    from grn_core.benchmark.metrics.found_against import TABLES, table_file
    from grn_core.benchmark.references.named import any_reference
    from grn_core.networks.consensus import with_consensus
    from grn_core.runs.matched import match_runs

    progress("match", 0, 1)
    edges, parts = any_reference(request.reference).edges, folder / PARTS
    parts.mkdir(exist_ok=True)
    matched = with_consensus(match_runs(request.runs))
    progress("match", 1, 1)
    found = against_reference(
        matched, edges, n_draws=request.n_draws, seed=request.seed, folder=parts, progress=progress
    )
    for name in TABLES[::-1]:  # the first, without which the run is not done, last
        write_table(getattr(found, name), folder / table_file(name))
    shutil.rmtree(parts, ignore_errors=True)
    return {"n_draws": found.n_draws, "seed": found.seed, "words": found.words}


AGAINST = JobKind(
    request=AgainstRequest,
    run=_against,
    result=RESULT,
    stages={"match": 0.1, "draw": 0.9},
    uses_device=False,
)
