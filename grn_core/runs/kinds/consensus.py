"""The Borda consensus of finished runs, as a run of its own, which the pages read like any other network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from grn_core.errors import RequestError
from grn_core.files import read_json, write_atomic, write_json
from grn_core.runs.jobs import JobKind
from grn_core.runs.request import Request, in_order
from grn_core.runs.store import RunStore

if TYPE_CHECKING:
    from pathlib import Path

    from grn_core.progress import Progress

SCORE = {
    "title": "Borda consensus",
    "unit": "mean share of the points, 0 to 1",
    "directed": True,
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
    from grn_core.networks.borda import borda
    from grn_core.runs.matched import match_runs, symbols

    ids = request.runs
    progress("read", 0, len(ids))
    matched = match_runs(ids)
    progress("read", len(ids), len(ids))
    progress("consensus", 0, 1)
    edges = borda(matched)
    genes = sorted(set(edges["source"]) | set(edges["target"]))
    place = {gene: index for index, gene in enumerate(genes)}
    sources = sorted(place[gene] for gene in edges["source"].unique())
    shown = {symbol: label for label, symbol in symbols(read_json(RunStore().path(ids[0]) / "panel.json") or {}).items()}
    labels = [shown.get(gene, gene) for gene in genes]
    notes = [f"Borda consensus of {len(ids)} runs on their {len(edges):,} common pairs: {', '.join(ids)}."]
    write_json(folder / "panel.json", {"genes": genes, "labels": labels, "sources": sources, "notes": notes})
    named = edges.assign(**{end: edges[end].map(dict(zip(genes, labels, strict=True))) for end in ("source", "target")})
    write_atomic(folder / "edges.parquet", lambda path: named.to_parquet(path, index=False))
    progress("consensus", 1, 1)
    score = {**SCORE, "signed": bool((edges["sign"] != 0).any())}
    return {"edges": len(named), "sources": len(sources), "genes": len(genes), "notes": notes, "score": score}


CONSENSUS = JobKind(
    request=ConsensusRequest,
    run=_consensus,
    result="edges.parquet",
    stages={"read": 0.5, "consensus": 0.5},
)
