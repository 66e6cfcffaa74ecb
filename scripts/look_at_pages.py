"""Open every page at three widths, light and dark, full, empty and failing; keep pictures, and what is told of them.

Usage, in the checkout: ``python -m scripts.look_at_pages build/pages``; ``--widths 390 --themes dark --states failing
--pages groups,what_if`` for a part. Needs playwright and Chromium (see docs/development.md). Of each page and state one
picture of all that it shows, and one sheet of all pages for each width, theme and state. A line a page says what a look
may miss: an exception, an error in the console, what scrolls sideways, letters that are cut.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grn_core.runs import RunInfo, RunStatus, RunStore
from scripts.make_screenshots import CHROMIUM, ROOT, running_app

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

HEIGHTS = {1440: 900, 1024: 768, 390: 844}
THEMES = ("light", "dark")
STATES = ("full", "empty", "failing")
SCREENS = 5
"""So many windows of a page are looked at, from the top."""
COLUMNS, THUMB = 4, 480
A, B = "bulk_labels=CD14+ Monocyte", "bulk_labels=Dendritic"
WORK = (
    ("infer", "pbmc68k", "-o", "{folder}/edges.tsv"),
    ("infer", "pbmc68k", "--method", "pearson", "-o", "{folder}/pearson.tsv"),
    ("groups", "pbmc68k", "--a", A, "--b", B, "--permutations", "100", "-o", "{folder}/groups.tsv"),
    ("groups", "pbmc68k", "--all", "--by", "bulk_labels", "--n-variable", "100", "-o", "{folder}/all.tsv"),
    ("activity", "pbmc68k", "--group", "bulk_labels", "--a", A, "--b", B, "-o", "{folder}/activity.tsv"),
    ("what-if", "pbmc68k", "--tf", "SPI1", "-o", "{folder}/what-if.tsv"),
)
"""Commands that fill a data folder with one run of each kind that a page shows."""
TWO = "a_by=bulk_labels&a_in=CD14%2B%20Monocyte&b_by=bulk_labels&b_in=Dendritic"
NOBODY = "0123456789abcdef"
SETTLED = """() => document.querySelector("[data-testid=stApp]")?.dataset.testScriptState === "notRunning"
    && document.querySelector("[data-testid=stMain] h1") && !document.querySelector("[data-testid=stSkeleton]")"""
SIDEWAYS = """() => { const main = document.querySelector("[data-testid=stMain]");
    return Math.max(main.scrollWidth - main.clientWidth, document.documentElement.scrollWidth - innerWidth) }"""
CUT = """() => [...document.querySelectorAll("[data-testid=stMain] *")].filter(part =>
    part.childElementCount === 0 && part.textContent.trim() && part.scrollWidth > part.clientWidth + 1
    && part.clientWidth > 0 && getComputedStyle(part).overflowX !== "visible").map(part => part.textContent.trim())"""


def fill(home: Path) -> None:
    """Compute one run of each kind."""
    for words in WORK:
        line = [word.format(folder=home.parent) for word in words]
        subprocess.run([sys.executable, "-m", "grn_core", *line, "--home", str(home)], cwd=ROOT, check=True)


def runs_of(home: Path) -> dict[str, RunInfo]:
    """Return the newest run of each kind."""
    return {info.request.kind: info for info in reversed(RunStore(home / "runs").list_runs())}


def full(home: Path) -> dict[str, str]:
    """Name of a picture -> address of a page that has something to show."""
    ids = {kind: info.run_id for kind, info in runs_of(home).items()}
    edges = RunStore(home / "runs").edges(ids["infer"])
    tf, target = edges["source"].iloc[0], edges["target"].iloc[0]
    return {
        "home": "",
        "dataset": f"dataset?dataset=pbmc68k&colour=bulk_labels&{TWO}",
        "infer": f"infer?run={ids['infer']}",
        "network": f"network?run={ids['infer']}",
        "network-edge": f"network?run={ids['infer']}&edge={tf},{target}",
        "network-cells": f"network?run={ids['coexpression']}&gene={tf}",
        "targets": f"targets?run={ids['infer']}",
        "activity": f"activity?dataset=pbmc68k&by=bulk_labels&{TWO}",
        "groups": f"groups?groups_run={ids['groups']}",
        "groups-all": f"groups?groups_run={ids['all-groups']}",
        "groups-form": f"groups?dataset=pbmc68k&{TWO}&permutations=50",
        "what_if": f"what_if?asked={ids['what-if']}",
        "what_if-propose": f"what_if?run={ids['infer']}&propose=1",
        "compare": f"compare?runs={ids['infer']},{ids['coexpression']}",
        "compare-reference": f"compare?runs={ids['infer']},{ids['coexpression']}&view=reference",
        "benchmark": "benchmark",
        "models": "models",
        "about": "about",
    }


def empty(home: Path) -> dict[str, str]:  # noqa: ARG001 - there is nothing in it
    """Name of a picture -> address of a page on the first day."""
    names = ("dataset", "infer", "network", "targets", "activity", "groups", "what_if", "compare", "benchmark")
    return {"home": "", **{name: name for name in (*names, "models", "about")}}


def failing(home: Path) -> dict[str, str]:
    """Damage the runs; name of a picture -> address of a page that cannot show what it is asked for."""
    store, runs = RunStore(home / "runs"), runs_of(home)
    wrong = {"found": "the model asked for more memory than there is", "needed": "fewer genes", "todo": "ask again"}
    for kind in ("infer", "groups"):
        store.write_status(runs[kind].run_id, RunStatus("failed", message=wrong["found"], error=wrong))
    for kind in ("coexpression", "activity", "what-if", "all-groups"):
        for path in sorted(store.path(runs[kind].run_id).rglob("*.parquet")):
            path.write_bytes(path.read_bytes()[:-40])
    ids = {kind: info.run_id for kind, info in runs.items()}
    return {
        "home": "",
        "dataset": "dataset?dataset=upload%3Anobody",
        "dataset-foreign": "dataset?dataset=pbmc68k",
        "infer": f"infer?run={ids['infer']}",
        "infer-unknown": f"infer?run={NOBODY}",
        "network": f"network?run={ids['infer']}",
        "network-damaged": f"network?run={ids['coexpression']}",
        "network-unknown": f"network?run={NOBODY}&gene=NOBODY1",
        "targets-unknown": f"targets?run={NOBODY}&tf=NOBODY1",
        "activity-damaged": f"activity?dataset=pbmc68k&by=bulk_labels&{TWO}",
        "activity-unknown": "activity?dataset=nobody",
        "groups": f"groups?groups_run={ids['groups']}",
        "groups-damaged": f"groups?groups_run={ids['all-groups']}",
        "groups-unknown": f"groups?groups_run={NOBODY}&dataset=pbmc68k&a_by=nothing&a_in=NOBODY",
        "what_if-damaged": f"what_if?asked={ids['what-if']}",
        "what_if-unknown": f"what_if?asked={NOBODY}&changed=NOBODY1",
        "compare-unknown": f"compare?runs={NOBODY},{ids['coexpression']}",
        "benchmark-unknown": "benchmark?results=nobody&bench_suite=nobody",
        "models": "models",
        "about": "about",
    }


def open_page(page: Page, url: str) -> None:
    """Open a page and wait until it stands still."""
    page.goto(url)
    page.wait_for_function(SETTLED, timeout=120_000)
    page.wait_for_timeout(1500)  # figures move into their places
    page.wait_for_function(SETTLED, timeout=120_000)


def whole(page: Page, path: Path) -> None:
    """Keep a picture of all that the page shows, window under window."""
    from PIL import Image

    main = page.get_by_test_id("stMain")
    high, window = main.evaluate("main => [main.scrollHeight, main.clientHeight]")
    parts = []
    for place in range(min(SCREENS, -(-high // window))):
        main.evaluate("(main, top) => main.scrollTo({top, behavior: 'instant'})", place * window)
        page.wait_for_timeout(200)
        page.screenshot(path=path)
        with Image.open(path) as picture:
            parts.append(picture.convert("RGB"))
    sheet(parts, columns=1, width=parts[0].width).save(path)


def sheet(pictures: list[Any], *, columns: int, width: int) -> Any:
    """Return pictures side by side and in rows, each `width` pixels wide."""
    from PIL import Image

    small = [one.resize((width, one.height * width // one.width)) for one in pictures]
    rows = [small[first : first + columns] for first in range(0, len(small), columns)]
    heights = [max(one.height for one in row) for row in rows]
    found = Image.new("RGB", (width * min(columns, len(small)), sum(heights)), "grey")
    for n, row in enumerate(rows):
        for place, one in enumerate(row):
            found.paste(one, (place * width, sum(heights[:n])))
    return found


def looked_at(browser: Browser, url: str, addresses: dict[str, str], *, width: int, theme: Any) -> Iterator[Any]:
    """Open the pages; give name, the page as it stands, and what was told of it."""
    context = browser.new_context(viewport={"width": width, "height": HEIGHTS[width]}, color_scheme=theme)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda told: errors.append(told.text) if told.type == "error" else None)
    for name, address in addresses.items():
        errors.clear()
        open_page(page, f"{url}/{address}")
        if name == "dataset-foreign":
            file = {"name": "letter.h5ad", "mimeType": "text/plain", "buffer": b"no matrix"}
            page.locator("input[type=file]").first.set_input_files(file)
            page.wait_for_timeout(3000)
            page.wait_for_function(SETTLED)
        told = {
            "exceptions": page.get_by_test_id("stException").count(),
            "sideways": page.evaluate(SIDEWAYS),
            "cut": page.evaluate(CUT),
            "console": [text for text in errors if "_stcore" not in text and "404" not in text],
        }
        yield name, page, told
    context.close()


def main() -> int:
    """Look at the pages; 1 where a page scrolls sideways or ends in an exception."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--widths", type=lambda text: [int(one) for one in text.split(",")], default=list(HEIGHTS))
    for name, usual in (("themes", THEMES), ("states", STATES), ("pages", ())):
        parser.add_argument(f"--{name}", type=lambda text: tuple(text.split(",")), default=usual)
    parser.add_argument("--home", type=Path, help="a data folder that is full already; default: a new one is filled")
    asked = parser.parse_args()
    from PIL import Image
    from playwright.sync_api import sync_playwright

    asked.folder.mkdir(parents=True, exist_ok=True)
    faults = 0
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        filled = asked.home or Path(scratch) / "home"
        if not (filled / "runs").is_dir() and set(asked.states) != {"empty"}:
            fill(filled)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for state in asked.states:
            home = filled if state == "full" else Path(scratch) / state
            if state == "failing":
                shutil.copytree(filled, home)
            addresses = {"full": full, "empty": empty, "failing": failing}[state](home)
            wanted = {name: to for name, to in addresses.items() if not asked.pages or name.startswith(asked.pages)}
            with running_app(home) as url:
                for width, theme in ((width, theme) for width in asked.widths for theme in asked.themes):
                    pictures = []
                    for name, page, told in looked_at(browser, url, wanted, width=width, theme=theme):
                        path = asked.folder / f"{state}-{width}-{theme}-{name}.png"
                        whole(page, path)
                        with Image.open(path) as picture:
                            pictures.append(picture.copy())
                        wrong = {what: found for what, found in told.items() if found}
                        faults += bool(told["exceptions"] or told["sideways"])
                        print(f"{state} {width} {theme} {name}: {wrong or 'nothing'}", flush=True)
                    made = sheet(pictures, columns=COLUMNS, width=min(width, THUMB))
                    made.save(asked.folder / f"sheet-{state}-{width}-{theme}.png")
        browser.close()
    return int(faults > 0)


if __name__ == "__main__":
    sys.exit(main())
