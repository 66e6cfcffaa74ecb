"""The edges of finished runs side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grn_core.networks.matched import Matched, match_networks
from grn_core.runs.store import RunStore

if TYPE_CHECKING:
    from collections.abc import Sequence


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
