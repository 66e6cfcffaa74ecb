"""Measure the library that draws the network beside two others, on the same 1,500 edges in Chromium.

Usage, in the checkout: ``python -m scripts.measure_drawing``; it needs Chromium and npm, and fetches sigma.js,
graphology and cytoscape.js into a temporary folder. The result is ``assets/drawing.json``, from which ``make docs``
writes the table of docs/performance.md. vis-network is measured as it is used here, names of genes included.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from grn_core import networks
from grn_core.assets import asset
from grn_core.networks.colours import ACTIVATION, NEUTRAL, REPRESSION
from grn_core.networks.exports.standalone import drawing_script, in_script, vis_network

if TYPE_CHECKING:
    from playwright.sync_api import Page

CHROMIUM = "/usr/bin/chromium"
PACKAGES = {"sigma": "3.0.3", "graphology": "0.26.0", "cytoscape": "3.35.0"}
EDGES, TFS, GENES = 1500, 60, 500
REPEATS = int(os.environ.get("REPEATS", "20"))
OUT = asset() / "drawing.json"
HERE = Path(__file__).resolve().parent / "drawing"


def graph_data(seed: int) -> dict[str, Any]:
    """Return a drawing of 1,500 edges as the page sends it; another `seed` keeps the genes and draws other edges."""
    generator = np.random.default_rng(seed)
    tf = generator.zipf(1.6, size=8 * EDGES) % TFS
    target = TFS + generator.integers(0, GENES - TFS, size=len(tf))
    pairs = pd.DataFrame({"a": tf, "b": target}).drop_duplicates().head(EDGES)
    names = np.array([f"GENE{place:03d}" for place in range(GENES)], dtype=object)
    edges = pd.DataFrame({"source": names[pairs["a"]], "target": names[pairs["b"]]})
    edges = edges.assign(score=np.linspace(3, 0, len(edges)), sign=generator.choice([1, -1], size=len(edges)))
    graph = networks.build_graph(edges, max_edges=EDGES)
    return {
        **networks.network_data(graph, networks.layout(graph, aspect=1.9)),
        "version": f"{seed}",
        "layout": "force",
        "picked": None,
        "fills": True,
        "colours": {"activation": ACTIVATION, "repression": REPRESSION, "unsigned": NEUTRAL},
        "legend": networks.legend(graph),
        "description": networks.description(graph),
    }


def scripts_of(name: str, modules: Path) -> list[str]:
    """Return the scripts of one library and of the way in which it is used."""
    adapter = (HERE / f"{name}.js").read_text(encoding="utf-8")
    if name == "vis-network":
        ours = drawing_script().replace("export default function (component)", "function show(component)")
        return [vis_network(), f"{ours}\n{adapter}"]
    files = {"sigma.js": ("graphology/dist/graphology.umd.min.js", "sigma/dist/sigma.min.js")}
    files["cytoscape.js"] = ("cytoscape/dist/cytoscape.min.js",)
    return [*((modules / one).read_text(encoding="utf-8") for one in files[name]), adapter]


def page_of(name: str, modules: Path, datas: list[dict[str, Any]]) -> str:
    """Return a page with one library, its data, and the measuring."""
    scripts = [*scripts_of(name, modules), f"const DATA = {in_script(datas)};", _text(HERE / "measure.js")]
    body = _text(asset("network", "drawing.html")) if name == "vis-network" else '<div id="stage"></div>'
    style = _text(asset("network", "drawing.css")) + "#stage, .stage { width: 1300px; height: 700px !important; }"
    parts = "\n".join("<script>" + one.replace("</script", "<\\/script") + "</script>" for one in scripts)
    return f"<!doctype html><meta charset=utf-8><style>{style}</style><body><div id=root>{body}</div>{parts}"


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def measured(page: Page, address: str) -> dict[str, float]:
    """Return the medians of one library: seconds to open, redraw and pick, frames a second while zooming."""
    found: dict[str, list[float]] = {}
    for turn in range(REPEATS):
        page.goto(address)
        for name, value in page.evaluate("turn => measure(turn)", turn).items():
            found.setdefault(name, []).append(value)
    return {name: statistics.median(values) for name, values in found.items()}


def machine() -> str:
    """Say on what it was measured, and how busy that was."""
    cores, load = os.cpu_count() or 1, os.getloadavg()[0]
    return f"{cores} cores, Chromium without a graphics processor, {load:.0f} processes at work on average."


def main() -> int:
    """Measure and write."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    from playwright.sync_api import sync_playwright

    datas = [graph_data(1), graph_data(2)]
    rows = []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        wanted = [f"{name}@{version}" for name, version in PACKAGES.items()]
        install = ["npm", "install", "--prefix", folder, "--no-audit", "--no-fund", "--ignore-scripts", *wanted]
        subprocess.run(install, check=True, stdout=subprocess.DEVNULL)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for name in ("vis-network", "sigma.js", "cytoscape.js"):
            path = Path(folder) / f"{name}.html"
            path.write_text(page_of(name, Path(folder) / "node_modules", datas), encoding="utf-8")
            size = sum(len(one) for one in scripts_of(name, Path(folder) / "node_modules")[:-1])
            page = browser.new_page(viewport={"width": 1400, "height": 900})
            rows.append({"library": name, "bytes": size, **measured(page, path.as_uri())})
            print(json.dumps(rows[-1]), flush=True)
            page.close()
        browser.close()
    found = {"edges": EDGES, "repeats": REPEATS, "machine": machine(), "rows": rows}
    OUT.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
