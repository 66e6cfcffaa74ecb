"""What a newcomer does, in a real Chromium."""

from __future__ import annotations

import pytest

from grn_core.runs import RunStore
from tests.app_server import needs_chromium, wait_for_network
from tests.browser.conftest import with_and_without_spare_worker
from tests.browser.eventually import await_in_url, eventually
from tests.pages.fabricated_run import fabricate_run

pytestmark = [pytest.mark.browser, needs_chromium]
INFERENCE_MS = 600_000  # a busy machine; how long it may take on an idle one is measured under tests/performance

# Colours of the drawn canvas, and where the genes of the drawing lie in the window.
COLOURS = """stage => {
    const canvas = stage.querySelector("canvas");
    const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    return new Set(new Uint32Array(pixels.buffer)).size;
}"""
PLACES = """stage => {
    const frame = stage.getBoundingClientRect();
    return stage.network.body.nodeIndices.map(id => {
        const place = stage.network.canvasToDOM(stage.network.getPosition(id));
        return [id, frame.x + place.x, frame.y + place.y];
    });
}"""


def drawn_network(page):
    """Wait for the drawing and return its stage; an empty canvas has one colour."""
    stage = page.locator(".grn-network .stage[data-drawn]")
    stage.wait_for()

    def painted() -> None:
        assert stage.evaluate(COLOURS) > 10

    eventually(painted)
    return stage


def click_gene(page, stage) -> str:
    """Click the gene that lies farthest from every other one; return its name."""
    stage.scroll_into_view_if_needed()
    places = stage.evaluate(PLACES)

    def room(place) -> float:
        return min((place[1] - x) ** 2 + (place[2] - y) ** 2 for gene, x, y in places if gene != place[0])

    gene, x, y = max(places, key=room)
    page.mouse.click(x, y)
    return gene


def table_rows(page) -> list[list[str]]:
    """Rows of the first table of the page, as assistive technology reads them; Streamlit draws it on a canvas."""
    rows = page.get_by_test_id("stDataFrame").first.locator("tbody tr")
    rows.nth(2).wait_for(state="attached")
    return [[cell.strip() for cell in row.locator("td").all_inner_texts()] for row in rows.all()]


@pytest.mark.thorough
def test_a_link_to_a_gene_opens_it_on_a_fresh_server(fresh_server, page, watch):
    run = fabricate_run()
    page.goto(f"{fresh_server.url}/network?run={run}&gene=G02")
    drawn_network(page)
    page.get_by_role("heading", name="G02").wait_for()
    assert page.get_by_role("dialog").count() == 0
    watch.check()


@with_and_without_spare_worker
def test_from_the_demo_to_ranked_targets(fresh_server, page, watch):
    page.goto(f"{fresh_server.url}/targets")
    page.get_by_text("There is no finished run yet").wait_for()
    assert page.get_by_role("dialog").count() == 0

    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Home").click()
    page.get_by_role("button", name="Infer the demo network").click()
    wait_for_network(page, timeout_ms=INFERENCE_MS)
    run = await_in_url(page, "run")

    page.get_by_role("button", name="Show the network").click()
    stage = drawn_network(page)
    gene = click_gene(page, stage)
    page.get_by_role("heading", name=gene, exact=True).wait_for()
    await_in_url(page, "gene", gene)

    page.get_by_test_id("stSidebarNav").get_by_role("link", name="TF targets").click()
    page.get_by_role("heading", name="TF targets").wait_for()
    best = RunStore().edges(run)
    tf = gene if gene in set(best["source"]) else best["source"].iloc[0]  # it opens on the picked TF
    best = best[best["source"] == tf]["target"].tolist()

    def ranked() -> None:
        rows = table_rows(page)
        assert [row[1] for row in rows] == best[: len(rows)]
        probabilities = [float(row[2]) for row in rows]
        assert probabilities == sorted(probabilities, reverse=True)

    eventually(ranked)
    watch.check()


@pytest.mark.thorough
def test_a_reload_during_inference_finds_the_run_again(server, page, watch):
    page.goto(f"{server.url}/infer?dataset=pbmc68k&n_variable=100")
    page.get_by_role("button", name="Infer the network").click()
    page.get_by_role("button", name="Cancel").wait_for()
    run = await_in_url(page, "run")
    page.reload()
    wait_for_network(page, timeout_ms=INFERENCE_MS)
    await_in_url(page, "run", run)
    same = [
        info.run_id for info in RunStore().list_runs() if info.request.to_json() == RunStore().request(run).to_json()
    ]
    assert same == [run]
    watch.check()
