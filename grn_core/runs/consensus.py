"""The consensus of finished runs as a run of its own, which the pages read like any other network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from grn_core.errors import RequestError
from grn_core.files import write_json
from grn_core.networks.borda import borda
from grn_core.networks.compare import Matched, match_networks
from grn_core.networks.edge_table import write_edges
from grn_core.runs.request import RunRequest
from grn_core.runs.store import RunStore

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from grn_core.progress import Progress

SEPARATOR = ","
SCORE = {
    "title": "Borda consensus",
    "unit": "mean share of the points, 0 to 1",
    "limits": "Only the order of the runs takes part; what all of them get wrong, it gets wrong too.",
}
"""What the scores of a consensus are, for the pages; see `grn_core.coexpression`."""


def consensus_request(run_ids: Sequence[str], *, title: str = "") -> RunRequest:
    """Return the request of the Borda consensus of finished runs; their order does not matter.

    Raises
    ------
    RequestError
        Fewer than two different runs.
    """
    chosen = sorted(set(run_ids))
    if len(chosen) < 2:
        message = f"a consensus of {len(chosen)} run was asked for"
        raise RequestError(message, needed="two or more different runs", todo="choose another run beside it")
    extra = (("runs", SEPARATOR.join(chosen)), ("rule", "borda"))
    return RunRequest(kind="consensus", dataset_ref="consensus", extra=extra, title=title)


def consensus_runs(request: RunRequest) -> tuple[str, ...]:
    """Return the ids of the runs that a consensus is made of; none for another kind of request."""
    return tuple(filter(None, dict(request.extra).get("runs", "").split(SEPARATOR)))


def match_runs(run_ids: Sequence[str]) -> Matched:
    """Put finished runs side by side on their common pairs; a network's name is its run id.

    Raises
    ------
    RunError
        A run is not there or not finished.
    DataError
        The runs have no pair in common.
    """
    store = RunStore()
    return match_networks({run_id: store.edges(run_id) for run_id in run_ids})


def consensus(request: RunRequest, folder: Path, progress: Progress) -> dict[str, Any]:
    """Compute the consensus of the runs that a request names; see `grn_core.networks.compare.borda`."""
    ids = consensus_runs(request)
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
