"""One HTML file that draws the network in any browser, with no network connection and without this program."""

from __future__ import annotations

import json
import re
from html import escape
from importlib.resources import files
from pathlib import Path

from grn_core.assets import asset
from grn_core.networks.colours import ACTIVATION, NEUTRAL, REPRESSION
from grn_core.networks.drawing import description, legend, network_data
from grn_core.networks.exports.drawn import drawn
from grn_core.networks.exports.records import Export, Network

TITLE = "Gene regulatory network"


def write(network: Network) -> bytes:
    """Write a page with the script of the app's own drawing, and the edges as data within it.

    Raises
    ------
    RequestError
        It has too many edges for a drawing, see `grn_core.networks.exports.drawn.drawn`.
    """
    graph, positions = drawn(network)
    data = {
        **network_data(graph, dict(positions)),
        "version": TITLE,
        "picked": None,
        "colours": {"activation": ACTIVATION, "repression": REPRESSION, "unsigned": NEUTRAL},
        "legend": legend(graph),
        "description": description(graph),
    }
    parts = {
        "TITLE": TITLE,
        "DESCRIPTION": escape(description(graph)),
        "DRAWING": _asset("network", "drawing.html"),
        "STYLE": _asset("network", "drawing.css"),
        "LIBRARY": vis_network(),
        "SCRIPT": drawing_script().replace("export default function (component)", "function show(component)"),
        "DATA": in_script(data),
    }
    page = re.sub(r"<!--([A-Z]+)-->", lambda found: parts[found[1]], _asset("standalone.html"))
    return page.encode("utf-8")


def vis_network() -> str:
    """Return the script of vis-network, out of the installed pyvis."""
    folder = Path(str(files("pyvis")))
    return (folder / "lib" / "vis-9.1.2" / "vis-network.min.js").read_text(encoding="utf-8")


def drawing_script() -> str:
    """Return the script that draws a network with vis-network: its parts, in the order of their numbers."""
    parts = sorted(asset("network").glob("*.js"))
    return "\n".join(part.read_text(encoding="utf-8") for part in parts)


def in_script(data: object) -> str:
    """Return data as JSON that ends neither the script that it stands in nor one of its lines."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False)
    for one in "<>&\u2028\u2029":
        text = text.replace(one, f"\\u{ord(one):04x}")
    return text


def _asset(*parts: str) -> str:
    return asset(*parts).read_text(encoding="utf-8")


RECORD = Export("html", "Drawing to click (HTML, one file)", ".html", "text/html", write, is_drawing=True)
