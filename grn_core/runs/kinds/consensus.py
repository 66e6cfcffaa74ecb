"""The consensus of finished runs, as a run of its own, which the pages read like any other network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from grn_core.errors import RequestError
from grn_core.files import write_json
from grn_core.genes.usual import BORDA, JOININGS
from grn_core.runs.jobs import JobKind
from grn_core.runs.kinds.networks import NetworksRequest
from grn_core.runs.request import refuse
from grn_core.runs.store import RunStore
from grn_core.translator.registry import records

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from grn_core.networks.matched import Matched
    from grn_core.progress import Progress


@dataclass(frozen=True, kw_only=True)
class ConsensusRequest(NetworksRequest):
    """Which finished networks are put together; their order does not matter.

    Attributes
    ----------
    method
        Name in `grn_core.networks.consensus.CONSENSUSES`.
    """

    kind: ClassVar[str] = "consensus"

    method: str = BORDA

    def __post_init__(self) -> None:
        """Put the runs in canonical order and refuse fewer than two, or a method that there is not."""
        super().__post_init__()
        if self.method not in JOININGS:
            refuse(f"there is no consensus {self.method!r}", " or ".join(JOININGS))

    def decides(self) -> dict[str, Any]:
        """Return the fields that decide the result; Borda's count is not named, as before there was another."""
        found = super().decides()
        return {name: value for name, value in found.items() if name != "method" or value != BORDA}

    @property
    def subject(self) -> str:
        """Title, or what it is."""
        return self.title or f"Consensus of {len(self.runs)} runs"

    def packages(self) -> tuple[str, ...]:
        """Return the packages that compute."""
        return ("numpy", "pandas")

    def check_matched(self, matched: Matched) -> None:
        """Refuse a mean of probabilities that some network lacks, or that are not of one kind."""
        from grn_core.networks.calibrated_mean import check_calibrated
        from grn_core.networks.consensus import find_consensus

        if find_consensus(self.method).likely:
            check_calibrated(matched)
            _check_references(self.runs)
            _probability(self.runs)


def _consensus(request: ConsensusRequest, folder: Path, progress: Progress) -> dict[str, Any]:
    import numpy as np

    from grn_core.networks.consensus import find_consensus
    from grn_core.networks.edge_table import write_edges
    from grn_core.runs.matched import match_runs

    ids, way = request.runs, find_consensus(request.method)
    progress("read", 0, len(ids))
    matched = match_runs(ids)
    progress("read", len(ids), len(ids))
    progress("consensus", 0, 1)
    store = RunStore()
    directed = any(map(store.is_directed, ids))
    edges = way.function(matched, directed=directed)
    if way.likely:
        _check_references(ids)
    likely = _probability(ids) if way.likely else {}
    genes, sources = matched.genes, [int(place) for place in np.unique(matched.source_at)]
    notes = [f"{way.title} of {len(ids)} runs on their {len(edges):,} common pairs: {', '.join(ids)}."]
    panel = {"genes": genes.symbols, "labels": genes.labels, "ids": genes.ids, "sources": sources, "notes": notes}
    write_json(folder / "panel.json", panel)
    write_edges(edges, folder / "edges.parquet")
    progress("consensus", 1, 1)
    score = {
        "title": way.title,
        "unit": way.unit,
        "limits": way.limits,
        "signed": bool((edges["sign"] != 0).any()),
        "directed": directed,
        **likely,
    }
    size = {"edges": len(edges), "sources": len(sources), "genes": len(genes.symbols)}
    return {**size, "notes": notes, "score": score}


def _probability(ids: Sequence[str]) -> dict[str, Any]:
    """Return what the record says of mean probabilities: the mean of the shares of edges that they go by.

    Raises
    ------
    RequestError
        Some go by how rare edges are and others, of an earlier version, do not.
    """
    shares = [_score_of(run_id).get("prior") for run_id in ids]
    known = [float(share) for share in shares if share is not None]
    if known and len(known) < len(shares):
        without = ", ".join(run_id for run_id, share in zip(ids, shares, strict=True) if share is None)
        message = f"the probabilities of {without} do not go by how rare edges are, those of the others do"
        raise RequestError(message, needed="probabilities of one kind", todo="infer those anew, or take Borda's count")
    return {"probability": True, **({"prior": sum(sorted(known)) / len(known)} if known else {})}


def _check_references(ids: Sequence[str]) -> None:
    """Refuse probabilities of edges of several references: their mean would be how likely an edge of neither is.

    Raises
    ------
    RequestError
        The runs' translators learnt from references of their own.
    """
    kinds = {run_id: _edges_of(run_id) for run_id in ids}
    if len({*kinds.values()}) > 1:
        told = "; ".join(f"those of {run_id} are of edges of {kind}" for run_id, kind in kinds.items())
        message = f"the probabilities are not of one kind of edges: {told}"
        needed = "translators that learnt from one reference"
        raise RequestError(message, needed=needed, todo="take Borda's count, which needs an order alone")


def _edges_of(run_id: str) -> str:
    """Return of which reference's edges the probabilities of a run are: what its translator is calibrated on."""
    request = RunStore().request(run_id)
    if isinstance(request, ConsensusRequest):
        return " and ".join(sorted({_edges_of(one) for one in request.runs}))
    name = str(getattr(request, "translator", ""))
    card = next((one.card for one in records() if one.name == name), {})
    learnt = ", ".join(sorted(str(one["reference"]) for one in card.get("training", ())))
    return str(card.get("held_out", {}).get("network", "")) or learnt or f"what {name} learnt"


def _score_of(run_id: str) -> dict[str, Any]:
    return (RunStore().record(run_id).get("result") or {}).get("score") or {}


CONSENSUS = JobKind(
    request=ConsensusRequest,
    run=_consensus,
    result="edges.parquet",
    stages={"read": 0.5, "consensus": 0.5},
    uses_device=False,
)
