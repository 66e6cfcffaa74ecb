"""A newcomer scores the demo by co-expression, in a real Chromium."""

from __future__ import annotations

import pytest

from tests.app_server import needs_chromium, wait_for_network
from tests.browser.eventually import await_in_url
from tests.browser.test_journeys import INFERENCE_MS, drawn_network

pytestmark = [pytest.mark.browser, needs_chromium]


def test_pearson_on_the_demo_becomes_a_network(page, server, watch):
    page.goto(f"{server.url}/infer")
    page.get_by_role("radio", name="Co-expression").or_(page.get_by_role("button", name="Co-expression")).first.click()
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
