"""Which TF activity a comparison of two groups asked for, and where it stands among the last runs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grn_core.runs import ActivityRequest, GroupsRequest, RunInfo, RunStatus
from grn_core.runs.beside_groups import asked_with
from grn_core.runs.marks import Marks
from pages.components.runs.list import place_of

CELLS = {"title": "Mine", "dataset_ref": "mine", "dataset_sha": "0", "a": ("type", ("A",)), "b": ("type", ("B",))}
GROUPS, ACTIVITY = GroupsRequest(**CELLS), ActivityRequest(**CELLS)


def info(request, created: str, *, state: str = "done") -> RunInfo:
    return RunInfo(created, request, f"2026-01-{created}.000+00:00", RunStatus(state), Marks())


OLD, NEW = info(GROUPS, "01T12:00:00"), info(replace(GROUPS, seed=1), "05T12:00:00")


@pytest.mark.parametrize("donor", ["", "donor"])
def test_what_a_comparison_asked_for_stands_below_it(donor):
    for compared in (OLD, NEW):
        beside = info(replace(ACTIVITY, donor=donor), compared.run_id[:-2] + "03")
        assert asked_with(beside, [NEW, OLD]) is compared
        ordered = sorted([beside, OLD, NEW], key=lambda one: place_of(one, others=[NEW, OLD]), reverse=True)
        assert ordered.index(beside) == ordered.index(compared) + 1


@pytest.mark.parametrize(
    "asked",
    [
        info(ACTIVITY, "09T12:00:00"),
        info(ACTIVITY, "04T12:00:00"),
        info(replace(ACTIVITY, method="aucell"), "05T12:00:03"),
        info(replace(ACTIVITY, network="0123456789abcdef"), "05T12:00:03"),
        info(replace(ACTIVITY, b=("type", ("C",))), "05T12:00:03"),
        info(ACTIVITY, "05T12:00:03", state="running"),
    ],
    ids=["later", "before", "method", "network", "groups", "active"],
)
def test_another_activity_of_the_groups_keeps_its_own_time(asked):
    assert place_of(asked, others=[NEW, OLD]) == (asked.created, True)
