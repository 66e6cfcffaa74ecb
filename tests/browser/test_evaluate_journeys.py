"""Comparing two runs and reading the benchmark, in a real Chromium."""

from __future__ import annotations

import pytest

from grn_core import datasets
from grn_core.benchmark.job import RESULTS
from grn_core.benchmark.options import BenchmarkOptions
from grn_core.benchmark.results.tables import write_results
from grn_core.networks.compare import edge_sets
from grn_core.progress import silent
from grn_core.runs import BenchmarkRequest, InferRequest, RunStatus, RunStore
from grn_core.runs.jobs import job_kind
from grn_core.runs.matched import match_runs
from tests.app_server import needs_chromium
from tests.benchmark.toy_results import toy_results
from tests.browser.eventually import await_in_url, eventually

pytestmark = [pytest.mark.browser, needs_chromium]
EDGE_COLOURS = "stage => stage.network.body.data.edges.map(edge => edge.color.color)"
PLACES = "stage => stage.network.getPositions()"


def infer_demo(method: str) -> str:
    """Infer the demo with one method and few genes, in this process; return the run id."""
    cells = datasets.load("pbmc68k")
    content = {"dataset_ref": cells.ref, "dataset_sha": cells.sha256, "title": cells.title, "n_variable": 100}
    request = InferRequest(extractors=(method,), translator="omnipath", seeds=(0,), **content)
    store = RunStore()
    run = store.write_request(request)
    store.write_result(run, job_kind("infer").run(request, store.path(run), silent))
    store.write_status(run, RunStatus("done", fraction=1.0))
    return run


def choose(page, label: str, option: str) -> None:
    """Open a list and take one of its options; a list closes by itself where the page beside it is still drawn."""
    offered = page.get_by_role("option", name=option, exact=True)

    def take() -> None:
        if not offered.is_visible():
            page.get_by_role("combobox", name=label).click()
        offered.click(timeout=2000)

    eventually(take)


def test_two_methods_on_the_demo_are_compared_and_joined(server, page, watch):
    older, newer = (infer_demo(method) for method in ("vvp", "gdt"))
    page.goto(f"{server.url}/compare")
    page.get_by_text("Common pairs", exact=True).wait_for()
    await_in_url(page, "runs", f"{newer},{older}")

    stages = page.locator(".grn-network .stage[data-drawn]")
    stages.nth(1).wait_for()
    one, other = (stages.nth(place) for place in (0, 1))
    matched = match_runs([newer, older])
    found = edge_sets(matched, a=newer, b=older, k=100)["found"].value_counts()

    def drawn_alike() -> None:
        assert one.evaluate(PLACES) == other.evaluate(PLACES)
        colours = [stage.evaluate(EDGE_COLOURS) for stage in (one, other)]
        grey = set(colours[0]) & set(colours[1])
        assert len(grey) == 1
        assert colours[0].count(*grey) == found["both"]
        assert len(set(colours[0])) == len(set(colours[1])) == 2

    eventually(drawn_alike)

    page.get_by_text("Against a reference", exact=True).click()
    page.get_by_text("Translators of these runs have seen edges of this reference").wait_for()
    await_in_url(page, "view", "reference")

    page.get_by_text("Consensus", exact=True).click()
    page.get_by_role("button", name="Save the consensus as a new run").click()
    page.get_by_text("The consensus is saved as run").wait_for()
    page.get_by_test_id("stMain").get_by_role("link", name="Network").click()
    page.wait_for_url("**/network?*")
    stages.first.wait_for()
    run = await_in_url(page, "run")
    assert RunStore().request(run).kind == "consensus"
    assert len(RunStore().edges(run)) == len(matched)
    watch.check()


@pytest.mark.thorough
def test_another_training_reference_changes_the_heatmap(server, page, watch):
    store = RunStore()
    run = store.write_request(BenchmarkRequest(options=BenchmarkOptions(suite="curated"), title="Toy"))
    write_results(toy_results(), store.path(run) / RESULTS)
    store.write_status(run, RunStatus("done", fraction=1.0))
    page.goto(f"{server.url}/benchmark?results={run}&bench_train=hESC:*")
    page.get_by_text("In plain words.").wait_for()
    chart = page.get_by_test_id("stPlotlyChart").filter(has_text="Random guess").first  # below the first answer
    chart.get_by_text("ChIP-seq of all cell types").first.wait_for()
    chart.get_by_text("Random guess").wait_for()

    choose(page, "Trained on", "STRING of mouse dendritic cells")
    chart.get_by_text("ChIP-seq of all cell types").first.wait_for(state="detached")
    chart.get_by_text("human hepatocytes").first.wait_for()
    await_in_url(page, "bench_train", "mDC:STRING")

    page.reload()
    page.get_by_text("beats every control on 1 of 2 test sets").wait_for()
    page.get_by_role("heading", name="As published").wait_for()
    watch.check()
