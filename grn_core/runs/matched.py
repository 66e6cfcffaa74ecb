"""The edges of finished runs side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grn_core.errors import GrnError
from grn_core.networks.matched import Matched, match_networks
from grn_core.runs.kinds.panel import PanelRequest
from grn_core.runs.store import RunStore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grn_core.runs.request import Request


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


def share_pairs(one: str, other: str) -> bool:
    """Whether two finished runs scored a common pair, so that they can be compared; of an unreadable run no pair is."""
    try:
        return len(match_runs((one, other))) > 0
    except GrnError:
        return False


def same_scores(matched: Matched, *, names: tuple[str, str], within: float = 0.0) -> bool:
    """Whether two of the compared networks give every common pair the same score, up to a difference."""
    one, other = (matched.score[:, matched.names.index(name)] for name in names)
    return bool(np.allclose(one, other, rtol=0.0, atol=within))


def identical_by_construction(matched: Matched, requests: tuple[Request, Request], *, names: tuple[str, str]) -> bool:
    """Whether two networks cannot differ, because no measured cell takes part in the scores of either.

    Parameters
    ----------
    matched
        Compared networks.
    requests
        What the two runs were asked.
    names
        Their names in `matched`.
    """
    # A readout may see which other genes are asked: then the numbers differ.
    alike = same_scores(matched, names=names, within=1e-3)
    return alike and isinstance(requests[0], PanelRequest) and requests[0].scores_as(requests[1])
