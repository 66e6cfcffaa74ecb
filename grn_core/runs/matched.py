"""The edges of finished runs side by side, in canonical symbols."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from grn_core.files import read_json
from grn_core.networks.compare import Matched, match_networks
from grn_core.runs.store import RunStore

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd


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


def _panel(store: RunStore, run_id: str) -> dict[str, Any]:
    return read_json(store.path(run_id) / "panel.json") or {}
