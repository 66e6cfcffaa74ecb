"""Whatever stands in the address of a page, the page is shown: what names nothing counts as absent, or that is said."""

from __future__ import annotations

import pytest

from tests.pages.app import open_page, text_of
from tests.pages.fabricated_run import fabricate_run
from tests.pages.test_visitors import PAGES, parameters

pytestmark = pytest.mark.usefixtures("paper_models", "no_worker")
GARBAGE = (
    "",
    ",,%2C%25%",
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "-1",
    "1e999",
    "nan",
    "9" * 5000,
    "x" * 5000,
    "\x00\u202e\u200b\u65e5\u0661",
    "f" * 16,
    "{{7*7}}[]()*_`$x$:red[y]",
)
"""Long, of no script, markup, paths, numbers that are none or too large, and the id of a run that is not there."""


@pytest.mark.parametrize("page", PAGES)
def test_no_address_breaks_a_page(page):
    word = GARBAGE[PAGES.index(page) % len(GARBAGE)]
    app = open_page(page, **(dict.fromkeys(parameters(), word) | {"dataset": "pbmc68k", "run": fabricate_run(seed=1)}))
    assert "Traceback" not in text_of(app)


@pytest.mark.thorough
@pytest.mark.parametrize("word", GARBAGE, ids=range(len(GARBAGE)))
@pytest.mark.parametrize("page", PAGES)
def test_nor_does_any_other(page, word):
    run = fabricate_run(seed=1)
    for known in ({}, {"run": run}, {"dataset": "pbmc68k", "run": run, "runs": f"{run},{run}"}):
        open_page(page, **(dict.fromkeys(parameters(), word) | known))
