"""What a run is said to take names every stage that it passes through, and no other."""

from __future__ import annotations

import numpy as np
import pytest

from grn_core.costs import STARTING, Cost, one_after_other
from grn_core.datasets import load
from grn_core.in_words import duration
from grn_core.runs import (
    ActivityRequest,
    AllGroupsRequest,
    CoexpressionRequest,
    GroupsRequest,
    InferRequest,
    RunStore,
    WhatIfRequest,
)
from grn_core.runs.beside_groups import activity_of
from grn_core.runs.foretold import foretell_network
from grn_core.runs.foretold_cells import foretell
from grn_core.runs.jobs import job_kind
from pages.components.runs.progress import STAGES

COLUMN = "bulk_labels"
A, B = (COLUMN, ("CD14+ Monocyte",)), (COLUMN, ("Dendritic",))
OF = load("pbmc68k")
COMMON = {"dataset_ref": OF.ref, "dataset_sha": OF.sha256}
SMALL = COMMON | {"tfs": ("IRF8", "HES4", "HMGA1"), "n_variable": 40}
TWO = SMALL | {"a": A, "b": B, "permutations": 9}
ON_CELLS = {
    "cells": GroupsRequest(**TWO),
    "donors": GroupsRequest(**TWO, donor="louvain"),
    "donors asked of a model": GroupsRequest(**TWO | {"permutations": 1}, donor="louvain", method="context"),
    "all groups": AllGroupsRequest(**SMALL, by=COLUMN),
    "activity": ActivityRequest(**COMMON),
    "activity of groups": ActivityRequest(**COMMON, group=COLUMN, a=A, b=B),
    "what if": WhatIfRequest(**SMALL, changed=("IRF8",)),
    "what if in a group": WhatIfRequest(**SMALL, changed=("IRF8",), background="context", n_draws=3),
}
NETWORKS = {
    "network": InferRequest(**SMALL),
    "with co-expression": InferRequest(**SMALL, with_coexpression=True),
    "adapted": InferRequest(**SMALL, adapt=100),
    "co-expression": CoexpressionRequest(**SMALL, method="pearson"),
}


def foretold(request) -> Cost:
    if request.kind in ("infer", "coexpression"):
        return foretell_network(request, request.panel(OF), n_cells=OF.n_cells, n_values=OF.n_values)
    return foretell(request, OF)


@pytest.mark.parametrize("name", [*ON_CELLS, *NETWORKS])
def test_every_stage_is_in_the_estimate(name):
    request = (ON_CELLS | NETWORKS)[name]
    cost = foretold(request)
    assert list(cost.stages) == [STARTING, *job_kind(request.kind).stages_of(request)]
    assert all(seconds > 0 for seconds in cost.stages.values() if name != "activity"), cost.stages
    assert cost.seconds == pytest.approx(sum(cost.stages.values()))
    for stage, seconds in cost.stages.items():
        assert f"{stage} {duration(seconds)}" in cost.told
        assert STAGES[stage], "a page says it in words"


@pytest.mark.parametrize("name", ON_CELLS)
def test_a_run_passes_through_the_stages_that_are_said(name):
    request, heard = ON_CELLS[name], []
    store = RunStore()
    run_id = store.write_request(request)
    job_kind(request.kind).run(request, store.path(run_id), lambda stage, _done, _total: heard.append(stage))
    assert list(dict.fromkeys(heard)) == list(foretold(request).stages)[1:]


def test_the_activity_beside_two_groups_is_counted_with_them():
    groups = ON_CELLS["cells"]
    both = [foretell(one, OF) for one in (groups, activity_of(groups, OF))]
    whole = one_after_other(both)
    assert whole.seconds == pytest.approx(sum(one.seconds for one in both))
    assert set(whole.stages) == set(both[0].stages) | set(both[1].stages)
    assert (whole.memory, whole.disk) == (max(one.memory for one in both), np.sum([one.disk for one in both]))
