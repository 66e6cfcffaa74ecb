"""How long the pages of results take in Chromium, as `test_network_speed` measures the network: median of 20, warm.

A page is open when its answer is drawn: for Groups both networks, for What if and TF activity the picture. Beside them
stands About, which has text alone: what Streamlit and the browser take before anything of a run is shown. How long
opening takes is reported; a change to Groups and back is held to its limit.
"""

from __future__ import annotations

import pytest

from tests.app_server import needs_chromium, start_app
from tests.browser.test_axe import with_results
from tests.performance.test_network_speed import DRAWN, median

pytestmark = [pytest.mark.performance, needs_chromium]
PICTURE = ".js-plotly-plot .main-svg"
OPEN_S, CHANGE_S = 2.0, 1.0
PAGES = {"two groups": DRAWN, "all groups": PICTURE, "activity": PICTURE, "what if": PICTURE, "compared": PICTURE}


def test_the_pages_of_results(chromium_tab, grn_home):
    addresses = with_results()
    tab = chromium_tab
    tab.set_default_timeout(60_000)
    server = start_app(grn_home)
    took = {}
    try:
        server.wait_until_up()

        def open_page(address: str, drawn: str) -> None:
            tab.goto(f"{server.url}/{address}")
            tab.locator(drawn).last.wait_for()

        def change(turn: int) -> None:
            page, drawn = (("Groups", DRAWN), ("About this installation", "h1:has-text('About')"))[turn % 2]
            tab.get_by_test_id("stSidebarNav").get_by_role("link", name=page, exact=True).click()
            tab.locator(drawn).last.wait_for()

        looks = {name: (addresses[name], drawn) for name, drawn in PAGES.items()} | {"About": ("about", "h1")}
        for name, (address, drawn) in looks.items():
            open_page(address, drawn)
            took[name] = median(lambda _, address=address, drawn=drawn: open_page(address, drawn))[0]
        open_page(addresses["two groups"], DRAWN)
        for turn in (1, 0, 1):
            change(turn)
        changed = median(change)[0]
    finally:
        server.stop()
    for name, seconds in took.items():
        print(f"\n{name} open: {seconds:.2f} s (aim {OPEN_S} s; {seconds / took['About']:.1f} times About)", end="")
    print(f"\nto Groups and back: {changed:.2f} s (aim {CHANGE_S} s)")
    assert changed <= CHANGE_S
