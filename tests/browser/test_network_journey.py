"""Working in a network, in a real Chromium: find, pick, choose several, drag, reload, by mouse and by keyboard."""

from __future__ import annotations

import pytest

from grn_core.runs.subnetworks import subnetworks
from tests.app_server import needs_chromium
from tests.browser.eventually import await_in_url, eventually, in_url
from tests.browser.test_journeys import drawn_network
from tests.pages.fabricated_run import fabricate_run

pytestmark = [pytest.mark.browser, needs_chromium]
SCALE = "stage => stage.network.getScale()"
# Where a gene lies in the window, once it rests: the view glides, and a place on the way is no place to press.
PLACE = """async (stage, gene) => {
    const now = () => {
        const frame = stage.getBoundingClientRect();
        const at = stage.network.canvasToDOM(stage.network.getPosition(gene));
        return [frame.x + at.x, frame.y + at.y];
    };
    let [before, still] = [now(), 0];
    while (still < 4) {
        await new Promise(requestAnimationFrame);
        const after = now();
        still = Math.hypot(after[0] - before[0], after[1] - before[1]) < 0.5 ? still + 1 : 0;
        before = after;
    }
    return before;
}"""
CUT = """bar => [...bar.querySelectorAll("*")].filter(one => one.scrollWidth > one.clientWidth + 1
    && getComputedStyle(one).overflowX === "hidden").map(one => one.innerText)"""
"""The words of which only a part is seen."""
SHARE_OF_HEIGHT = """stage => {
    const places = stage.network.body.nodeIndices.map(id => stage.network.canvasToDOM(stage.network.getPosition(id)).y);
    return (Math.max(...places) - Math.min(...places)) / stage.clientHeight;
}"""
THINNEST = """async (stage, scale) => {
    const drawn = new Promise(done => stage.network.once("afterDrawing", done));
    stage.network.moveTo({ scale, animation: false });
    await drawn;
    const widths = Object.values(stage.network.body.edges).map(edge => edge.options.width);
    return Math.min(...widths) * stage.network.getScale();
}"""
"""Pixels of the screen that the thinnest line takes at a zoom."""
POSITION = "(stage, gene) => Object.values(stage.network.getPosition(gene)).map(Math.round)"
EDGES = "stage => stage.network.body.edgeIndices.length"
FADED = "stage => Object.values(stage.network.body.data.nodes.get()).filter(node => node.opacity < 0.5).length"


def test_genes_are_found_picked_dragged_and_chosen_and_all_of_it_survives_a_reload(server, page, watch):
    run = fabricate_run(seed=1)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{server.url}/network?run={run}")
    stage = drawn_network(page)

    def fills_the_window() -> None:
        box = stage.bounding_box()
        assert box["height"] >= 0.7 * 900
        assert int(stage.get_attribute("data-labels")) >= 20

    eventually(fills_the_window)
    before = stage.evaluate(SCALE)
    page.get_by_role("combobox", name="Find a gene").click()
    page.get_by_role("option", name="G03", exact=True).click()
    page.get_by_role("heading", name="G03").wait_for()

    def comes_near() -> None:
        assert stage.evaluate(SCALE) > before
        assert stage.evaluate(FADED) > 0

    eventually(comes_near)
    page.get_by_role("button", name="Close").click()
    page.get_by_role("heading", name="G03").wait_for(state="detached")
    eventually(lambda: _same(stage.evaluate(FADED), 0))

    at_first = stage.evaluate(POSITION, "G01")
    x, y = stage.evaluate(PLACE, "G01")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y + 40, steps=4)
    page.mouse.up()
    await_in_url(page, "moved")
    put = stage.evaluate(POSITION, "G01")
    assert put != at_first

    page.get_by_role("button", name="Look").click()
    eventually(lambda: _same(page.get_by_role("button", name="Put dragged genes back").is_enabled(), True))
    page.keyboard.press("Escape")
    for gene in ("G00", "G01"):
        page.keyboard.down("Control")
        page.mouse.click(*stage.evaluate(PLACE, gene))
        page.keyboard.up("Control")
    await_in_url(page, "chosen", "G00,G01")
    page.reload()
    stage = drawn_network(page)
    eventually(lambda: _same(stage.evaluate(POSITION, "G01"), put))
    page.get_by_role("button", name="Save as a sub-network").click()
    page.get_by_role("textbox", name="Name", exact=True).fill("Two of them")
    page.get_by_role("textbox", name="Name", exact=True).press("Enter")
    page.get_by_role("button", name="Save", exact=True).click()
    eventually(lambda: _same(subnetworks(run), {"Two of them": ("G00", "G01")}))
    page.keyboard.press("Escape")
    for scale in (0.03, 0.3, 1, 4):  # a law of every drawing: no line is a hairline, from however far
        eventually(lambda scale=scale: _same(stage.evaluate(THINNEST, scale) >= 0.99, True))
    page.get_by_role("button", name="Show only these").click()
    await_in_url(page, "only", "G00,G01")
    eventually(lambda: _same(stage.evaluate(EDGES) <= 2, True))
    watch.check()


@pytest.mark.thorough
def test_by_keyboard_alone_and_on_a_phone(server, page, watch):
    run = fabricate_run(seed=2)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{server.url}/network?run={run}")
    stage = drawn_network(page)
    eventually(lambda: _same(stage.evaluate(SHARE_OF_HEIGHT) > 0.5, True))
    stage.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    gene = await_in_url(page, "gene")
    heading = page.get_by_role("heading", name=gene, exact=True)
    heading.wait_for()

    def in_view() -> None:
        box = heading.bounding_box()
        assert 0 < box["y"] < 844 - box["height"]

    eventually(in_view)
    stage.focus()
    page.keyboard.press("Escape")
    eventually(lambda: _same(in_url(page, "gene"), None))
    before = stage.evaluate(SCALE)
    page.keyboard.press("+")

    def nearer() -> None:
        assert stage.evaluate(SCALE) > before

    eventually(nearer)
    await_in_url(page, "view")
    page.goto(f"{server.url}/network?run={run}&chosen=G00,G01,G02,G07,G09,G11")
    bar = page.locator(".st-key-chosen_bar")
    bar.get_by_role("button", name="Clear").wait_for()
    eventually(lambda: _same(bar.evaluate(CUT), []))
    watch.check()


def _same(found: object, wanted: object) -> None:
    assert found == wanted
