"""Every page before axe-core, light and dark: contrast, order of headings, roles, names of what can be used.

What Streamlit's own parts do against the rules is listed, with the reason, and nothing else passes.
"""

from __future__ import annotations

import ast

import pytest
from axe_playwright_python.sync_playwright import Axe

from grn_core import datasets
from grn_core.progress import silent
from grn_core.runs import ActivityRequest, AllGroupsRequest, GroupsRequest, Request, RunStatus, RunStore, WhatIfRequest
from grn_core.runs.jobs import job_kind
from tests.app_server import ROOT, needs_chromium
from tests.browser.test_journeys import drawn_network
from tests.pages.fabricated_run import fabricate_run

pytestmark = [pytest.mark.browser, needs_chromium]

OF_STREAMLIT = {
    "list": ("stSidebarNavItems", "the links of the navigation stand in groups, each a block within the list"),
    "listitem": ("<li ", "the links of the navigation after the first lie in a block, not in the list itself"),
    "presentation-role-conflict": ("stFileUploaderDropzone", "the field for files has a role and a name"),
    "region": ("data-floating-ui-portal", "what opens is put at the end of the document, beside all landmarks"),
}
"""Rule -> what the HTML of a part of Streamlit's own has in it, and what Streamlit does there."""

PAGES = (
    *("", "dataset", "infer", "network", "targets", "activity", "groups", "what_if"),
    *("compare", "benchmark", "models", "about"),
)
SETTLED = """() => document.querySelector("[data-testid=stApp]")?.dataset.testScriptState === "notRunning"
    && document.querySelector("[data-testid=stMain] h1") && !document.querySelector("[data-testid=stSkeleton]")"""
STILL = """() => document.getAnimations().every(one =>
    one.playState !== "running" || one.effect?.getTiming().iterations === Infinity)"""
"""Nothing fades in or out: what is half there is hard to read for a moment."""
PAPER = """() => getComputedStyle(document.querySelector("[data-testid=stApp]")).backgroundColor"""


GROUP = "bulk_labels"
A, B = (GROUP, ("CD14+ Monocyte",)), (GROUP, ("Dendritic",))
FEW = {"n_variable": 30, "tfs": ("IRF8", "SPI1", "HMGA1")}
CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}


def violations(page, **options) -> list[str]:
    """Return what breaks a rule on the page as it is now, but for what is Streamlit's."""
    found = Axe().run(page, options={"resultTypes": ["violations"], **options}).response["violations"]
    return [
        f"{rule['id']} {node['target']} {node['html'][:300]} {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
        if rule["id"] not in OF_STREAMLIT or OF_STREAMLIT[rule["id"]][0] not in node["html"]
    ]


def broken(page) -> list[str]:
    """Return what breaks a rule in the light appearance, and what is hard to read in the dark one."""
    page.wait_for_function(SETTLED)
    page.wait_for_function(STILL)
    found = [f"light: {text}" for text in violations(page)]
    light = page.evaluate(PAPER)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"light => ({PAPER})() !== light", arg=light)
    found += [f"dark: {text}" for text in violations(page, **CONTRAST)]
    page.emulate_media(color_scheme="light")
    return found


def as_lines(found: dict[str, list[str]]) -> str:
    return "\n".join(f"{name or 'home'}: {text}" for name, texts in found.items() for text in texts)


@pytest.mark.performance  # slow, and part of `make performance`
def test_no_page_breaks_a_rule(server, page):
    page.emulate_media(color_scheme="light")
    for seed in (41, 42):
        fabricate_run(seed=seed)
    found = {}
    for name in PAGES:
        page.goto(f"{server.url}/{name}")
        found[name] = broken(page)
    assert not any(found.values()), as_lines(found)


def finished(request: Request) -> str:
    """Compute what is asked in this process; return the id of the run."""
    store = RunStore()
    run_id = store.write_request(request)
    store.write_result(run_id, job_kind(request.kind).run(request, store.path(run_id), silent), whole=True)
    store.write_status(run_id, RunStatus("done", fraction=1.0))
    return run_id


def with_results() -> dict[str, str]:
    """Compute one run of each kind that a page of its own shows; what -> address of its page."""
    cells = datasets.load("pbmc68k")
    of = {"title": "Cells", "dataset_ref": cells.ref, "dataset_sha": cells.sha256}
    two = finished(GroupsRequest(**of, **FEW, a=A, b=B, permutations=20))
    every = finished(AllGroupsRequest(**of, **FEW, by=GROUP, best=50))
    activity = finished(ActivityRequest(**of, group=GROUP, a=A, b=B))
    change = finished(WhatIfRequest(**of, **FEW, changed=("SPI1",)))
    one, other = fabricate_run(seed=45, rare=True), fabricate_run(seed=46)
    return {
        "two groups": f"groups?groups_run={two}",
        "all groups": f"groups?groups_run={every}",
        "activity": f"activity?asked={activity}",
        "what if": f"what_if?asked={change}",
        "proposals": f"what_if?run={one}&propose=1",
        "compared": f"compare?runs={one},{other}&view=agreement",
        "nothing": "groups?groups_run=0123456789abcdef",
    }


@pytest.mark.performance
def test_nor_do_the_pages_of_results(server, page):
    page.emulate_media(color_scheme="light")
    found = {}
    for name, address in with_results().items():
        page.goto(f"{server.url}/{address}")
        found[name] = broken(page)
        assert not page.get_by_test_id("stException").count(), name
    assert not any(found.values()), as_lines(found)


OTHER_VIEWS = {
    "compare": ("evaluate", "view", "VIEWS", "agreement"),
    "benchmark": ("evaluate", "closer", "CLOSER", "table"),
    "targets": ("explore", "shown", "SHOWN", "table"),
}
"""Page -> its folder, its choice of views, what holds them in its source, and the one that another test here opens."""


def views_of(page: str) -> dict[str, str]:
    """Return the views of a page that no other test here opens, by what the address calls them."""
    folder, _, name, opened = OTHER_VIEWS[page]
    tree = ast.parse((ROOT / "pages" / folder / f"{page}.py").read_text(encoding="utf-8"))
    (views,) = [one.value for one in tree.body if isinstance(one, ast.Assign) and ast.unparse(one.targets[0]) == name]
    found = ast.literal_eval(views)
    del found[opened]
    return found


@pytest.mark.performance
def test_nor_does_any_other_view_of_a_page(server, page):
    page.emulate_media(color_scheme="light")
    one, other = fabricate_run(seed=47, rare=True), fabricate_run(seed=48)
    found = {}
    for name, (_, choice, *_) in OTHER_VIEWS.items():
        for view, label in views_of(name).items():
            page.goto(f"{server.url}/{name}?runs={one},{other}&run={one}&{choice}={view}")
            found[f"{name} {view}"] = broken(page)
            assert page.get_by_role("radio", name=label, checked=True).count(), view
            assert not page.get_by_test_id("stException").count(), view
    assert not any(found.values()), as_lines(found)


def picked(server, page, run: str, what: str) -> list[str]:
    page.goto(f"{server.url}/network?run={run}&{what}")
    drawn_network(page)
    page.locator(".st-key-network_panel h2").wait_for()
    return broken(page)


def test_neither_does_the_network_page_with_a_gene_picked(server, page):
    page.emulate_media(color_scheme="light")
    found = {"gene": picked(server, page, fabricate_run(seed=43), "gene=G02")}
    assert not any(found.values()), as_lines(found)


@pytest.mark.performance
def test_nor_with_an_edge_picked_or_a_menu_open(server, page):
    page.emulate_media(color_scheme="light")
    found = {"edge": picked(server, page, fabricate_run(seed=44), "edge=G00,G07")}
    for menu in ("Filters", "Look", "Path", "Download"):
        page.get_by_role("button", name=menu, exact=True).click()
        page.get_by_test_id("stPopoverBody").wait_for()
        found[menu] = broken(page)
        page.keyboard.press("Escape")
        page.get_by_test_id("stPopoverBody").wait_for(state="detached")
    assert not any(found.values()), as_lines(found)
