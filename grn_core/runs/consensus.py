"""The consensus of finished runs as a run of its own, which the pages read like any other network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from grn_core.errors import RequestError
from grn_core.files import read_json, write_atomic, write_json
from grn_core.networks.borda import borda
from grn_core.networks.compare import Matched, match_networks
from grn_core.runs.request import RunRequest
from grn_core.runs.store import RunStore

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from grn_core.progress import Progress

SEPARATOR = ","
SCORE = {
    "title": "Borda consensus",
    "unit": "mean share of the points, 0 to 1",
    "directed": True,
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


def symbols(panel: Mapping[str, Any]) -> dict[str, str]:
    """Map the names in a run's edge table (the user's own) to the canonical symbols; from ``panel.json``."""
    return dict(zip(panel.get("labels", ()), panel.get("genes") or panel.get("labels", ()), strict=True))


def in_symbols(edges: pd.DataFrame, panel: Mapping[str, Any]) -> pd.DataFrame:
    """Return the edges of a run in canonical symbols, so that runs on differently named data can be compared."""
    known = symbols(panel)
    named = edges.assign(**{end: edges[end].map(known).fillna(edges[end]) for end in ("source", "target")})
    return named.drop_duplicates(["source", "target"])  # of two rows with one symbol the better one stands first


def match_runs(run_ids: Sequence[str]) -> Matched:
    """Put finished runs side by side on their common pairs, in canonical symbols; a network's name is its run id.

    Raises
    ------
    RunError
        A run is not there or not finished.
    DataError
        The runs have no pair in common.
    """
    store = RunStore()
    return match_networks({run_id: in_symbols(store.edges(run_id), _panel(store, run_id)) for run_id in run_ids})


def consensus(request: RunRequest, folder: Path, progress: Progress) -> dict[str, Any]:
    """Compute the consensus of the runs that a request names; see `grn_core.networks.compare.borda`."""
    ids = consensus_runs(request)
    progress("read", 0, len(ids))
    matched = match_runs(ids)
    progress("read", len(ids), len(ids))
    progress("consensus", 0, 1)
    edges = borda(matched)
    genes = sorted(set(edges["source"]) | set(edges["target"]))
    place = {gene: index for index, gene in enumerate(genes)}
    sources = sorted(place[gene] for gene in edges["source"].unique())
    store = RunStore()
    shown = {symbol: label for label, symbol in symbols(_panel(store, ids[0])).items()}
    labels = [shown.get(gene, gene) for gene in genes]
    notes = [f"Borda consensus of {len(ids)} runs on their {len(edges):,} common pairs: {', '.join(ids)}."]
    write_json(folder / "panel.json", {"genes": genes, "labels": labels, "sources": sources, "notes": notes})
    named = edges.assign(**{end: edges[end].map(dict(zip(genes, labels, strict=True))) for end in ("source", "target")})
    write_atomic(folder / "edges.parquet", lambda path: named.to_parquet(path, index=False))
    progress("consensus", 1, 1)
    score = {**SCORE, "signed": bool((edges["sign"] != 0).any())}
    return {"edges": len(named), "sources": len(sources), "genes": len(genes), "notes": notes, "score": score}


def _panel(store: RunStore, run_id: str) -> dict[str, Any]:
    return read_json(store.path(run_id) / "panel.json") or {}
