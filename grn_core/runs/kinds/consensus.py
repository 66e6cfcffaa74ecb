"""The Borda consensus of finished runs, as a run of its own, which the pages read like any other network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from grn_core.errors import RequestError
from grn_core.files import write_json
from grn_core.runs.jobs import JobKind
from grn_core.runs.request import Request, in_order
from grn_core.runs.store import RunStore

if TYPE_CHECKING:
    from pathlib import Path

    from grn_core.progress import Progress

SCORE = {
    "title": "Borda consensus",
    "unit": "mean share of the points, 0 to 1",
    "limits": "Only the order of the runs takes part; what all of them get wrong, it gets wrong too.",
}
"""What the scores of a consensus are, for the pages; see `grn_core.coexpression`."""


@dataclass(frozen=True, kw_only=True)
class ConsensusRequest(Request):
    """Which finished runs are put together; their order does not matter.

    Attributes
    ----------
    runs
        Two or more run ids.
    """

    kind: ClassVar[str] = "consensus"

    runs: tuple[str, ...]

    def __post_init__(self) -> None:
        """Put the runs in canonical order and refuse fewer than two."""
        self._set("runs", in_order(str(run) for run in self.runs))
        if len(self.runs) < 2:
            message = f"a consensus of {len(self.runs)} run was asked for"
            raise RequestError(message, needed="two or more different runs", todo="choose another run beside it")

    @property
    def subject(self) -> str:
        """Title, or what it is."""
        return self.title or f"Consensus of {len(self.runs)} runs"

    def packages(self) -> tuple[str, ...]:
        """Return the packages that compute."""
        return ("numpy", "pandas")


def _consensus(request: ConsensusRequest, folder: Path, progress: Progress) -> dict[str, Any]:
    import numpy as np

    from grn_core.networks.borda import borda
    from grn_core.networks.edge_table import write_edges
    from grn_core.runs.matched import match_runs

    ids = request.runs
    progress("read", 0, len(ids))
    matched = match_runs(ids)
    progress("read", len(ids), len(ids))
    progress("consensus", 0, 1)
    store = RunStore()
    directed = any(map(store.is_directed, ids))
    edges = borda(matched, directed=directed)
    genes, sources = matched.genes, [int(place) for place in np.unique(matched.source_at)]
    notes = [f"Borda consensus of {len(ids)} runs on their {len(edges):,} common pairs: {', '.join(ids)}."]
    panel = {"genes": genes.symbols, "labels": genes.labels, "ids": genes.ids, "sources": sources, "notes": notes}
    write_json(folder / "panel.json", panel)
    write_edges(edges, folder / "edges.parquet")
    progress("consensus", 1, 1)
    score = {**SCORE, "signed": bool((edges["sign"] != 0).any()), "directed": directed}
    size = {"edges": len(edges), "sources": len(sources), "genes": len(genes.symbols)}
    return {**size, "notes": notes, "score": score}


CONSENSUS = JobKind(
    request=ConsensusRequest,
    run=_consensus,
    result="edges.parquet",
    stages={"read": 0.5, "consensus": 0.5},
)
