"""The TF activity of two groups of cells whose networks are compared: one request, wherever it is asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from grn_core.runs.kinds.activity import ActivityRequest
from grn_core.runs.kinds.groups import GroupsRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grn_core.datasets import Dataset
    from grn_core.runs.state import RunInfo

TOGETHER = timedelta(minutes=1)
"""Within which a comparison and the TF activity that it asks for are asked for, one after the other."""


def activity_of(request: GroupsRequest, dataset: Dataset) -> ActivityRequest:
    """Return the request of the TF activity of the same groups and donors, from the bundled network.

    Parameters
    ----------
    request
        The groups.
    dataset
        Their cells.
    """
    return replace(_plain(request), donor=request.donor).by_what_counts(dataset)


def asked_with(activity: RunInfo, runs: Sequence[RunInfo]) -> RunInfo | None:
    """Return the comparison of two groups that asked for a TF activity beside it; None where somebody else did.

    It is of the same groups from the bundled network, as `activity_of` asks, and was asked for within a minute.

    Parameters
    ----------
    activity
        A run of TF activity.
    runs
        Those among which the comparison is looked for; of several the newest counts.
    """
    request = activity.request
    if not isinstance(request, ActivityRequest):
        return None
    asked = replace(request, donor="").decides()
    found = [
        info
        for info in runs
        if isinstance(info.request, GroupsRequest)
        and _plain(info.request).decides() == asked
        and timedelta() <= _moment(activity) - _moment(info) <= TOGETHER
    ]
    return max(found, key=_moment, default=None)


def _moment(info: RunInfo) -> datetime:
    try:
        return datetime.fromisoformat(info.created).astimezone(UTC)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)


def _plain(request: GroupsRequest) -> ActivityRequest:
    """Return the TF activity of the same groups, without donors."""
    return ActivityRequest(
        title=request.title,
        dataset_ref=request.dataset_ref,
        dataset_sha=request.dataset_sha,
        cells=request.cells,
        a=request.a,
        b=request.b,
    )
