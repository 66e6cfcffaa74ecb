"""From pasted gene names to a network, without any cell, in a real Chromium."""

from __future__ import annotations

import pytest

from tests.app_server import needs_chromium, wait_for_network

pytestmark = [pytest.mark.browser, needs_chromium]


def test_from_pasted_genes_to_their_network(server, page, watch):
    page.goto(server.url)
    page.get_by_role("textbox", name="Gene names").fill("SPI1 GATA1 CEBPA CD14 LYZ MPO nonsense")
    page.get_by_role("textbox", name="Gene names").press("Control+Enter")
    page.get_by_role("button", name="Infer their network").click()
    wait_for_network(page, timeout_ms=600_000)
    page.get_by_text("no cells").first.wait_for()
    page.get_by_role("button", name="Show the network").click()
    page.locator(".grn-network .stage[data-drawn]").wait_for()
    watch.check()
