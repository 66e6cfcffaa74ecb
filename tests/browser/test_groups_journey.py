"""From A and B on Dataset to what differs between them, in a real Chromium."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.app_server import needs_chromium
from tests.browser.eventually import await_in_url
from tests.browser.test_journeys import INFERENCE_MS

pytestmark = [pytest.mark.browser, needs_chromium]
GROUPS = "dataset=pbmc68k&a_by=bulk_labels&a_in=CD14%2B%20Monocyte&b_by=bulk_labels&b_in=Dendritic"
FEW = "permutations=20&n_variable=20&tfs=own&own_tfs=IRF8%20HES4%20HMGA1"


@pytest.mark.thorough
def test_the_link_to_the_groups_opens_their_choice_and_shows_it(page, server, watch):
    page.goto(f"{server.url}/groups?dataset=pbmc68k")
    page.get_by_role("link", name="Choose groups A and B").click()
    choice = page.get_by_text("Values of group A")
    choice.wait_for()
    expect(choice).to_be_in_viewport()
    watch.check()


def test_going_back_goes_back_to_a_default_and_forward_from_it(page, server, watch):
    """Moving to a page keeps what was chosen there; the browser's own way back undoes it."""
    page.goto(f"{server.url}/groups?dataset=pbmc68k")
    choice = page.get_by_role("radio", name="All groups of a column")
    choice.click()
    await_in_url(page, "groups_view", "all")
    page.go_back()
    expect(page).not_to_have_url(re.compile("groups_view|back="))
    expect(choice).not_to_be_checked()
    page.go_forward()
    expect(page).to_have_url(re.compile("groups_view=all$|groups_view=all&(?!back)"))
    expect(choice).to_be_checked()
    page.get_by_role("link", name="TF activity").click()
    expect(page.get_by_role("heading", name="TF activity")).to_be_visible()
    page.get_by_role("link", name="Groups").click()
    expect(choice).to_be_checked()
    await_in_url(page, "groups_view", "all")
    watch.check()


def test_two_groups_of_the_demo_are_compared(page, server, watch):
    page.goto(f"{server.url}/dataset?{GROUPS}&{FEW}")
    page.get_by_text("Two groups to compare, A and B").click()
    page.get_by_role("link", name="Compare A and B").click()
    page.get_by_text("In a minute about").wait_for()
    await_in_url(page, "b_in")
    page.get_by_role("button", name="Compare the groups").click()
    page.get_by_role("heading", name="Both networks").wait_for(timeout=INFERENCE_MS)
    page.get_by_text(re.compile("edges differ|No edge (is|can be) sure to differ")).first.wait_for()
    stages = page.locator(".grn-network .stage")
    expect(stages).to_have_count(2, timeout=INFERENCE_MS)
    expect(stages.last).not_to_have_attribute("data-drawn", re.compile("."))  # far down: it waits until it is seen
    for number in (0, 1):
        stage = stages.nth(number)
        stage.scroll_into_view_if_needed()
        expect(stage).to_have_attribute("data-drawn", re.compile("."), timeout=INFERENCE_MS)
    loaded = page.evaluate("performance.getEntries().map((one) => one.name)")
    page.get_by_role("button", name="The same as a command").click()
    page.locator("code", has_text="grn_core groups").wait_for()
    assert not [one for one in loaded if "SyntaxHighlighter" in one], "it comes with the first command that is opened"
    watch.check()
