"""Files that draw themselves, opened in a real Chromium; one browser serves them all."""

from __future__ import annotations

import re

import pytest

from grn_core.networks.exports import EXPORTS, network_of
from tests.app_server import needs_chromium
from tests.browser.eventually import eventually
from tests.networks.exports.test_drawings import HOSTILE, hostile_edges

pytestmark = [pytest.mark.browser, needs_chromium]
PLACES = """stage => stage.network.body.nodeIndices.map(
    id => [id, stage.network.canvasToDOM(stage.network.getPosition(id))]
)"""


def test_the_page_draws_itself_with_every_request_blocked(chromium_tab, tmp_path):
    (tmp_path / "network.html").write_bytes(EXPORTS["html"].write(network_of(hostile_edges())))
    asked, said = [], []
    chromium_tab.on("console", lambda message: said.append(message.text))
    chromium_tab.on("pageerror", lambda error: said.append(str(error)))
    chromium_tab.on("dialog", lambda dialog: said.append(dialog.message))

    def only_the_file(route):
        asked.append(route.request.url)
        route.continue_() if len(asked) == 1 else route.abort()

    chromium_tab.route("**/*", only_the_file)
    chromium_tab.goto((tmp_path / "network.html").as_uri())
    stage = chromium_tab.locator(".stage[data-drawn]")
    stage.wait_for()
    places = stage.evaluate(PLACES)
    assert {gene for gene, _ in places} == set(HOSTILE)
    place = dict(map(tuple, places))["A&B"]
    stage.click(position={"x": place["x"], "y": place["y"]})
    chromium_tab.get_by_role("status").get_by_text("A&B: 1 regulator shown").wait_for()
    assert (len(asked), said) == (1, [])


def test_a_page_whose_library_does_not_come_says_so(chromium_tab, tmp_path):
    (tmp_path / "network.html").write_bytes(EXPORTS["html"].write(network_of(hostile_edges())))
    chromium_tab.add_init_script("Object.defineProperty(globalThis, 'vis', {value: Object.freeze({})})")
    chromium_tab.clock.install()
    chromium_tab.goto((tmp_path / "network.html").as_uri())
    said = chromium_tab.get_by_text("The script that draws did not come.")

    def waited() -> None:
        chromium_tab.clock.run_for(1000)
        assert said.is_visible()

    eventually(waited)


def test_the_report_draws_with_every_request_blocked(chromium_tab, tmp_path):
    (tmp_path / "report.html").write_bytes(EXPORTS["report"].write(network_of(hostile_edges())))
    asked, said = [], []
    chromium_tab.on("console", lambda message: said.append(message.text))
    chromium_tab.on("pageerror", lambda error: said.append(str(error)))
    chromium_tab.on("dialog", lambda dialog: said.append(dialog.message))

    def only_the_file(route):
        asked.append(re.sub(r"^(data|about):.*", r"\1", route.request.url))
        route.continue_() if len(asked) == 1 else route.abort()

    chromium_tab.route("**/*", only_the_file)
    chromium_tab.goto((tmp_path / "report.html").as_uri())
    chromium_tab.frame_locator("iframe").locator(".stage[data-drawn]").wait_for()
    assert said == []
    assert [url for url in asked[1:] if url not in ("data", "about")] == []
