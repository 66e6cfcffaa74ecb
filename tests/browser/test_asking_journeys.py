"""Asking by other ways than the demo's model: co-expression, bare genes, a knock-out; in a real Chromium."""

from __future__ import annotations

import pytest

from tests.app_server import needs_chromium, wait_for_network
from tests.browser.eventually import await_in_url
from tests.browser.test_journeys import INFERENCE_MS, drawn_network

pytestmark = [pytest.mark.browser, needs_chromium]


@pytest.mark.thorough
def test_pearson_on_the_demo_becomes_a_network(page, server, watch):
    page.goto(f"{server.url}/infer")
    page.get_by_role("radio", name="Co-expression").or_(page.get_by_role("button", name="Co-expression")).first.click()
    page.get_by_text("Score, limits and reference").click()
    page.get_by_text("its sign says whether both rise together or one falls").wait_for()
    page.get_by_role("button", name="Infer the network").click()
    wait_for_network(page, timeout_ms=INFERENCE_MS)
    page.get_by_text("How to read this").first.click()
    page.get_by_text("A score is no probability").first.wait_for()
    page.get_by_role("button", name="Show the network").click()
    drawn_network(page)
    page.get_by_text("thicker: higher score").wait_for()
    await_in_url(page, "run")
    watch.check()


@pytest.mark.thorough
def test_from_pasted_genes_to_their_network(server, page, watch):
    page.goto(server.url)
    page.get_by_role("textbox", name="Gene names").fill("SPI1 GATA1 CEBPA CD14 LYZ MPO nonsense")
    page.get_by_role("textbox", name="Gene names").press("Control+Enter")
    page.get_by_role("button", name="Infer their network").click()
    wait_for_network(page, timeout_ms=INFERENCE_MS)
    page.get_by_text("no cells").first.wait_for()
    page.get_by_role("button", name="Show the network").click()
    page.locator(".grn-network .stage[data-drawn]").wait_for()
    watch.check()


def test_a_knock_out_is_asked_and_its_genes_are_shown(server, page, watch):
    page.goto(f"{server.url}/what_if?changed=SPI1&n_variable=20&tfs=own&own_tfs=SPI1%20IRF8")
    page.get_by_role("button", name="Ask the model").click()
    page.get_by_text("What it is worth").wait_for(timeout=300_000)
    page.get_by_text("Knock-out of SPI1").first.wait_for()
    page.locator(".js-plotly-plot").first.wait_for()
    await_in_url(page, "changed", "SPI1")
    watch.check()
