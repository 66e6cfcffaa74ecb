"""On every page that shows a result stands what such answers reach on test sets, or nothing where none were tested."""

from __future__ import annotations

import pytest

from grn_core import datasets
from grn_core.progress import silent
from grn_core.runs import ActivityRequest, AllGroupsRequest, GroupsRequest, RunStatus, RunStore, WhatIfRequest
from grn_core.runs.finished import FinishedRun
from grn_core.runs.jobs import job_kind
from pages.components.shared import links
from tests.pages import test_activity_page, test_what_if_page
from tests.pages.app import open_page
from tests.pages.fabricated_run import fabricate_run

SAID = "Tested on 4 reference sets: AUPRC 0.80; best simple control 0.70; chance 0.50."
GROUP = "bulk_labels"
pytestmark = pytest.mark.usefixtures("paper_models")


def of_cells() -> dict[str, str]:
    return {"title": "Mine", "dataset_ref": "pbmc68k", "dataset_sha": datasets.load("pbmc68k").sha256}


def groups() -> dict[str, str]:
    few = {"genes": ("IRF8", "HES4", "LYZ", "CD3D"), "tfs": ("IRF8", "HES4"), "permutations": 9}
    a, b = (GROUP, ("CD14+ Monocyte",)), (GROUP, ("Dendritic",))
    return {"groups_run": computed(GroupsRequest(**of_cells(), **few, a=a, b=b))}


def all_groups() -> dict[str, str]:
    few = {"genes": ("IRF8", "HES4", "LYZ", "CD3D"), "tfs": ("IRF8", "HES4")}
    return {"groups_run": computed(AllGroupsRequest(**of_cells(), **few, by=GROUP))}


def computed(request) -> str:
    store, run_id = RunStore(), RunStore().write_request(request)
    store.write_result(run_id, job_kind(request.kind).run(request, store.path(run_id), silent))
    store.write_status(run_id, RunStatus("done", fraction=1.0))
    return run_id


def what_if() -> dict[str, str]:
    run_id = RunStore().write_request(WhatIfRequest(**of_cells(), changed=("SPI1",)))
    test_what_if_page.finish(run_id)
    return {"asked": run_id}


def activity() -> dict[str, str]:
    run_id = RunStore().write_request(ActivityRequest(**of_cells()))
    test_activity_page.finish(run_id)
    return {"asked": run_id}


RESULTS = {
    "Network": (links.NETWORK, lambda: {"run": fabricate_run()}),
    "TF targets": (links.TARGETS, lambda: {"run": fabricate_run()}),
    "Compare": (links.COMPARE, lambda: {"runs": ",".join(fabricate_run(seed=seed) for seed in (1, 2))}),
    "Groups": (links.GROUPS, groups),
    "Groups, all of a column": (links.GROUPS, all_groups),
    "What if": (links.WHAT_IF, what_if),
    "TF activity": (links.ACTIVITY, activity),
}


@pytest.mark.parametrize("page", RESULTS)
def test_it_stands_once_on_every_page_of_results_and_nowhere_where_nothing_was_tested(page, monkeypatch):
    path, result = RESULTS[page]
    asked = result()
    for line, n in ((SAID, 1), ("", 0)):
        monkeypatch.setattr(FinishedRun, "tested", property(lambda run, line=line: line))
        found = [one.value for one in open_page(path, **asked).caption if "Tested on" in one.value]
        assert len(found) == n, found
