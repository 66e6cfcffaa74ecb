"""A run that is opened is one that is used, of whatever kind it is: it does not go as unused."""

from __future__ import annotations

from grn_core.runs import RunStore
from grn_core.runs.jobs import JobKind
from grn_core.runs.retention import USED
from pages.components.shared import links
from tests.pages.app import open_page, part_of_page
from tests.pages.fabricated_run import fabricate_run
from tests.pages.people import a_run_of_every_kind
from tests.pages.test_benchmark_page import finished_benchmark


def used(run_ids) -> set[str]:
    return {run_id for run_id in run_ids if (RunStore().path(run_id) / USED).exists()}


def test_a_run_of_every_kind_is_used_when_a_page_shows_it(monkeypatch):
    monkeypatch.setattr(JobKind, "is_held", lambda self, folder: True)
    runs = a_run_of_every_kind("mine").values()

    def page(run_ids: list[str]) -> None:
        from pages.components.runs.progress import watch_run

        for run_id in run_ids:
            watch_run(run_id)

    assert used(runs) == set()
    app = part_of_page(page, list(runs)).run()
    assert not app.exception
    assert used(runs) == set(runs)


def test_compared_networks_are_used_and_others_are_not():
    runs = [fabricate_run(seed=seed) for seed in (1, 2, 3)]
    open_page(links.COMPARE, runs=",".join(runs[:2]))
    assert used(runs) == set(runs[:2])


def test_results_of_a_benchmark_are_used_when_they_are_on_show():
    run_id = finished_benchmark()
    open_page(links.BENCHMARK)
    assert used([run_id]) == set()
    open_page(links.BENCHMARK, results=run_id)
    assert used([run_id]) == {run_id}
