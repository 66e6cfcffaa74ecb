"""What a visitor sees on every page, on a phone, a tablet and a wide screen: no raw markup, and nothing cut off."""

from __future__ import annotations

import pytest

from grn_core.runs import RunStatus, RunStore
from tests.app_server import needs_chromium
from tests.browser.test_axe import PAGES, SETTLED, as_lines, with_results
from tests.pages.fabricated_run import fabricate_run

pytestmark = [pytest.mark.browser, needs_chromium, pytest.mark.performance]  # slow, as the pages before axe

SIZES = ({"width": 390, "height": 844}, {"width": 1024, "height": 768}, {"width": 1440, "height": 900})
AMISS = r"""() => {
    const main = document.querySelector("[data-testid=stMain]"), found = [];
    const texts = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const text = texts.currentNode.textContent;
        if (texts.currentNode.parentElement.closest("code, pre, style, script")) continue;
        if (/`|\*\*|:material|\\[*_`$]|\]\(http/.test(text)) found.push("raw markup: " + text.slice(0, 200));
    }
    for (const row of main.querySelectorAll("[data-testid=stButtonGroup], [data-testid=stButtonGroup] *")) {
        const isCut = row.clientWidth && row.scrollWidth > row.clientWidth + 2;
        if (isCut) found.push("cut off: " + row.innerText.slice(0, 200));
    }
    if (main.scrollWidth > main.clientWidth + 2) found.push("wider than the screen");
    return found;
}"""


def amiss(server, page, addresses: list[str]) -> dict[str, list[str]]:
    """Return what is amiss on pages, by address and width."""
    found = {}
    for address in addresses:
        for size in SIZES:
            page.set_viewport_size(size)
            page.goto(f"{server.url}/{address}")
            page.wait_for_function(SETTLED)
            found[f"{address} {size['width']}"] = page.evaluate(AMISS)
    return found


def test_no_page_shows_raw_markup_or_is_cut_off(server, page):
    one, other = fabricate_run(seed=51, rare=True), fabricate_run(seed=52)
    views = [f"compare?runs={one},{other}&view={view}" for view in ("agreement", "scores", "reference", "consensus")]
    found = amiss(server, page, [*PAGES, *views, f"targets?run={one}&shown=enrichment", "benchmark?closer=transfer"])
    assert not any(found.values()), as_lines(found)


def test_nor_does_a_page_of_results_or_of_what_has_failed(server, page):
    failed, damaged = fabricate_run(seed=53), fabricate_run(seed=54)
    error = {"found": "no memory is left", "needed": "more of it", "todo": "raise `ulimit -v`"}
    RunStore().write_status(failed, RunStatus("failed", error=error))
    edges = RunStore().path(damaged) / "edges.parquet"
    edges.write_bytes(edges.read_bytes()[:-9])
    runs = [f"{name}?run={run}" for name in ("infer", "network", "targets") for run in (failed, damaged)]
    whole = ",".join(fabricate_run(seed=seed) for seed in (55, 56, 57))
    compared = [f"compare?runs={damaged},{whole}", f"compare?runs={whole}"]
    found = amiss(server, page, [*with_results().values(), *runs, *compared])
    assert not any(found.values()), as_lines(found)
