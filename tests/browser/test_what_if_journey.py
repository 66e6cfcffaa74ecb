"""From the demo's cells to what a knock-out would do, in a real Chromium."""

from __future__ import annotations

import pytest

from tests.app_server import needs_chromium
from tests.browser.eventually import await_in_url

pytestmark = [pytest.mark.browser, needs_chromium]


def test_a_knock_out_is_asked_and_its_genes_are_shown(server, page, watch):
    page.goto(f"{server.url}/what_if?changed=SPI1&n_variable=20&tfs=own&own_tfs=SPI1%20IRF8")
    page.get_by_role("button", name="Ask the model").click()
    page.get_by_text("What it is worth").wait_for(timeout=300_000)
    page.get_by_text("Knock-out of SPI1").first.wait_for()
    page.locator(".js-plotly-plot").first.wait_for()
    await_in_url(page, "changed", "SPI1")
    watch.check()
