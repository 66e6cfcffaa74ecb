"""Pictures for a figure or a talk: SVG and PDF with real text, and PNG."""

from __future__ import annotations

import io
import warnings
from functools import partial
from typing import TYPE_CHECKING, Any

from grn_core.networks.colours import SIGN_COLOURS
from grn_core.networks.drawing import legend
from grn_core.networks.exports.drawn import drawn
from grn_core.networks.exports.records import Export, Network
from grn_core.networks.selection import shares

if TYPE_CHECKING:
    import networkx as nx
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INCHES = 0.62
"""Between typical neighbours."""
SMALLEST, DOTS_PER_INCH, MOST_DOTS = 3.0, 200, 8000
TF_FILL, TARGET_FILL, INK = "#0f766e", "#8a949c", "#222222"
FONT = "DejaVu Sans"  # comes with matplotlib
RESERVED = {"svg": {"Date": None}, "pdf": {"CreationDate": None, "ModDate": None}, "png": {}}
"""What would differ from day to day is not written: the same network, the same bytes."""


def write(network: Network, *, kind: str) -> bytes:
    """Draw a network as on the page: TFs as boxes, other genes as dots, edges in the colour of their sign.

    Raises
    ------
    RequestError
        It has too many edges for a drawing, see `grn_core.networks.exports.drawn.drawn`.
    """
    import matplotlib as mpl

    options: Any = {"svg.fonttype": "none", "svg.hashsalt": "grn", "pdf.fonttype": 42, "text.parse_math": False}
    with mpl.rc_context({**options, "font.family": FONT}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # an empty box in PNG and PDF; SVG keeps the name
        figure = _figure(network)
        dots = min(DOTS_PER_INCH, int(MOST_DOTS / max(figure.get_size_inches())))
        buffer = io.BytesIO()
        figure.savefig(buffer, format=kind, dpi=dots, facecolor="white", metadata=RESERVED[kind])
    return buffer.getvalue()


def _figure(network: Network) -> Figure:
    from matplotlib.figure import Figure

    graph, positions = drawn(network)
    columns = list(zip(*positions.values(), strict=True)) if positions else [(0.0,), (0.0,)]
    low, high = ([how(column) for column in columns] for how in (min, max))
    extent = [(b - a + 1.6) * INCHES for a, b in zip(low, high, strict=True)]
    figure = Figure(figsize=(max(extent[0], SMALLEST), max(extent[1], SMALLEST) + 0.4))
    axes = figure.add_axes((0, 0, 1, 1 - 0.4 / figure.get_size_inches()[1]))
    axes.set_axis_off()
    axes.set_aspect("equal", adjustable="box")
    axes.set_xlim(low[0] - 0.8, high[0] + 0.8)
    axes.set_ylim(low[1] - 0.8, high[1] + 0.8)
    _edges(axes, graph, dict(positions))
    _genes(axes, graph, dict(positions))
    _legend(figure, graph)
    return figure


def _edges(axes: Axes, graph: nx.DiGraph[str], positions: dict[str, tuple[float, float]]) -> None:
    from matplotlib.patches import FancyArrowPatch

    edges = graph.graph["selection"].edges
    share = dict(zip(zip(edges["source"], edges["target"], strict=True), shares(edges), strict=True))
    directed = bool(graph.graph["directed"])
    signed = any(data["sign"] for *_, data in graph.edges(data=True))
    done: set[tuple[str, str]] = set()
    for source, target, data in graph.edges(data=True):
        if not directed and (target, source) in done:
            continue
        done.add((source, target))
        both = directed and graph.has_edge(target, source)
        sign = int(data["sign"])
        axes.add_patch(
            FancyArrowPatch(
                positions[source],
                positions[target],
                arrowstyle=_head(sign, directed=directed, signed=signed),
                connectionstyle="arc3,rad=0.15" if both else "arc3",
                linestyle="--" if not directed and sign < 0 else "-",
                linewidth=0.3 + 1.2 * float(share[source, target]) ** 2,
                color=SIGN_COLOURS[sign],
                alpha=0.85,
                shrinkA=7,
                shrinkB=9 if graph.nodes[target]["is_tf"] else 6,
                zorder=1,
            )
        )


def _head(sign: int, *, directed: bool, signed: bool) -> str:
    """Return the head of an edge; the network has signs at all if `signed`."""
    if not directed or (signed and sign == 0):
        return "-"
    return "|-|,widthA=0,widthB=2.2" if sign < 0 else "-|>,head_length=3.4,head_width=1.7"


def _genes(axes: Axes, graph: nx.DiGraph[str], positions: dict[str, tuple[float, float]]) -> None:
    under = {"boxstyle": "square,pad=0.06", "facecolor": "white", "edgecolor": "none", "alpha": 0.7}
    for gene, is_tf in graph.nodes(data="is_tf"):
        x, y = positions[gene]
        if is_tf:
            box = {"boxstyle": "round,pad=0.25", "facecolor": TF_FILL, "edgecolor": "none"}
            text = axes.text(x, y, gene, fontsize=7.5, color="white", ha="center", va="center", bbox=box)
        else:
            axes.plot([x], [y], "o", markersize=4, color=TARGET_FILL, zorder=2)
            text = axes.annotate(
                gene,
                (x, y),
                (0, -4),
                textcoords="offset points",
                fontsize=6,
                color=INK,
                ha="center",
                va="top",
                bbox=under,
            )
        text.set_parse_math(False)
        text.set_zorder(3)


def _legend(figure: Figure, graph: nx.DiGraph[str]) -> None:
    from matplotlib.lines import Line2D

    said = legend(graph)
    entries = [
        (Line2D([], [], marker="s", linestyle="", color=TF_FILL, markersize=7), "TF"),
        (Line2D([], [], marker="o", linestyle="", color=TARGET_FILL, markersize=5), "other gene"),
    ]
    shown: Any = said["signs"]
    for sign, word in ((1, "activation"), (-1, "repression"), (0, "unsigned")):
        if word in shown:
            style: Any = "--" if sign < 0 and not said["directed"] else "-"
            entries.append((Line2D([], [], color=SIGN_COLOURS[sign], linestyle=style), str(shown[word])))
    if said["thicker"]:
        entries.append((Line2D([], [], color=SIGN_COLOURS[0], linewidth=2.2), f"thicker: {said['thicker']}"))
    handles, labels = zip(*entries, strict=True)
    figure.legend(handles, labels, loc="upper left", ncols=len(entries), fontsize=7, frameon=False, columnspacing=1.2)


def _record(kind: str, title: str, mime: str) -> Export:
    return Export(kind, title, f".{kind}", mime, partial(write, kind=kind), is_drawing=True)


SVG = _record("svg", "Picture (SVG: Inkscape, Illustrator)", "image/svg+xml")
PDF = _record("pdf", "Picture (PDF)", "application/pdf")
PNG = _record("png", "Picture (PNG)", "image/png")
